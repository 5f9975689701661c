-- How far a consumer of the event log is: all transactions below from_xmin were handled, and of those in [from_xmin, to_xmin)
-- the events up to id.
-- $1 consumer text → from_xmin, to_xmin, id
SELECT from_xmin, to_xmin, id FROM log.cursors WHERE consumer = $1
