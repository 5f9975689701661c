-- Events with a coming show, by (first_show_at, id). $1 kind, $2 q, $3 region, $4 rating, $5 from, $6 to (days at the
-- venue), each null: any; $7 and $8 first_show_at (Unix s) and id above which, null: from the first; $9 limit
-- The days, and today where it is earliest on earth, bound the event's last day as well: events that are over before are passed
-- by in the index. They bound its first show, by as much as a zone may lie behind UTC. The shows of the others are asked for by
-- the clock, which may change between two of them, so that nobody reads all shows of the days instead.
SELECT e.event_id AS id, e.title, e.kind, e.rating, e.running_minutes, l.venue, util.unix(l.first_show_at) AS first_show_at,
	util.unix(l.last_show_at) AS last_show_at, l.seats_left
FROM listing.events AS l JOIN directory.events AS e USING (event_id)
WHERE l.last_show_at > statement_timestamp()
	AND ($1::text IS NULL OR e.kind = $1::text)
	AND ($2::text IS NULL OR position(lower($2::text) IN lower(e.title)) > 0)
	AND ($4::text IS NULL OR e.rating = $4::text)
	AND ($3::text IS NULL AND $5::date IS NULL AND $6::date IS NULL
		OR EXISTS (SELECT FROM listing.shows AS s
			WHERE s.event_id = l.event_id AND s.starts_at > clock_timestamp() AND NOT s.is_cancelled
				AND ($3::text IS NULL OR s.region = $3::text)
				AND ($5::date IS NULL OR s.local_date >= $5::date)
				AND ($6::date IS NULL OR s.local_date <= $6::date)))
	AND l.last_date >= greatest($5::date, (statement_timestamp() AT TIME ZONE 'UTC' - interval '12 h')::date)
	AND ($6::date IS NULL OR l.first_show_at < ($6::date + interval '36 h') AT TIME ZONE 'UTC')
	AND ($7::bigint IS NULL OR (l.first_show_at, l.event_id) > (to_timestamp($7::bigint), $8::int))
ORDER BY l.first_show_at, l.event_id LIMIT $9::int
