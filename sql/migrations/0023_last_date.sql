-- A list from some day on passes by the events that are over by then: by the day itself, as it is at the venue, and in the
-- index, without reading their rows. The time of the last show, which was there for it, is told by no zone.
SET LOCAL lock_timeout = '5s';
ALTER TABLE listing.events ADD COLUMN last_date date;
COMMENT ON COLUMN listing.events.last_date IS 'the latest day, at the venue, of a coming show';
UPDATE listing.events AS l SET last_date = (SELECT max(s.local_date) FROM listing.shows AS s
	WHERE s.event_id = l.event_id AND s.starts_at > clock_timestamp() AND NOT s.is_cancelled);
DROP INDEX listing.events_first_show_idx;
CREATE INDEX events_first_show_idx ON listing.events (first_show_at, event_id, last_date);
