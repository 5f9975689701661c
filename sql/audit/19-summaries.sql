-- Once the relay has caught up, seats left in lists are what the seats say (shows touched within 5 s are left out).
WITH relay AS (
	SELECT NOT EXISTS (SELECT FROM log.event_log AS e WHERE e.home = 'show' AND e.tx >= c.from_xmin
		AND NOT (e.tx < c.to_xmin AND e.id <= c.id)
		AND (e.kind IN ('show.published', 'show.updated', 'show.cancelled') OR coalesce(e.payload ->> 'seats', '[]') <> '[]'))
		AND NOT EXISTS (SELECT FROM log.retries AS t WHERE t.consumer = c.consumer AND t.next_at IS NOT NULL) AS is_quiet
	FROM log.cursors AS c WHERE c.consumer = 'summaries'),
quiet AS MATERIALIZED (
	SELECT l.show_id, l.event_id, l.seats_left, l.capacity FROM listing.shows AS l
	WHERE (SELECT is_quiet FROM relay)
		AND NOT EXISTS (SELECT FROM log.event_log AS e WHERE e.home = 'show' AND e.entity = l.show_id::text
			AND e.at > clock_timestamp() - interval '5 seconds')),
rows AS MATERIALIZED (
	SELECT s.show_id, p.grade, count(*) FILTER (WHERE s.state = 'available') AS seats_left,
		-- The clock has ended it and the sweep has not said so: counted or not, both is right.
		count(*) FILTER (WHERE s.state = 'held' AND s.held_until <= clock_timestamp()) AS ended
	FROM show.seats AS s JOIN show.seat_places AS p USING (show_id, seat_no) JOIN quiet USING (show_id)
	GROUP BY s.show_id, p.grade),
bad AS (
	SELECT format('show %s grade %s: %s left in lists, %s seats', g.show_id, g.code, g.seats_left, r.seats_left) AS example
	FROM quiet JOIN listing.grades AS g USING (show_id) LEFT JOIN rows AS r ON r.show_id = g.show_id AND r.grade = g.code
	WHERE r.grade IS NULL OR g.seats_left NOT BETWEEN r.seats_left AND r.seats_left + r.ended
	UNION ALL
	SELECT format('show %s: %s left, its grades have %s', q.show_id, q.seats_left, sum(g.seats_left))
	FROM quiet AS q LEFT JOIN listing.grades AS g USING (show_id)
	GROUP BY q.show_id, q.seats_left HAVING q.seats_left IS DISTINCT FROM sum(g.seats_left)
	UNION ALL
	SELECT format('show %s is published and in no list', sh.show_id)
	FROM show.shows AS sh WHERE sh.published_at IS NOT NULL AND NOT EXISTS (SELECT FROM listing.shows AS l WHERE l.show_id = sh.show_id)
	UNION ALL
	SELECT format('event %s: %s left, its shows on sale have %s', e.event_id, e.seats_left, n.seats_left)
	FROM listing.events AS e
	CROSS JOIN LATERAL (SELECT coalesce(sum(l.seats_left) FILTER (WHERE util.show_state(l.is_cancelled, l.sales_open_at,
				l.sales_close_at, clock_timestamp()) = 'on_sale'), 0) AS seats_left,
			bool_and(q.show_id IS NOT NULL) AS are_quiet
		FROM listing.shows AS l LEFT JOIN quiet AS q USING (show_id) WHERE l.event_id = e.event_id) AS n
	WHERE n.are_quiet AND e.seats_left <> n.seats_left
		AND (e.next_change_at IS NULL OR e.next_change_at > clock_timestamp())
		AND NOT EXISTS (SELECT FROM listing.shows AS l WHERE l.event_id = e.event_id
			AND greatest(CASE WHEN l.sales_open_at <= clock_timestamp() THEN l.sales_open_at END,
				CASE WHEN l.sales_close_at <= clock_timestamp() THEN l.sales_close_at END)
				> clock_timestamp() - interval '5 seconds'))
SELECT count(*) AS breaches, min(example) AS example FROM bad
