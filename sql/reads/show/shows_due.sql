-- Shows whose state the clock has changed without a record yet.
-- $1 limit int → show_id
WITH opens AS (
	SELECT show_id FROM show.shows
	WHERE opened_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL AND sales_open_at <= statement_timestamp()
	ORDER BY sales_open_at LIMIT $1::int),
closes AS (
	SELECT show_id FROM show.shows
	WHERE closed_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL AND sales_close_at <= statement_timestamp()
	ORDER BY sales_close_at LIMIT $1::int),
ends AS (
	SELECT show_id FROM show.shows
	WHERE ended_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL
		AND util.midnight_after(ends_at, hall #>> '{venue,time_zone}') <= statement_timestamp()
	ORDER BY util.midnight_after(ends_at, hall #>> '{venue,time_zone}') LIMIT $1::int)
SELECT show_id FROM opens UNION SELECT show_id FROM closes UNION SELECT show_id FROM ends LIMIT $1::int
