-- One event, with or without shows.
-- $1 event_id int → id, title, kind, rating, running_minutes, description, venue, first_show_at, last_show_at, seats_left
SELECT e.event_id AS id, e.title, e.kind, e.rating, e.running_minutes, e.description, l.venue,
	util.unix(l.first_show_at) AS first_show_at, util.unix(l.last_show_at) AS last_show_at, coalesce(l.seats_left, 0) AS seats_left
FROM directory.events AS e LEFT JOIN listing.events AS l USING (event_id)
WHERE e.event_id = $1::int
