-- Shows whose schedule puts seats back on sale now, and those whose schedule was taken off.
-- $1 limit int → show_id
SELECT show_id FROM show.shows
WHERE (rerelease IS NOT NULL OR rerelease_off_at IS NOT NULL) AND closed_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL
	AND sales_close_at > statement_timestamp()
	AND (rerelease IS NULL OR show.rerelease_moment(rerelease, sales_open_at, statement_timestamp()) > coalesce(rereleased_at, '-infinity'))
ORDER BY rereleased_at NULLS FIRST, show_id LIMIT $1::int
