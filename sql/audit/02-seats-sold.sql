-- A seat is sold exactly when it has a live ticket, of the order of the hold that it carries.
WITH bad AS (
	SELECT format('show %s seat %s is %s with hold %s, its live ticket has hold %s', coalesce(s.show_id, t.show_id),
		coalesce(s.seat_no, t.seat_no), s.state, s.hold_id, o.hold_id) AS example
	FROM (SELECT * FROM show.seats WHERE state = 'sold') AS s
	FULL JOIN (SELECT * FROM show.tickets WHERE state <> 'void') AS t USING (show_id, seat_no)
	LEFT JOIN show.orders AS o ON o.show_id = t.show_id AND o.order_id = t.order_id
	WHERE s.seat_no IS NULL OR t.seat_no IS NULL OR o.hold_id IS DISTINCT FROM s.hold_id)
SELECT count(*) AS breaches, min(example) AS example FROM bad
