-- The first show of an event in a list is found without looking at cancelled ones.
CREATE INDEX shows_event_live_idx ON listing.shows (event_id, starts_at) WHERE NOT is_cancelled;
DROP INDEX listing.shows_event_region_idx;
CREATE INDEX shows_event_region_idx ON listing.shows (event_id, region, starts_at) WHERE NOT is_cancelled;
