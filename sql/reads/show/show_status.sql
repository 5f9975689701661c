-- For operators: the state of a show and the number of refunds that it still owes.
-- $1 show_id int → state, refunds_left
SELECT util.show_state(s.cancelled_at IS NOT NULL, s.sales_open_at, s.sales_close_at, clock_timestamp()) AS state,
	CASE WHEN s.cancelled_at IS NULL THEN (SELECT count(*) FROM show.refunds_due AS d WHERE d.show_id = s.show_id)
		ELSE show.refunds_left(s.show_id) END AS refunds_left
FROM show.shows AS s WHERE s.show_id = $1::int AND s.published_at IS NOT NULL
