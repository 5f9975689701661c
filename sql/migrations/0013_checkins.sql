-- The door's log: who was let in, and who came with a ticket that was used already. Added to, never changed.
CREATE TABLE show.checkins (
	show_id int NOT NULL,
	checkin_id uuid NOT NULL,
	ticket_id uuid NOT NULL,
	seat_no int NOT NULL,
	operator_id uuid NOT NULL,
	outcome text NOT NULL CHECK (outcome IN ('entered', 'already_used')),
	at timestamptz NOT NULL,
	PRIMARY KEY (show_id, checkin_id)
);
-- So that even a bug in the functions cannot let two in with one ticket. Without the show, which the ids do not need: an index
-- that begins with it could be taken for the key while the table has no statistics, and all entries of the show be read.
CREATE UNIQUE INDEX checkins_entered_once ON show.checkins (ticket_id) WHERE outcome = 'entered';
COMMENT ON TABLE show.checkins IS 'tickets shown at the door that are good or were';
COMMENT ON COLUMN show.checkins.show_id IS 'show';
COMMENT ON COLUMN show.checkins.checkin_id IS 'made by the program, by which its repetition is known';
COMMENT ON COLUMN show.checkins.ticket_id IS 'ticket shown';
COMMENT ON COLUMN show.checkins.seat_no IS 'its seat';
COMMENT ON COLUMN show.checkins.operator_id IS 'who stood at the door: a user of the role operator or admin';
COMMENT ON COLUMN show.checkins.outcome IS 'entered, at most once for a ticket, or already_used';
COMMENT ON COLUMN show.checkins.at IS 'when; of who entered the same as the ticket''s used_at';
GRANT SELECT ON show.checkins TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON show.checkins TO boxoffice_app;
