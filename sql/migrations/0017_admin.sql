-- What admins change: seats taken off sale, shows that move in their hall, and by which request.

ALTER TABLE log.audit_trail ADD COLUMN trace_id text;
CREATE INDEX audit_trail_trace_idx ON log.audit_trail (trace_id) WHERE trace_id IS NOT NULL;
COMMENT ON COLUMN log.audit_trail.trace_id IS 'of the request, as its answer and the logs name it; null for commands';

-- These take the request's trace as well from now on.
DROP FUNCTION IF EXISTS directory.venue_create(uuid, text, text, text, text);
DROP FUNCTION IF EXISTS directory.hall_create(uuid, int, text);
DROP FUNCTION IF EXISTS directory.layout_create(uuid, int, text, text[], text[]);
DROP FUNCTION IF EXISTS directory.event_create(uuid, text, text, text, int, text);
DROP FUNCTION IF EXISTS show.show_create(uuid, jsonb);

CREATE TABLE show.blocks (
	show_id int NOT NULL,
	seat_no int NOT NULL,
	reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
	blocked_by uuid,
	blocked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (show_id, seat_no)
);
COMMENT ON TABLE show.blocks IS 'why a seat is blocked: one row for each that is, written and deleted with its state';
COMMENT ON COLUMN show.blocks.show_id IS 'show';
COMMENT ON COLUMN show.blocks.seat_no IS 'seat';
COMMENT ON COLUMN show.blocks.reason IS 'as given last';
COMMENT ON COLUMN show.blocks.blocked_by IS 'user id of the admin who gave it; null: nobody by a request';
COMMENT ON COLUMN show.blocks.blocked_at IS 'when he gave it';
INSERT INTO show.blocks (show_id, seat_no, reason)
SELECT show_id, seat_no, 'blocked before reasons were kept' FROM show.seats WHERE state = 'blocked';
GRANT SELECT ON show.blocks TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON show.blocks TO boxoffice_app, boxoffice_batch;

ALTER TABLE show.shows ADD COLUMN revision uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN show.shows.revision IS 'the last change by an admin, named by its request: who changes a show says which one he has read';
COMMENT ON COLUMN show.shows.event_title IS 'title as copied when the show was made; what is shown is the event''s own';
COMMENT ON COLUMN listing.shows.event_title IS 'title as copied when the show was published; what is shown is the event''s own';

-- While a show moves it has its hall at the old and the new time, so that neither can be lost to another before its own
-- home has decided. A show does not overlap with itself.
ALTER TABLE directory.show_slots
	DROP CONSTRAINT show_slots_pkey,
	DROP CONSTRAINT show_slots_hall_free,
	ADD COLUMN slot_id uuid NOT NULL DEFAULT gen_random_uuid(),
	ADD COLUMN taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	ADD PRIMARY KEY (show_id, slot_id),
	ADD CONSTRAINT show_slots_hall_free EXCLUDE USING gist (hall_id WITH =, show_id WITH <>, during WITH &&);
GRANT UPDATE ON directory.events TO boxoffice_app;
COMMENT ON COLUMN directory.show_slots.slot_id IS 'made by the program when a show moves, so that each deletes what it has seen and no other';
COMMENT ON COLUMN directory.show_slots.taken_at IS 'when; a spare one that is old was left by a request that died';
