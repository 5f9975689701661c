-- Shows that ended `age_days` ago and whose unpaid holds have not been pruned, the oldest first.
-- $1 age_days int, $2 limit int → show_id
SELECT show_id FROM show.shows
WHERE holds_left IS NOT NULL AND ends_at <= statement_timestamp() - make_interval(days => $1::int)
ORDER BY ends_at LIMIT $2::int
