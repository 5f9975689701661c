-- Shows with answers that have been kept for `age_s` seconds, found among the oldest `rows`.
-- $1 age_s int, $2 rows int → show_id
SELECT DISTINCT show_id FROM (SELECT show_id FROM show.idempotency
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int) AND status IS NOT NULL
	ORDER BY created_at LIMIT $2::int) AS oldest
