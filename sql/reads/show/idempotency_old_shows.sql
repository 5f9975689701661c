-- Shows with answers that were kept long enough. $1 age in s, $2 how many rows to look at → show_id
SELECT DISTINCT show_id FROM (SELECT show_id FROM show.idempotency
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int) AND status IS NOT NULL
	ORDER BY created_at LIMIT $2::int) AS oldest
