-- The yardstick: seats taken and paid with the fewest statements that still keep every promise about them, and
-- nothing else (no limits, no documents, no owner checks, no replay). Frozen: a figure is only worth something as a
-- ratio to this on the same machine in the same minute, so a change here ends all comparison with earlier runs.
CREATE SCHEMA reference;

CREATE TABLE reference.seats (
	show_id int NOT NULL,
	seat_no int NOT NULL,
	state text NOT NULL DEFAULT 'available',
	hold_id uuid,
	held_until timestamptz,
	version int NOT NULL DEFAULT 0,
	PRIMARY KEY (show_id, seat_no)
) WITH (fillfactor = 70);

CREATE TABLE reference.holds (
	hold_id uuid PRIMARY KEY,
	show_id int NOT NULL,
	user_id uuid NOT NULL,
	state text NOT NULL DEFAULT 'active',
	seat_nos int[] NOT NULL,
	expires_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON reference.holds (expires_at) WHERE state = 'active';

CREATE TABLE reference.orders (
	order_id uuid PRIMARY KEY,
	hold_id uuid NOT NULL UNIQUE,
	user_id uuid NOT NULL,
	state text NOT NULL DEFAULT 'pending',
	amount bigint NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE reference.payments (
	payment_id uuid PRIMARY KEY,
	order_id uuid NOT NULL,
	state text NOT NULL DEFAULT 'started'
) WITH (fillfactor = 80);

CREATE TABLE reference.tickets (
	ticket_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	order_id uuid NOT NULL,
	show_id int NOT NULL,
	seat_no int NOT NULL,
	UNIQUE (show_id, seat_no)
);

CREATE TABLE reference.wallets (
	user_id uuid PRIMARY KEY,
	balance bigint NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 70);

CREATE TABLE reference.ledger (
	user_id uuid NOT NULL,
	payment_id uuid NOT NULL,
	amount bigint NOT NULL,
	PRIMARY KEY (user_id, payment_id)
);

CREATE TABLE reference.events (
	id bigserial,
	entity text NOT NULL,
	kind text NOT NULL,
	payload jsonb NOT NULL,
	at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON reference.events (id);

CREATE FUNCTION reference.hold_take(p_show_id int, p_hold_id uuid, p_user_id uuid, p_seats int[], p_seconds int)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	v_no int;
	v_now timestamptz;
	v_count int;
BEGIN
	FOREACH v_no IN ARRAY p_seats LOOP
		IF NOT pg_try_advisory_xact_lock(p_show_id, v_no) THEN
			RETURN 'seats_taken';
		END IF;
	END LOOP;
	v_now := clock_timestamp();
	SELECT count(*) INTO v_count FROM reference.seats
	WHERE show_id = p_show_id AND seat_no = ANY (p_seats)
		AND (state = 'available' OR (state = 'held' AND held_until <= v_now));
	IF v_count <> cardinality(p_seats) THEN
		RETURN 'seats_taken';
	END IF;
	INSERT INTO reference.holds (hold_id, show_id, user_id, seat_nos, expires_at)
	VALUES (p_hold_id, p_show_id, p_user_id, p_seats, v_now + make_interval(secs => p_seconds));
	UPDATE reference.seats SET state = 'held', hold_id = p_hold_id, version = version + 1,
		held_until = v_now + make_interval(secs => p_seconds)
	WHERE show_id = p_show_id AND seat_no = ANY (p_seats)
		AND (state = 'available' OR (state = 'held' AND held_until <= v_now));
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count <> cardinality(p_seats) THEN
		RAISE EXCEPTION 'took % of % seats', v_count, cardinality(p_seats);
	END IF;
	INSERT INTO reference.events (entity, kind, payload)
	VALUES (p_show_id::text, 'hold.taken', jsonb_build_object('hold_id', p_hold_id, 'seats', p_seats));
	RETURN 'created';
END $$;

CREATE FUNCTION reference.order_create(p_order_id uuid, p_hold_id uuid, p_user_id uuid, p_price bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	v_hold reference.holds;
BEGIN
	SELECT * INTO v_hold FROM reference.holds WHERE hold_id = p_hold_id FOR UPDATE;
	IF v_hold.state IS DISTINCT FROM 'active' OR v_hold.expires_at <= clock_timestamp() THEN
		RETURN 'hold_expired';
	END IF;
	INSERT INTO reference.orders (order_id, hold_id, user_id, amount)
	VALUES (p_order_id, p_hold_id, p_user_id, p_price * cardinality(v_hold.seat_nos));
	INSERT INTO reference.events (entity, kind, payload)
	VALUES (v_hold.show_id::text, 'order.created', jsonb_build_object('order_id', p_order_id));
	RETURN 'created';
END $$;

CREATE FUNCTION reference.payment_begin(p_order_id uuid, p_payment_id uuid)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	v_hold reference.holds;
	v_count int;
BEGIN
	UPDATE reference.orders SET state = 'paying' WHERE order_id = p_order_id AND state = 'pending';
	IF NOT FOUND THEN
		RETURN 'order_closed';
	END IF;
	UPDATE reference.holds AS h SET state = 'paying' FROM reference.orders AS o
	WHERE o.order_id = p_order_id AND h.hold_id = o.hold_id AND h.state = 'active' AND h.expires_at > clock_timestamp()
	RETURNING h.* INTO v_hold;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the hold of order % is over', p_order_id;
	END IF;
	UPDATE reference.seats SET held_until = 'infinity'
	WHERE show_id = v_hold.show_id AND seat_no = ANY (v_hold.seat_nos) AND hold_id = v_hold.hold_id AND state = 'held';
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count <> cardinality(v_hold.seat_nos) THEN
		RAISE EXCEPTION 'kept % of % seats', v_count, cardinality(v_hold.seat_nos);
	END IF;
	INSERT INTO reference.payments (payment_id, order_id) VALUES (p_payment_id, p_order_id);
	INSERT INTO reference.events (entity, kind, payload)
	VALUES (v_hold.show_id::text, 'order.paying', jsonb_build_object('order_id', p_order_id));
	RETURN 'ok';
END $$;

CREATE FUNCTION reference.wallet_debit(p_user_id uuid, p_payment_id uuid, p_amount bigint)
RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE reference.wallets SET balance = balance - p_amount WHERE user_id = p_user_id AND balance >= p_amount;
	IF NOT FOUND THEN
		RETURN 'insufficient_balance';
	END IF;
	INSERT INTO reference.ledger (user_id, payment_id, amount) VALUES (p_user_id, p_payment_id, -p_amount);
	INSERT INTO reference.events (entity, kind, payload)
	VALUES (p_user_id::text, 'wallet.used', jsonb_build_object('payment_id', p_payment_id));
	RETURN 'ok';
END $$;

CREATE FUNCTION reference.order_confirm(p_order_id uuid, p_payment_id uuid)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	v_hold reference.holds;
	v_no int;
	v_count int;
BEGIN
	UPDATE reference.orders SET state = 'paid' WHERE order_id = p_order_id AND state = 'paying';
	IF NOT FOUND THEN
		RETURN 'order_closed';
	END IF;
	UPDATE reference.holds AS h SET state = 'confirmed' FROM reference.orders AS o
	WHERE o.order_id = p_order_id AND h.hold_id = o.hold_id AND h.state = 'paying'
	RETURNING h.* INTO v_hold;
	FOREACH v_no IN ARRAY v_hold.seat_nos LOOP
		PERFORM pg_advisory_xact_lock(v_hold.show_id, v_no);
	END LOOP;
	UPDATE reference.seats SET state = 'sold', held_until = NULL, version = version + 1
	WHERE show_id = v_hold.show_id AND seat_no = ANY (v_hold.seat_nos) AND hold_id = v_hold.hold_id AND state = 'held';
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count <> cardinality(v_hold.seat_nos) THEN
		RAISE EXCEPTION 'sold % of % seats', v_count, cardinality(v_hold.seat_nos);
	END IF;
	INSERT INTO reference.tickets (order_id, show_id, seat_no)
	SELECT p_order_id, v_hold.show_id, n FROM unnest(v_hold.seat_nos) AS n;
	UPDATE reference.payments SET state = 'approved' WHERE payment_id = p_payment_id;
	INSERT INTO reference.events (entity, kind, payload)
	VALUES (v_hold.show_id::text, 'order.paid', jsonb_build_object('order_id', p_order_id));
	RETURN 'ok';
END $$;

CREATE FUNCTION reference.holds_sweep(p_limit int)
RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	v_hold record;
	v_no int;
	v_count int;
	v_seats int := 0;
BEGIN
	<<next_hold>>
	FOR v_hold IN SELECT hold_id, show_id, seat_nos FROM reference.holds
			WHERE state = 'active' AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT p_limit LOOP
		EXIT WHEN v_seats + cardinality(v_hold.seat_nos) > 500;
		FOREACH v_no IN ARRAY v_hold.seat_nos LOOP
			CONTINUE next_hold WHEN NOT pg_try_advisory_xact_lock(v_hold.show_id, v_no);
		END LOOP;
		UPDATE reference.holds SET state = 'expired'
		WHERE hold_id = v_hold.hold_id AND state = 'active' AND expires_at <= clock_timestamp();
		CONTINUE WHEN NOT FOUND;
		UPDATE reference.seats SET state = 'available', hold_id = NULL, held_until = NULL, version = version + 1
		WHERE show_id = v_hold.show_id AND seat_no = ANY (v_hold.seat_nos) AND hold_id = v_hold.hold_id AND state = 'held';
		GET DIAGNOSTICS v_count = ROW_COUNT;
		INSERT INTO reference.events (entity, kind, payload)
		VALUES (v_hold.show_id::text, 'hold.expired', jsonb_build_object('hold_id', v_hold.hold_id, 'seats', v_hold.seat_nos));
		v_seats := v_seats + v_count;
	END LOOP;
	RETURN v_seats;
END $$;
