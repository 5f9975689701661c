CREATE TABLE show.seats (
	show_id int NOT NULL,
	state text CHECK (state IN ('available', 'held')),
	PRIMARY KEY (show_id)
);
COMMENT ON COLUMN show.seats.show_id IS 'which show';
CREATE TABLE IF NOT EXISTS show.holds (hold_id uuid, amount numeric(10, 2));
COMMENT ON TABLE show.holds IS 'seats on their way';
COMMENT ON COLUMN show.holds.hold_id IS '';
COMMENT ON COLUMN show.holds.amount IS 'price';
