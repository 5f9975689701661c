-- The facts of an event that a show copies.
-- $1 event_id int → running_minutes
SELECT running_minutes FROM directory.events WHERE event_id = $1::int
