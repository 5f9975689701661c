-- Shows of an event by (starts_at, id). Day (at the venue) null: any. Key null: from the first.
-- $1 event_id int, $2 day date, $3 above_at bigint or null, $4 above_id int or null, $5 limit int → columns of a show
SELECT s.show_id AS id, s.event_id, e.title AS event_title, s.hall, util.unix(s.starts_at) AS starts_at, util.unix(s.ends_at) AS ends_at,
	util.unix(s.sales_open_at) AS sales_open_at, util.unix(s.sales_close_at) AS sales_close_at,
	util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, clock_timestamp()) AS state,
	s.currency, s.capacity, s.seats_left, s.layout_id, s.hold_seconds, s.max_seats_per_user,
	(s.rerelease ->> 'every_s')::int AS rerelease_every_s, (s.rerelease ->> 'at')::bigint AS rerelease_at
FROM listing.shows AS s JOIN directory.events AS e USING (event_id)
WHERE s.event_id = $1::int AND ($2::date IS NULL OR s.local_date = $2::date)
	-- The times at which a show of that day can start. Of two lower bounds, the index may begin at the lower.
	AND s.starts_at < coalesce(($2::date + interval '36 h') AT TIME ZONE 'UTC', 'infinity')
	AND (s.starts_at, s.show_id) > (greatest(to_timestamp($3::bigint), ($2::date - interval '14 h') AT TIME ZONE 'UTC', '-infinity'),
		CASE WHEN to_timestamp($3::bigint) < ($2::date - interval '14 h') AT TIME ZONE 'UTC' THEN 0 ELSE coalesce($4::int, 0) END)
ORDER BY s.starts_at, s.show_id LIMIT $5::int
