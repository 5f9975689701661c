-- One row if the event exists.
-- $1 event_id int → event_id
SELECT event_id FROM directory.events WHERE event_id = $1::int
