-- One row when there is such an event.
-- $1 event_id int → event_id
SELECT event_id FROM directory.events WHERE event_id = $1::int
