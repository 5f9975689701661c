-- A list of events in a region or on some days follows the shows in the order of their starts, and asks of each whether its event has
-- an earlier one there. So nothing reads the last day of an event any more.
SET LOCAL lock_timeout = '5s';
CREATE INDEX shows_start_idx ON listing.shows (starts_at, event_id, show_id);
CREATE INDEX shows_region_idx ON listing.shows (region, starts_at, event_id, show_id);
CREATE INDEX shows_event_region_idx ON listing.shows (event_id, region, starts_at, show_id);
DROP INDEX listing.shows_date_idx;
DROP INDEX listing.events_first_show_idx;
CREATE INDEX events_first_show_idx ON listing.events (first_show_at, event_id, last_show_at);
ALTER TABLE listing.events DROP COLUMN last_date;
