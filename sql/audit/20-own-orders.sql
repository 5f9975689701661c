-- Once the relay has caught up, the lists of own orders have each order in its newest version (those touched within 5 s left out).
WITH relay AS (
	SELECT NOT EXISTS (SELECT FROM log.event_log AS e WHERE e.home = 'show' AND e.tx >= c.from_xmin
		AND NOT (e.tx < c.to_xmin AND e.id <= c.id) AND e.payload -> 'order' IS NOT NULL)
		AND NOT EXISTS (SELECT FROM log.retries AS t WHERE t.consumer = c.consumer AND t.next_at IS NOT NULL) AS is_quiet
	FROM log.cursors AS c WHERE c.consumer = 'own-orders'),
busy AS (
	SELECT DISTINCT payload #>> '{order,id}' AS order_id FROM log.event_log
	WHERE home = 'show' AND payload -> 'order' IS NOT NULL AND at > clock_timestamp() - interval '5 seconds'),
bad AS (
	SELECT format('order %s of show %s has version %s, in the list of user %s %s', o.order_id, o.show_id, o.version, o.user_id,
		coalesce(l.version::text, 'it is missing')) AS example
	FROM show.orders AS o LEFT JOIN account.order_list AS l USING (user_id, order_id)
	WHERE (SELECT is_quiet FROM relay) AND o.order_id::text NOT IN (SELECT order_id FROM busy WHERE order_id IS NOT NULL)
		AND (l.version IS DISTINCT FROM o.version OR l.doc ->> 'state' <> o.state::text))
SELECT count(*) AS breaches, min(example) AS example FROM bad
