-- A list from some day on passes by the events that are over by then: in the index itself, without reading their rows.
DROP INDEX listing.events_first_show_idx;
CREATE INDEX events_first_show_idx ON listing.events (first_show_at, event_id, last_show_at);
