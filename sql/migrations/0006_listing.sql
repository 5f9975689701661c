-- Read models: what lists and show pages read. Kept by the relay, rebuilt from the rows at any time.
CREATE TABLE listing.shows (
	show_id int PRIMARY KEY,
	event_id int NOT NULL,
	event_title text NOT NULL,
	hall jsonb NOT NULL,
	region text NOT NULL,
	local_date date NOT NULL,
	layout_id int NOT NULL,
	starts_at timestamptz NOT NULL,
	ends_at timestamptz NOT NULL,
	sales_open_at timestamptz NOT NULL,
	sales_close_at timestamptz NOT NULL,
	is_cancelled boolean NOT NULL DEFAULT false,
	currency text NOT NULL,
	capacity int NOT NULL,
	seats_left int NOT NULL,
	hold_seconds int NOT NULL,
	max_seats_per_user int NOT NULL,
	counted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX shows_event_idx ON listing.shows (event_id, starts_at, show_id);
CREATE INDEX shows_date_idx ON listing.shows (local_date, event_id);
COMMENT ON TABLE listing.shows IS 'a published show as lists show it';
COMMENT ON COLUMN listing.shows.show_id IS 'show';
COMMENT ON COLUMN listing.shows.event_id IS 'its event';
COMMENT ON COLUMN listing.shows.event_title IS 'title';
COMMENT ON COLUMN listing.shows.hall IS 'hall and venue';
COMMENT ON COLUMN listing.shows.region IS 'of the venue, for filters';
COMMENT ON COLUMN listing.shows.local_date IS 'day of the start in the venue''s time zone';
COMMENT ON COLUMN listing.shows.layout_id IS 'revision of the seats';
COMMENT ON COLUMN listing.shows.starts_at IS 'curtain';
COMMENT ON COLUMN listing.shows.ends_at IS 'end';
COMMENT ON COLUMN listing.shows.sales_open_at IS 'sales open';
COMMENT ON COLUMN listing.shows.sales_close_at IS 'sales close';
COMMENT ON COLUMN listing.shows.is_cancelled IS 'cancelled';
COMMENT ON COLUMN listing.shows.currency IS 'of the prices';
COMMENT ON COLUMN listing.shows.capacity IS 'number of seats';
COMMENT ON COLUMN listing.shows.seats_left IS 'seats that could be taken when counted';
COMMENT ON COLUMN listing.shows.hold_seconds IS 'life of a hold';
COMMENT ON COLUMN listing.shows.max_seats_per_user IS 'limit of one buyer';
COMMENT ON COLUMN listing.shows.counted_at IS 'when the seats were counted';

CREATE TABLE listing.grades (
	show_id int NOT NULL REFERENCES listing.shows ON DELETE CASCADE,
	code text NOT NULL,
	name text NOT NULL,
	price bigint NOT NULL,
	capacity int NOT NULL,
	seats_left int NOT NULL,
	PRIMARY KEY (show_id, code)
);
COMMENT ON TABLE listing.grades IS 'seats left by price grade';
COMMENT ON COLUMN listing.grades.show_id IS 'show';
COMMENT ON COLUMN listing.grades.code IS 'grade';
COMMENT ON COLUMN listing.grades.name IS 'as shown to the public';
COMMENT ON COLUMN listing.grades.price IS 'minor units';
COMMENT ON COLUMN listing.grades.capacity IS 'seats of that grade';
COMMENT ON COLUMN listing.grades.seats_left IS 'those that could be taken when counted';

CREATE TABLE listing.events (
	event_id int PRIMARY KEY,
	venue jsonb NOT NULL,
	first_show_at timestamptz,
	last_show_at timestamptz,
	seats_left bigint NOT NULL DEFAULT 0,
	next_change_at timestamptz,
	counted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX events_first_show_idx ON listing.events (first_show_at, event_id);
CREATE INDEX events_change_idx ON listing.events (next_change_at);
COMMENT ON TABLE listing.events IS 'an event with shows as lists show it';
COMMENT ON COLUMN listing.events.event_id IS 'event';
COMMENT ON COLUMN listing.events.venue IS 'venue of its next show: {id, name, region, time_zone}';
COMMENT ON COLUMN listing.events.first_show_at IS 'start of the next coming show, null when none is coming';
COMMENT ON COLUMN listing.events.last_show_at IS 'start of the last coming show';
COMMENT ON COLUMN listing.events.seats_left IS 'sum over the shows on sale';
COMMENT ON COLUMN listing.events.next_change_at IS 'when the clock next opens, closes or starts one of its shows: then it is recounted';
COMMENT ON COLUMN listing.events.counted_at IS 'when it was counted';

GRANT SELECT ON ALL TABLES IN SCHEMA listing TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA listing TO boxoffice_app, boxoffice_batch;
