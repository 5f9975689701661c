-- One show with its grades.
-- $1 show_id int → columns of a show, grades
SELECT s.show_id AS id, s.event_id, e.title AS event_title, s.hall, util.unix(s.starts_at) AS starts_at, util.unix(s.ends_at) AS ends_at,
	util.unix(s.sales_open_at) AS sales_open_at, util.unix(s.sales_close_at) AS sales_close_at,
	util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, clock_timestamp()) AS state,
	s.currency, s.capacity, s.seats_left, s.layout_id, s.hold_seconds, s.max_seats_per_user,
	(s.rerelease ->> 'every_s')::int AS rerelease_every_s, (s.rerelease ->> 'at')::bigint AS rerelease_at,
	(SELECT json_agg(json_build_object('code', g.code, 'name', g.name, 'price', g.price, 'capacity', g.capacity,
			'seats_left', g.seats_left) ORDER BY g.price DESC, g.code)
		FROM listing.grades AS g WHERE g.show_id = s.show_id) AS grades
FROM listing.shows AS s JOIN directory.events AS e USING (event_id) WHERE s.show_id = $1::int
