-- Drafts of shows whose request ended `age_s` seconds ago.
-- $1 age_s int, $2 limit int, $3 above_show_id int → show_id, is_over
SELECT show_id, starts_at <= statement_timestamp() AS is_over FROM show.shows
WHERE published_at IS NULL AND created_at <= statement_timestamp() - make_interval(secs => $1::int) AND show_id > $3::int
ORDER BY show_id LIMIT $2::int
