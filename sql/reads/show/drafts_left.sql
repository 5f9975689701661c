-- Drafts of shows whose request ended long ago. $1 age in s, $2 limit, $3 show behind which → show_id
SELECT show_id FROM show.shows
WHERE published_at IS NULL AND created_at <= statement_timestamp() - make_interval(secs => $1::int) AND show_id > $3::int
ORDER BY show_id LIMIT $2::int
