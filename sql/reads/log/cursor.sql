-- The position of a consumer of the event log. It has handled all transactions below from_xmin, and the events up to id of the
-- transactions in [from_xmin, to_xmin).
-- $1 consumer text → from_xmin, to_xmin, id
SELECT from_xmin, to_xmin, id FROM log.cursors WHERE consumer = $1
