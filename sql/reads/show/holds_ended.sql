-- Holds that ended `age_days` ago, the oldest first.
-- $1 age_days int, $2 limit int → show_id, hold_id
SELECT show_id, hold_id FROM show.holds
WHERE ended_at > '-infinity' AND ended_at <= statement_timestamp() - make_interval(days => $1::int)
ORDER BY ended_at LIMIT $2::int
