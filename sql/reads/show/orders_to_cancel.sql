-- Paid orders of cancelled shows whose tickets are still live, after a show and a seat. seat_no is the last seat of the order that
-- this read examined.
-- $1 tickets int, $2 show_id int, $3 seat_no int → show_id, order_id, seat_no
SELECT t.show_id, t.order_id, max(t.seat_no) AS seat_no
FROM (SELECT l.show_id, l.order_id, l.seat_no FROM show.shows AS s CROSS JOIN LATERAL (SELECT t.show_id, t.order_id, t.seat_no
		FROM show.tickets AS t WHERE t.show_id = s.show_id AND t.state <> 'void'
			AND (t.show_id, t.seat_no) > ($2::int, $3::int) ORDER BY t.seat_no LIMIT $1::int) AS l
	WHERE s.cancelled_at IS NOT NULL AND s.show_id >= $2::int ORDER BY l.show_id, l.seat_no LIMIT $1::int) AS t
GROUP BY t.show_id, t.order_id ORDER BY t.show_id, seat_no
