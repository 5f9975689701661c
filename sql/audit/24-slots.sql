-- Every published show that is not cancelled alone has its hall for its time, and for another time no longer than a move takes.
-- A cancelled show has none once the relay has caught up.
WITH relay AS (
	SELECT NOT EXISTS (SELECT FROM log.event_log AS e WHERE e.kind = 'show.cancelled' AND e.tx >= c.from_xmin
		AND NOT (e.tx < c.to_xmin AND e.id <= c.id))
		AND NOT EXISTS (SELECT FROM log.retries AS t WHERE t.consumer = c.consumer AND t.next_at IS NOT NULL) AS is_quiet
	FROM log.cursors AS c WHERE c.consumer = 'slots'),
bad AS (
	SELECT format('show %s plays %s to %s in hall %s and does not have it then', sh.show_id, sh.starts_at, sh.ends_at,
		sh.hall ->> 'id') AS example
	FROM show.shows AS sh LEFT JOIN directory.show_slots AS s ON s.show_id = sh.show_id
		AND s.hall_id = (sh.hall ->> 'id')::int AND s.during = tstzrange(sh.starts_at, sh.ends_at)
	WHERE sh.published_at IS NOT NULL AND sh.cancelled_at IS NULL AND s.show_id IS NULL
	UNION ALL
	SELECT format('show %s has hall %s for %s and is not there', s.show_id, s.hall_id, s.during)
	FROM directory.show_slots AS s JOIN show.shows AS sh USING (show_id)
	WHERE sh.published_at IS NOT NULL AND sh.cancelled_at IS NULL AND s.taken_at < clock_timestamp() - interval '15 minutes'
		AND (s.hall_id <> (sh.hall ->> 'id')::int OR s.during <> tstzrange(sh.starts_at, sh.ends_at))
	UNION ALL
	SELECT format('show %s is cancelled and has hall %s still', sh.show_id, s.hall_id)
	FROM show.shows AS sh JOIN directory.show_slots AS s USING (show_id)
	WHERE sh.cancelled_at IS NOT NULL AND (SELECT is_quiet FROM relay)
		AND sh.show_id::text IN (SELECT entity FROM log.event_log WHERE home = 'show' AND kind = 'show.cancelled')
	UNION ALL
	SELECT format('shows %s and %s overlap in hall %s', a.show_id, b.show_id, a.hall_id)
	FROM directory.show_slots AS a JOIN directory.show_slots AS b
		ON b.hall_id = a.hall_id AND b.show_id > a.show_id AND b.during && a.during)
SELECT count(*) AS breaches, min(example) AS example FROM bad
