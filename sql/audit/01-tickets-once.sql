-- No seat of a show has two live tickets, or a live ticket beside a live hold.
WITH bad AS (
	SELECT format('show %s seat %s has %s live tickets', show_id, seat_no, count(*)) AS example
	FROM show.tickets WHERE state <> 'void' GROUP BY show_id, seat_no HAVING count(*) > 1
	UNION ALL
	SELECT format('show %s seat %s has a live ticket and hold %s', t.show_id, t.seat_no, h.hold_id)
	FROM show.tickets AS t JOIN show.holds AS h ON h.show_id = t.show_id AND t.seat_no = ANY (h.seat_nos)
	WHERE t.state <> 'void' AND (h.state = 'paying' OR (h.state = 'active' AND h.expires_at > clock_timestamp())))
SELECT count(*) AS breaches, min(example) AS example FROM bad
