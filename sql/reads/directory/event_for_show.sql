-- What a show copies of its event. $1 event
SELECT running_minutes FROM directory.events WHERE event_id = $1::int
