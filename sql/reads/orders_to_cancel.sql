-- Paid orders of cancelled shows: those whose tickets are live still. $1 seats in all → show_id, order_id
SELECT DISTINCT t.show_id, t.order_id
FROM (SELECT l.show_id, l.order_id FROM show.shows AS s CROSS JOIN LATERAL (SELECT t.show_id, t.order_id
		FROM show.tickets AS t WHERE t.show_id = s.show_id AND t.state <> 'void' LIMIT $1::int) AS l
	WHERE s.cancelled_at IS NOT NULL LIMIT $1::int) AS t
