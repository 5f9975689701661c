-- Drafts of shows whose request ended long ago, oldest first. $1 age in s, $2 limit → show_id
SELECT show_id FROM show.shows
WHERE published_at IS NULL AND created_at <= clock_timestamp() - make_interval(secs => $1::int)
ORDER BY created_at LIMIT $2::int
