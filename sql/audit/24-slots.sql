-- Every published show that is not cancelled has its hall for its time, and it alone; another time no longer than a move takes.
WITH bad AS (
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
	SELECT format('shows %s and %s overlap in hall %s', a.show_id, b.show_id, a.hall_id)
	FROM directory.show_slots AS a JOIN directory.show_slots AS b
		ON b.hall_id = a.hall_id AND b.show_id > a.show_id AND b.during && a.during)
SELECT count(*) AS breaches, min(example) AS example FROM bad
