-- CREATE TABLE in a comment is none.
CREATE TABLE show.seats (
	show_id int NOT NULL, -- part of the key
	seat_no int NOT NULL CHECK (seat_no IN (1, 2, 3)),
	price numeric(10, 2) DEFAULT 0,
	PRIMARY KEY (show_id, seat_no),
	CONSTRAINT seats_price_positive CHECK (price > 0)
);
COMMENT ON TABLE show.seats IS 'a seat''s state, and nothing else';
COMMENT ON COLUMN show.seats.show_id IS 'which show';
COMMENT ON COLUMN show.seats.seat_no IS 'which seat';
COMMENT ON COLUMN show.seats.price IS 'dropped below';
ALTER TABLE show.seats DROP COLUMN price;
ALTER TABLE show.seats ADD COLUMN grade text;
COMMENT ON COLUMN show.seats.grade IS 'price grade';
CREATE TABLE show.seats_p1 PARTITION OF show.seats DEFAULT;
CREATE TABLE show.scratch (n int);
DROP TABLE show.scratch;
