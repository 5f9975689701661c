-- Directory: venues, halls, layouts, events, slots, e-mail claims.
CREATE TABLE directory.venues (
	venue_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	region text NOT NULL CHECK (length(region) BETWEEN 1 AND 64),
	address text,
	time_zone text NOT NULL DEFAULT 'Asia/Seoul',
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE directory.venues IS 'a place with halls';
COMMENT ON COLUMN directory.venues.venue_id IS 'number of the venue';
COMMENT ON COLUMN directory.venues.name IS 'as shown to the public';
COMMENT ON COLUMN directory.venues.region IS 'city or province that lists filter by';
COMMENT ON COLUMN directory.venues.address IS 'postal address, free form';
COMMENT ON COLUMN directory.venues.time_zone IS 'IANA zone in which its days are counted';
COMMENT ON COLUMN directory.venues.created_at IS 'when it was entered';

CREATE TABLE directory.halls (
	hall_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	venue_id int NOT NULL REFERENCES directory.venues,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX halls_venue_idx ON directory.halls (venue_id);
COMMENT ON TABLE directory.halls IS 'a room with seats, in a venue';
COMMENT ON COLUMN directory.halls.hall_id IS 'number of the hall';
COMMENT ON COLUMN directory.halls.venue_id IS 'where it is';
COMMENT ON COLUMN directory.halls.name IS 'as shown to the public';
COMMENT ON COLUMN directory.halls.created_at IS 'when it was entered';

CREATE TABLE directory.layouts (
	layout_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	hall_id int NOT NULL REFERENCES directory.halls,
	capacity int NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
	sections json NOT NULL,
	labels text[] NOT NULL,
	grades text[] NOT NULL,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CONSTRAINT layouts_arrays_fit CHECK (cardinality(labels) = capacity AND cardinality(grades) = capacity)
);
CREATE INDEX layouts_hall_idx ON directory.layouts (hall_id, layout_id DESC);
COMMENT ON TABLE directory.layouts IS 'revision of a hall''s seats; never changed';
COMMENT ON COLUMN directory.layouts.layout_id IS 'number of the revision; the newest of a hall is its current one';
COMMENT ON COLUMN directory.layouts.hall_id IS 'whose seats';
COMMENT ON COLUMN directory.layouts.capacity IS 'number of seats; they are numbered 0 … capacity-1';
COMMENT ON COLUMN directory.layouts.sections IS 'the document clients draw: sections, rows, seats with no, label, grade, x, y';
COMMENT ON COLUMN directory.layouts.labels IS 'label by seat number (first element is seat 0)';
COMMENT ON COLUMN directory.layouts.grades IS 'grade code by seat number';
COMMENT ON COLUMN directory.layouts.created_at IS 'when it was entered';

CREATE TABLE directory.events (
	event_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
	kind text NOT NULL CHECK (kind IN ('concert', 'movie', 'musical', 'play', 'sports', 'exhibition', 'other')),
	rating text CHECK (rating IN ('ALL', '7', '12', '15', '19')),
	running_minutes int NOT NULL CHECK (running_minutes BETWEEN 1 AND 1440),
	description text,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE directory.events IS 'what is performed or screened; its dates are shows';
COMMENT ON COLUMN directory.events.event_id IS 'number of the event';
COMMENT ON COLUMN directory.events.title IS 'as shown to the public';
COMMENT ON COLUMN directory.events.kind IS 'what it is: concert, movie, …';
COMMENT ON COLUMN directory.events.rating IS 'least age, null when not rated';
COMMENT ON COLUMN directory.events.running_minutes IS 'length; a show ends so long after its start';
COMMENT ON COLUMN directory.events.description IS 'free text';
COMMENT ON COLUMN directory.events.created_at IS 'when it was entered';

CREATE SEQUENCE directory.show_ids AS int;

CREATE TABLE directory.show_slots (
	show_id int PRIMARY KEY,
	hall_id int NOT NULL REFERENCES directory.halls,
	during tstzrange NOT NULL,
	CONSTRAINT show_slots_hall_free EXCLUDE USING gist (hall_id WITH =, during WITH &&)
);
COMMENT ON TABLE directory.show_slots IS 'when a hall is taken by which show; the constraint is the rule that no two overlap';
COMMENT ON COLUMN directory.show_slots.show_id IS 'show that has the hall';
COMMENT ON COLUMN directory.show_slots.hall_id IS 'hall taken';
COMMENT ON COLUMN directory.show_slots.during IS 'from start to end, end excluded';

CREATE TABLE directory.email_claims (
	email text PRIMARY KEY,
	user_id uuid NOT NULL,
	claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE directory.email_claims IS 'who owns an e-mail address: the deciding, last step of signing up';
COMMENT ON COLUMN directory.email_claims.email IS 'lower case';
COMMENT ON COLUMN directory.email_claims.user_id IS 'whose it is';
COMMENT ON COLUMN directory.email_claims.claimed_at IS 'since when';

CREATE TABLE directory.login_failures (
	email_hash bytea PRIMARY KEY,
	window_from timestamptz NOT NULL,
	failures int NOT NULL
);
COMMENT ON TABLE directory.login_failures IS 'failed log-ins by account in the current window; addresses without an account are counted alike';
COMMENT ON COLUMN directory.login_failures.email_hash IS 'SHA-256 of the lower-case address';
COMMENT ON COLUMN directory.login_failures.window_from IS 'first failure of the window';
COMMENT ON COLUMN directory.login_failures.failures IS 'how many since';

GRANT SELECT ON ALL TABLES IN SCHEMA directory TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON directory.venues, directory.halls, directory.layouts, directory.events,
	directory.show_slots, directory.email_claims TO boxoffice_app;
GRANT INSERT, UPDATE, DELETE ON directory.login_failures TO boxoffice_app, boxoffice_batch;
GRANT DELETE, UPDATE ON directory.show_slots TO boxoffice_app;
GRANT DELETE ON directory.show_slots TO boxoffice_batch;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA directory TO boxoffice_app;
