-- A used ticket has exactly one entry in the door's log, of its seat and time, and an entry its used ticket.
WITH bad AS (
	SELECT format('ticket %s of show %s is used at %s, the log says %s', ticket_id, show_id, coalesce(t.used_at::text, 'no time'),
		coalesce(c.at::text, 'nothing')) AS example
	FROM (SELECT * FROM show.tickets WHERE used_at IS NOT NULL) AS t
	FULL JOIN (SELECT * FROM show.checkins WHERE outcome = 'entered') AS c USING (show_id, ticket_id, seat_no)
	WHERE t.used_at IS DISTINCT FROM c.at
	UNION ALL
	SELECT format('ticket %s of show %s was let in %s times', ticket_id, show_id, count(*))
	FROM show.checkins WHERE outcome = 'entered' GROUP BY show_id, ticket_id HAVING count(*) > 1)
SELECT count(*) AS breaches, min(example) AS example FROM bad
