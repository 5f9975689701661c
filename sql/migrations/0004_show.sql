-- Show: seats, holds, orders, payments, tickets. Every key begins with show_id.
CREATE TYPE show.seat_state AS ENUM ('available', 'held', 'sold', 'blocked', 'resting');
CREATE TYPE show.hold_state AS ENUM ('active', 'paying', 'confirmed', 'released', 'expired');
CREATE TYPE show.order_state AS ENUM ('pending', 'paying', 'paid', 'failed', 'expired', 'cancelled', 'refunded');
CREATE TYPE show.payment_state AS ENUM ('started', 'approved', 'declined', 'unknown', 'voided', 'refunded');
COMMENT ON TYPE show.seat_state IS 'held passes to available by the clock alone when held_until is over';
COMMENT ON TYPE show.hold_state IS 'active is read as expired once expires_at is over';
COMMENT ON TYPE show.order_state IS 'pending is read as expired once its hold is';
COMMENT ON TYPE show.payment_state IS 'started until the wallet or gateway has decided';

CREATE TABLE show.shows (
	show_id int PRIMARY KEY,
	event_id int NOT NULL,
	event_title text NOT NULL,
	hall jsonb NOT NULL,
	layout_id int NOT NULL,
	starts_at timestamptz NOT NULL,
	ends_at timestamptz NOT NULL,
	sales_open_at timestamptz NOT NULL,
	sales_close_at timestamptz NOT NULL,
	currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	capacity int NOT NULL CHECK (capacity > 0),
	max_seats_per_user int NOT NULL CHECK (max_seats_per_user BETWEEN 1 AND 100),
	hold_seconds int NOT NULL CHECK (hold_seconds BETWEEN 1 AND 3600),
	rerelease jsonb,
	published_at timestamptz,
	cancelled_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	CONSTRAINT shows_times_in_order CHECK (starts_at < ends_at AND sales_open_at < sales_close_at
		AND sales_close_at <= ends_at)
);
COMMENT ON TABLE show.shows IS 'a date of an event in a hall, with what its home needs of the directory copied in';
COMMENT ON COLUMN show.shows.show_id IS 'number of the show, first key of everything in its home';
COMMENT ON COLUMN show.shows.event_id IS 'event performed';
COMMENT ON COLUMN show.shows.event_title IS 'title as copied when the show was made';
COMMENT ON COLUMN show.shows.hall IS 'hall and venue as copied: {id, name, venue: {id, name, region, time_zone}}';
COMMENT ON COLUMN show.shows.layout_id IS 'revision of the seats';
COMMENT ON COLUMN show.shows.starts_at IS 'curtain';
COMMENT ON COLUMN show.shows.ends_at IS 'start plus running time';
COMMENT ON COLUMN show.shows.sales_open_at IS 'from when seats can be taken';
COMMENT ON COLUMN show.shows.sales_close_at IS 'from when no new seat can be taken; a live hold may still be paid';
COMMENT ON COLUMN show.shows.currency IS 'of its prices, ISO 4217';
COMMENT ON COLUMN show.shows.capacity IS 'number of seats';
COMMENT ON COLUMN show.shows.max_seats_per_user IS 'seats one buyer may hold and have bought';
COMMENT ON COLUMN show.shows.hold_seconds IS 'life of a hold; three times that is its hard maximum';
COMMENT ON COLUMN show.shows.rerelease IS 'schedule by which freed seats come back, null: at once';
COMMENT ON COLUMN show.shows.published_at IS 'null while a draft: invisible';
COMMENT ON COLUMN show.shows.cancelled_at IS 'when it was cancelled';
COMMENT ON COLUMN show.shows.created_at IS 'when it was entered';

CREATE TABLE show.grades (
	show_id int NOT NULL REFERENCES show.shows,
	code text NOT NULL,
	name text NOT NULL,
	price bigint NOT NULL CHECK (price BETWEEN 1 AND 1000000000),
	capacity int NOT NULL CHECK (capacity > 0),
	PRIMARY KEY (show_id, code)
);
COMMENT ON TABLE show.grades IS 'price grades of a show';
COMMENT ON COLUMN show.grades.show_id IS 'show';
COMMENT ON COLUMN show.grades.code IS 'VIP, R, S, A …';
COMMENT ON COLUMN show.grades.name IS 'as shown to the public';
COMMENT ON COLUMN show.grades.price IS 'of one seat, minor units';
COMMENT ON COLUMN show.grades.capacity IS 'seats of that grade';

-- No index on any column a hold changes, and room in each page: every update stays on its page.
CREATE TABLE show.seats (
	show_id int NOT NULL,
	seat_no int NOT NULL,
	held_until timestamptz,
	hold_id uuid,
	version int NOT NULL DEFAULT 0,
	state show.seat_state NOT NULL DEFAULT 'available',
	PRIMARY KEY (show_id, seat_no)
) WITH (fillfactor = 70);
COMMENT ON TABLE show.seats IS 'the live state of each seat: the only place that decides who has it';
COMMENT ON COLUMN show.seats.show_id IS 'show';
COMMENT ON COLUMN show.seats.seat_no IS '0 … capacity-1: index in the layout';
COMMENT ON COLUMN show.seats.held_until IS 'a held seat is free again from then on; infinity while it is paid';
COMMENT ON COLUMN show.seats.hold_id IS 'hold that has it or bought it';
COMMENT ON COLUMN show.seats.version IS 'rises when the public state changes or the seat passes to another hold';
COMMENT ON COLUMN show.seats.state IS 'available, held, sold, blocked, resting';

CREATE TABLE show.seat_places (
	show_id int NOT NULL,
	seat_no int NOT NULL,
	label text NOT NULL,
	grade text NOT NULL,
	PRIMARY KEY (show_id, seat_no) INCLUDE (label, grade)
);
COMMENT ON TABLE show.seat_places IS 'what a seat is: never updated, apart from its state';
COMMENT ON COLUMN show.seat_places.show_id IS 'show';
COMMENT ON COLUMN show.seat_places.seat_no IS 'seat';
COMMENT ON COLUMN show.seat_places.label IS 'as printed on the ticket';
COMMENT ON COLUMN show.seat_places.grade IS 'code of its price grade';

CREATE TABLE show.holds (
	show_id int NOT NULL,
	hold_id uuid NOT NULL,
	user_id uuid NOT NULL,
	state show.hold_state NOT NULL DEFAULT 'active',
	seat_nos int[] NOT NULL,
	items jsonb NOT NULL,
	amount bigint NOT NULL,
	currency text NOT NULL,
	taken_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	last_until timestamptz NOT NULL,
	PRIMARY KEY (show_id, hold_id)
) WITH (fillfactor = 80);
CREATE INDEX holds_buyer_idx ON show.holds (show_id, user_id) WHERE state IN ('active', 'paying', 'confirmed');
CREATE INDEX holds_expiry_idx ON show.holds (expires_at) WHERE state = 'active';
COMMENT ON TABLE show.holds IS 'seats kept for one buyer for a while, all or nothing';
COMMENT ON COLUMN show.holds.show_id IS 'show';
COMMENT ON COLUMN show.holds.hold_id IS 'made by the program';
COMMENT ON COLUMN show.holds.user_id IS 'owner';
COMMENT ON COLUMN show.holds.state IS 'active, paying, confirmed, released, expired';
COMMENT ON COLUMN show.holds.seat_nos IS 'seats as taken, ascending';
COMMENT ON COLUMN show.holds.items IS 'seats with label, grade and price as taken';
COMMENT ON COLUMN show.holds.amount IS 'sum of the prices, minor units';
COMMENT ON COLUMN show.holds.currency IS 'of the amount';
COMMENT ON COLUMN show.holds.taken_at IS 'when';
COMMENT ON COLUMN show.holds.expires_at IS 'when it ends unless paid; kept while paying';
COMMENT ON COLUMN show.holds.last_until IS 'hard maximum: no extension goes past it';

CREATE TABLE show.orders (
	show_id int NOT NULL,
	order_id uuid NOT NULL,
	hold_id uuid NOT NULL,
	user_id uuid NOT NULL,
	state show.order_state NOT NULL DEFAULT 'pending',
	amount bigint NOT NULL,
	currency text NOT NULL,
	version int NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (show_id, order_id),
	CONSTRAINT orders_one_per_hold UNIQUE (show_id, hold_id)
) WITH (fillfactor = 80);
-- Failed orders are rare; settling looks for those whose money is still away.
CREATE INDEX orders_failed_idx ON show.orders (show_id, order_id) WHERE state = 'failed';
COMMENT ON TABLE show.orders IS 'what a hold is paid by; one per hold';
COMMENT ON COLUMN show.orders.show_id IS 'show';
COMMENT ON COLUMN show.orders.order_id IS 'made by the program';
COMMENT ON COLUMN show.orders.hold_id IS 'hold that it pays';
COMMENT ON COLUMN show.orders.user_id IS 'owner, the same as the hold''s';
COMMENT ON COLUMN show.orders.state IS 'pending, paying, paid, failed, expired, cancelled, refunded';
COMMENT ON COLUMN show.orders.amount IS 'as held, minor units';
COMMENT ON COLUMN show.orders.currency IS 'of the amount';
COMMENT ON COLUMN show.orders.version IS 'rises with each change of the order, its payments, tickets or its hold''s expiry';
COMMENT ON COLUMN show.orders.created_at IS 'when';

CREATE TABLE show.payments (
	show_id int NOT NULL,
	payment_id uuid NOT NULL,
	order_id uuid NOT NULL,
	user_id uuid NOT NULL,
	method text NOT NULL CHECK (method IN ('wallet', 'card')),
	state show.payment_state NOT NULL DEFAULT 'started',
	amount bigint NOT NULL,
	currency text NOT NULL,
	started_at timestamptz NOT NULL,
	PRIMARY KEY (show_id, payment_id)
) WITH (fillfactor = 80);
CREATE INDEX payments_order_idx ON show.payments (show_id, order_id);
CREATE INDEX payments_unfinished_idx ON show.payments (started_at) WHERE state IN ('started', 'unknown');
COMMENT ON TABLE show.payments IS 'attempts to pay an order';
COMMENT ON COLUMN show.payments.show_id IS 'show';
COMMENT ON COLUMN show.payments.payment_id IS 'made by the program; names the ledger''s row too';
COMMENT ON COLUMN show.payments.order_id IS 'order paid';
COMMENT ON COLUMN show.payments.user_id IS 'who pays';
COMMENT ON COLUMN show.payments.method IS 'wallet or card';
COMMENT ON COLUMN show.payments.state IS 'started, approved, declined, unknown, voided, refunded';
COMMENT ON COLUMN show.payments.amount IS 'minor units';
COMMENT ON COLUMN show.payments.currency IS 'of the amount';
COMMENT ON COLUMN show.payments.started_at IS 'when; unfinished ones are settled when they are old enough';

CREATE TABLE show.tickets (
	show_id int NOT NULL,
	ticket_id uuid NOT NULL,
	order_id uuid NOT NULL,
	seat_no int NOT NULL,
	user_id uuid NOT NULL,
	state text NOT NULL DEFAULT 'valid' CHECK (state IN ('valid', 'void')),
	used_at timestamptz,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (show_id, ticket_id)
);
-- So that even a bug in the functions cannot sell a seat twice.
CREATE UNIQUE INDEX tickets_seat_live ON show.tickets (show_id, seat_no) WHERE state <> 'void';
CREATE INDEX tickets_order_idx ON show.tickets (show_id, order_id);
COMMENT ON TABLE show.tickets IS 'one per seat sold; its printed code is computed when read, stored nowhere';
COMMENT ON COLUMN show.tickets.show_id IS 'show';
COMMENT ON COLUMN show.tickets.ticket_id IS 'made by the program';
COMMENT ON COLUMN show.tickets.order_id IS 'order that paid it';
COMMENT ON COLUMN show.tickets.seat_no IS 'seat';
COMMENT ON COLUMN show.tickets.user_id IS 'owner';
COMMENT ON COLUMN show.tickets.state IS 'valid, or void once cancelled';
COMMENT ON COLUMN show.tickets.used_at IS 'when it was checked in';
COMMENT ON COLUMN show.tickets.created_at IS 'when it was issued';

CREATE TABLE show.idempotency (
	show_id int NOT NULL,
	user_id uuid NOT NULL,
	path text NOT NULL,
	key text NOT NULL,
	fingerprint bytea NOT NULL,
	status int,
	result jsonb,
	payment_id uuid,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (show_id, user_id, path, key)
);
CREATE INDEX idempotency_payment_idx ON show.idempotency (show_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX idempotency_created_idx ON show.idempotency (created_at);
COMMENT ON TABLE show.idempotency IS 'first 2xx answers of writes in this home, by key; kept a day';
COMMENT ON COLUMN show.idempotency.show_id IS 'show';
COMMENT ON COLUMN show.idempotency.user_id IS 'whose key';
COMMENT ON COLUMN show.idempotency.path IS 'of the request';
COMMENT ON COLUMN show.idempotency.key IS 'Idempotency-Key';
COMMENT ON COLUMN show.idempotency.fingerprint IS 'BLAKE2b-256 of the body';
COMMENT ON COLUMN show.idempotency.status IS 'of the answer; null while the first request is still running';
COMMENT ON COLUMN show.idempotency.result IS 'what the answer is rendered from';
COMMENT ON COLUMN show.idempotency.payment_id IS 'payment that ends it';
COMMENT ON COLUMN show.idempotency.created_at IS 'when';

GRANT SELECT ON ALL TABLES IN SCHEMA show TO boxoffice_app, boxoffice_batch, boxoffice_read;
REVOKE SELECT ON show.idempotency FROM boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA show TO boxoffice_app, boxoffice_batch;
