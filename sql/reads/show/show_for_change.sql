-- The facts that a change of a show needs: times in Unix s, prices as [{code, price}].
-- $1 show_id int → event_id, hall_id, layout_id, currency, starts_at, ends_at, sales_open_at, sales_close_at, revision, state, rerelease_at, grades
SELECT s.event_id, (s.hall ->> 'id')::int AS hall_id, s.layout_id, s.currency, util.unix(s.starts_at) AS starts_at,
	util.unix(s.ends_at) AS ends_at, util.unix(s.sales_open_at) AS sales_open_at, util.unix(s.sales_close_at) AS sales_close_at,
	s.revision, util.show_state(s.cancelled_at IS NOT NULL, s.sales_open_at, s.sales_close_at, clock_timestamp()) AS state,
	(s.rerelease ->> 'at')::bigint AS rerelease_at,
	(SELECT json_agg(json_build_object('code', g.code, 'price', g.price) ORDER BY g.code) FROM show.grades AS g
		WHERE g.show_id = s.show_id) AS grades
FROM show.shows AS s WHERE s.show_id = $1::int AND s.published_at IS NOT NULL
