-- Show: shared by its functions. There are three kinds of locks, no others, taken in this order:
--   show   (show, -1):   shared by whatever moves a hold, order or payment forward (take, extend, order, begin a payment);
--                        exclusive for cancelling or changing the show, which then finds nothing in flight
--   buyer  (show, user): covers the user's holds, orders, payments and tickets in the show
--   seat   (show, seat): hold and sweep try it, all others wait for it in ascending order

CREATE OR REPLACE FUNCTION show.buyer_key(p_show_id int, p_user_id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN uuid_hash_extended(p_user_id, 4294967296 + p_show_id);
COMMENT ON FUNCTION show.buyer_key IS 'Key of the buyer''s lock: 64 bits, so it never equals the two-integer key of a seat.';

CREATE OR REPLACE FUNCTION show.show_lock(p_show_id int) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
	-- Whoever asks for the shared lock meanwhile waits behind this one. So it gives up soon: somebody may hold the
	-- shared lock for long.
	PERFORM pg_advisory_xact_lock(p_show_id, -1);
	RETURN true;
EXCEPTION WHEN lock_not_available THEN
	RETURN false;
END $$;
COMMENT ON FUNCTION show.show_lock IS 'Takes the show''s lock exclusively, until the end of the transaction. False when it was not free in time. The key of a seat is never -1.';

CREATE OR REPLACE FUNCTION show.is_cancelled(p_show_id int) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT cancelled_at IS NOT NULL FROM show.shows WHERE show_id = p_show_id);
END $$;
COMMENT ON FUNCTION show.is_cancelled IS 'Is the show cancelled? Under the show''s lock the answer holds until the end of the transaction.';

-- Depends only on the states, so that it is inlined and the planner sees its condition.
CREATE OR REPLACE FUNCTION show.seat_is_free(p_state show.seat_state, p_held_until timestamptz, p_now timestamptz, p_is_resting boolean)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_state = 'available' OR (p_state = 'held' AND /* guard: over */ p_held_until <= p_now AND /* guard: resting */ NOT p_is_resting);
COMMENT ON FUNCTION show.seat_is_free IS 'May anybody take the seat at this moment? Seats of a show with re-release rest when their hold ends (p_is_resting).';

CREATE OR REPLACE FUNCTION show.seats_lock(p_show_id int, p_seat_nos int[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_no int;
	v_done text;
BEGIN
	FOREACH v_no IN ARRAY p_seat_nos LOOP
		-- Assigned instead of performed: an expression costs a tenth of a statement.
		v_done := pg_advisory_xact_lock(p_show_id, v_no);
	END LOOP;
END $$;
COMMENT ON FUNCTION show.seats_lock IS 'Waits for the seat locks in the given order, which must be ascending.';

CREATE OR REPLACE FUNCTION show.hold_doc(p_hold show.holds, p_now timestamptz) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', p_hold.hold_id, 'show_id', p_hold.show_id, 'user_id', p_hold.user_id,
	'state', CASE WHEN p_hold.state = 'active' AND p_hold.expires_at <= p_now THEN 'expired' ELSE p_hold.state::text END,
	'seats', p_hold.items, 'amount', p_hold.amount, 'currency', p_hold.currency, 'expires_at', util.unix(p_hold.expires_at));
COMMENT ON FUNCTION show.hold_doc IS 'The document of a hold as it reads at a moment.';

CREATE OR REPLACE FUNCTION show.payment_doc(p_payment show.payments) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', p_payment.payment_id, 'method', p_payment.method, 'state', p_payment.state,
	'amount', p_payment.amount, 'at', util.unix(p_payment.started_at));
COMMENT ON FUNCTION show.payment_doc IS 'The document of a payment.';

-- Each column that a statement gives to variables costs as much as the reading of a row. So the steps of a sale name what they
-- need, and make their documents in the statement that writes.
CREATE OR REPLACE FUNCTION show.order_doc(p_order show.orders, p_items json, p_expires_at timestamptz, p_tickets json, p_payments json)
RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', p_order.order_id, 'show_id', p_order.show_id, 'hold_id', p_order.hold_id,
	'user_id', p_order.user_id, 'state', p_order.state, 'amount', p_order.amount, 'currency', p_order.currency,
	'seats', p_items, 'tickets', p_tickets, 'payments', p_payments, 'created_at', util.unix(p_order.created_at),
	'created_us', (date_part('epoch', p_order.created_at) * 1e6)::bigint,
	'expires_at', CASE WHEN p_order.state IN ('pending', 'paying', 'expired') THEN util.unix(p_expires_at) END,
	'version', p_order.version);
COMMENT ON FUNCTION show.order_doc(show.orders, json, timestamptz, json, json) IS 'The document of an order, made from its parts: items and end of its hold, tickets, payments.';

CREATE OR REPLACE FUNCTION show.ticket_doc(p_ticket show.tickets, p_item json) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', p_ticket.ticket_id, 'seat', p_ticket.seat_no, 'label', p_item -> 'label',
	'section', p_item -> 'section', 'row', p_item -> 'row', 'used_at', util.unix(p_ticket.used_at));
COMMENT ON FUNCTION show.ticket_doc(show.tickets, json) IS 'The document of a ticket, from the item of its seat.';

CREATE OR REPLACE FUNCTION show.ticket_doc(p_ticket show.tickets, p_items json, p_seat_nos int[]) RETURNS json
LANGUAGE sql STABLE
RETURN show.ticket_doc(p_ticket, p_items -> (array_position(p_seat_nos, p_ticket.seat_no) - 1));
COMMENT ON FUNCTION show.ticket_doc(show.tickets, json, int[]) IS 'The document of a ticket. The items of its hold are in the order of its seats.';

-- In plpgsql, because it keeps its plans: a query in an SQL function is planned at each call. It searches by the order
-- alone, which belongs to one show. With the show as a second condition, a plan made while the table had no statistics
-- read all rows of the show by the key.
CREATE OR REPLACE FUNCTION show.order_tickets(p_order_id uuid, p_items json, p_seat_nos int[]) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	-- Void tickets are left out after reading: as a condition this would make the planner read the index of live seats
	-- of the whole show.
	RETURN (SELECT coalesce(json_agg(show.ticket_doc(t, p_items, p_seat_nos) ORDER BY t.seat_no) FILTER (WHERE t.state <> 'void'), '[]')
		FROM show.tickets AS t WHERE t.order_id = p_order_id);
END $$;
COMMENT ON FUNCTION show.order_tickets IS 'The tickets in an order''s document.';

CREATE OR REPLACE FUNCTION show.order_payments(p_order_id uuid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_agg(show.payment_doc(p) ORDER BY p.started_at, p.payment_id), '[]')
		FROM show.payments AS p WHERE p.order_id = p_order_id);
END $$;
COMMENT ON FUNCTION show.order_payments(uuid) IS 'The payments in an order''s document.';

CREATE OR REPLACE FUNCTION show.order_payments(p_order show.orders, p_payment json, p_first_version int) RETURNS json
LANGUAGE sql STABLE
RETURN CASE WHEN p_order.version = p_first_version THEN json_build_array(p_payment)
	ELSE show.order_payments(p_order.order_id) END;
COMMENT ON FUNCTION show.order_payments(show.orders, json, int) IS 'The payments in an order''s document, without a query when the version says that this payment is the first: each earlier one would have raised the version.';

CREATE OR REPLACE FUNCTION show.order_doc(p_show_id int, p_order_id uuid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_order show.orders;
	v_hold record;
BEGIN
	SELECT * INTO v_order FROM show.orders WHERE show_id = p_show_id AND order_id = p_order_id;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	SELECT items, seat_nos, expires_at INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = v_order.hold_id;
	RETURN show.order_doc(v_order, v_hold.items, v_hold.expires_at, show.order_tickets(p_order_id, v_hold.items, v_hold.seat_nos),
		show.order_payments(p_order_id));
END $$;
COMMENT ON FUNCTION show.order_doc(int, uuid) IS 'The document of an order as stored. util.order_view() gives its present reading.';

CREATE OR REPLACE FUNCTION show.event_write(p_show_id int, p_kind text, p_payload json, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('show', p_show_id::text, p_kind, p_payload, p_trace);
END $$;
COMMENT ON FUNCTION show.event_write IS 'Writes an event of a show.';

CREATE OR REPLACE FUNCTION show.idempotency_answer(p_seen show.idempotency, p_fingerprint bytea)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- guard: fingerprint
	IF p_seen.fingerprint <> p_fingerprint THEN
		RETURN QUERY SELECT 'idempotency_mismatch', NULL::json;
	-- guard: running
	ELSIF p_seen.status IS NULL THEN
		RETURN QUERY SELECT 'idempotency_in_flight', NULL::json;
	ELSE
		RETURN QUERY SELECT 'replay', json_build_object('status', p_seen.status, 'body', p_seen.result);
	END IF;
END $$;
COMMENT ON FUNCTION show.idempotency_answer IS 'The answer to a key that was used before. A statement of its own must look the key up under the buyer''s lock.';
