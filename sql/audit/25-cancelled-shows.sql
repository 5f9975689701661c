-- A cancelled show has no paid order and no live hold for longer than settling needs.
WITH bad AS (
	SELECT format('order %s of show %s is paid, the show is cancelled since %s', o.order_id, o.show_id, s.cancelled_at) AS example
	FROM show.shows AS s JOIN show.orders AS o USING (show_id)
	WHERE o.state = 'paid' AND s.cancelled_at < clock_timestamp() - interval '120 seconds'
		AND NOT EXISTS (SELECT FROM show.tickets AS t WHERE t.show_id = o.show_id AND t.order_id = o.order_id
			AND t.created_at > clock_timestamp() - interval '120 seconds')
	UNION ALL
	SELECT format('hold %s of show %s lives, the show is cancelled since %s', h.hold_id, h.show_id, s.cancelled_at)
	FROM show.shows AS s JOIN show.holds AS h USING (show_id)
	WHERE h.state = 'active' AND h.expires_at > clock_timestamp() AND s.cancelled_at < clock_timestamp() - interval '120 seconds')
SELECT count(*) AS breaches, min(example) AS example FROM bad
