-- Show: orders, and the steps of a payment in the show's home. Each may be called again with the same ids.

CREATE OR REPLACE FUNCTION show.orders_made(p_buyer_key bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT count(*) FROM show.holds AS h JOIN show.orders AS o ON o.hold_id = h.hold_id WHERE h.buyer_key = p_buyer_key);
END $$;
COMMENT ON FUNCTION show.orders_made IS 'How many orders a buyer has made of a show.';

CREATE OR REPLACE FUNCTION show.order_create(p_show_id int, p_order_id uuid, p_hold_id uuid, p_user_id uuid, p_path text, p_key text, p_fingerprint bytea, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	-- Bought and cancelled, again and again.
	c_orders CONSTANT int := 1000;
	v_hold record;
	v_wait_s int;
	v_refusal text;
	v_now timestamptz;
	v_done text;
BEGIN
	-- guard: show's lock
	v_done := pg_advisory_xact_lock_shared(p_show_id, -1);
	-- guard: buyer's lock
	v_done := pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	-- guard: key
	IF EXISTS (SELECT FROM show.idempotency WHERE show_id = p_show_id AND user_id = p_user_id AND path = p_path AND key = p_key) THEN
		RETURN QUERY SELECT a.* FROM show.idempotency AS i CROSS JOIN LATERAL show.idempotency_answer(i, p_fingerprint) AS a
			WHERE i.show_id = p_show_id AND i.user_id = p_user_id AND i.path = p_path AND i.key = p_key;
		RETURN;
	END IF;
	-- One statement: each of its own would cost more than all that it reads.
	SELECT h.state, h.items, h.amount, h.currency, h.expires_at, h.buyer_key, s.cancelled_at IS NOT NULL AS is_cancelled, o.order_id,
		EXISTS (SELECT FROM show.holds AS b WHERE b.buyer_key = h.buyer_key OFFSET c_orders - 1) AS has_many
	INTO v_hold
	FROM show.holds AS h JOIN show.shows AS s ON s.show_id = h.show_id LEFT JOIN show.orders AS o ON o.hold_id = h.hold_id
	WHERE h.show_id = p_show_id AND h.hold_id = p_hold_id AND /* guard: owner */ h.user_id = p_user_id;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	v_now := clock_timestamp();
	IF /* guard: one order */ v_hold.order_id IS NULL THEN
		v_refusal := CASE /* guard: cancelled */ WHEN v_hold.is_cancelled THEN 'show_closed'
			/* guard: live */ WHEN v_hold.state <> 'active' OR v_hold.expires_at <= v_now THEN 'hold_expired'
			/* guard: orders of a buyer */ WHEN v_hold.has_many AND show.orders_made(v_hold.buyer_key) >= c_orders THEN 'validation_failed' END;
		IF v_refusal IS NOT NULL THEN
			RETURN QUERY SELECT v_refusal, CASE v_refusal WHEN 'validation_failed' THEN json_build_object('field', 'hold_id',
				'message', 'is of a buyer who has made ' || c_orders || ' orders of this show and may make no more') END;
			RETURN;
		END IF;
		INSERT INTO show.orders AS o (show_id, order_id, hold_id, user_id, amount, currency, created_at)
		VALUES (p_show_id, p_order_id, p_hold_id, p_user_id, v_hold.amount, v_hold.currency, v_now)
		RETURNING show.order_doc(o, v_hold.items, v_hold.expires_at, '[]', '[]') INTO result;
		v_done := show.event_write(p_show_id, 'order.created', json_build_object('order', result), p_trace);
	ELSE
		v_wait_s := (SELECT ceil(extract(epoch FROM min(i.created_at) + interval '1 day' - v_now))::int FROM show.idempotency AS i
			WHERE i.show_id = p_show_id AND i.user_id = p_user_id AND i.path = p_path HAVING count(*) >= c_orders);
		-- guard: keys of a buyer
		IF v_wait_s IS NOT NULL THEN
			RETURN QUERY SELECT 'rate_limited', json_build_object('retry_after_s', greatest(v_wait_s, 1));
			RETURN;
		END IF;
		result := util.order_view(show.order_doc(p_show_id, v_hold.order_id), v_now);
	END IF;
	INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, status, result)
	VALUES (p_show_id, p_user_id, p_path, p_key, p_fingerprint, CASE WHEN v_hold.order_id IS NULL THEN 201 ELSE 200 END, order_create.result);
	outcome := CASE WHEN v_hold.order_id IS NULL THEN 'created' ELSE 'ok' END;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.order_create IS 'Makes the order of a live hold. A hold has one order, and asking again returns it: under so many keys a day as a buyer may make orders.';

CREATE OR REPLACE FUNCTION show.payment_begin(p_show_id int, p_order_id uuid, p_payment_id uuid, p_method text, p_user_id uuid, p_path text, p_key text, p_fingerprint bytea, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	-- Each that is declined leaves its rows.
	c_payments CONSTANT int := 100;
	v_seen record;
	v_order record;
	v_hold record;
	v_count int;
	v_now timestamptz;
	v_payment json;
	v_doc json;
	v_refusal text;
	v_done text;
BEGIN
	-- guard: show's lock
	v_done := pg_advisory_xact_lock_shared(p_show_id, -1);
	-- guard: buyer's lock
	v_done := pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT i.key, i.payment_id INTO v_seen FROM show.idempotency AS i
	WHERE i.show_id = p_show_id AND i.user_id = p_user_id AND i.path = p_path AND i.key = p_key;
	-- guard: repetition
	IF v_seen.payment_id = p_payment_id THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT 'ok', json_build_object('amount', p.amount, 'currency', p.currency, 'seats', (SELECT cardinality(h.seat_nos)
				FROM show.holds AS h WHERE h.show_id = p_show_id AND h.hold_id =
					(SELECT o.hold_id FROM show.orders AS o WHERE o.show_id = p_show_id AND o.order_id = p_order_id)))
			FROM show.payments AS p WHERE p.show_id = p_show_id AND p.payment_id = p_payment_id;
		RETURN;
	-- guard: key
	ELSIF v_seen.key IS NOT NULL THEN
		RETURN QUERY SELECT a.* FROM show.idempotency AS i CROSS JOIN LATERAL show.idempotency_answer(i, p_fingerprint) AS a
			WHERE i.show_id = p_show_id AND i.user_id = p_user_id AND i.path = p_path AND i.key = p_key;
		RETURN;
	END IF;
	SELECT hold_id, state, amount, currency, version INTO v_order FROM show.orders
	WHERE show_id = p_show_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	SELECT h.seat_nos, h.state, h.items, h.expires_at INTO v_hold FROM show.holds AS h JOIN show.shows AS s ON s.show_id = h.show_id
	WHERE h.show_id = p_show_id AND h.hold_id = v_order.hold_id AND /* guard: cancelled */ s.cancelled_at IS NULL;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'show_closed', NULL::json;
		RETURN;
	END IF;
	-- guard: seats' locks
	v_done := show.seats_lock(p_show_id, v_hold.seat_nos);
	v_now := clock_timestamp();
	v_refusal := CASE v_order.state WHEN 'paid' THEN 'already_paid' WHEN 'paying' THEN 'payment_in_progress'
		WHEN 'expired' THEN 'hold_expired'
		WHEN 'pending' THEN CASE /* guard: live */ WHEN v_hold.state <> 'active' OR v_hold.expires_at <= v_now THEN 'hold_expired'
			WHEN p_method = 'wallet' AND v_order.currency <> 'KRW' THEN 'currency_mismatch' END
		ELSE 'order_closed' END;
	-- Each payment raises the version, so that few orders need to be asked for their payments.
	IF v_refusal IS NULL AND v_order.version > c_payments THEN
		-- guard: payments of an order
		v_refusal := CASE WHEN (SELECT count(*) FROM show.payments AS p WHERE p.order_id = p_order_id) >= c_payments THEN 'order_closed' END;
	END IF;
	-- guard: may be paid
	IF v_refusal IS NOT NULL THEN
		RETURN QUERY SELECT v_refusal, NULL::json;
		RETURN;
	END IF;
	UPDATE show.seats SET held_until = /* guard: seats are kept */ 'infinity'
	WHERE show_id = p_show_id AND seat_no = ANY (v_hold.seat_nos)
		AND /* guard: own seats */ (hold_id = v_order.hold_id AND state = 'held' AND held_until > v_now);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	-- guard: row count
	IF v_count <> cardinality(v_hold.seat_nos) THEN
		RAISE EXCEPTION 'kept % of % seats for a payment', v_count, cardinality(v_hold.seat_nos)
			USING ERRCODE = 'serialization_failure';
	END IF;
	UPDATE show.holds SET state = /* guard: hold is paying */ 'paying' WHERE show_id = p_show_id AND hold_id = v_order.hold_id AND state = 'active';
	INSERT INTO show.payments AS p (show_id, payment_id, order_id, user_id, method, amount, currency, started_at)
	VALUES (p_show_id, p_payment_id, p_order_id, p_user_id, p_method::show.payment_method, v_order.amount, v_order.currency, v_now)
	RETURNING show.payment_doc(p) INTO v_payment;
	INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, payment_id)
	VALUES (p_show_id, p_user_id, p_path, p_key, p_fingerprint, p_payment_id);
	UPDATE show.orders AS o SET state = 'paying', version = version + 1
	WHERE show_id = p_show_id AND order_id = p_order_id AND state = 'pending'
	RETURNING show.order_doc(o, v_hold.items, v_hold.expires_at, '[]', show.order_payments(o, v_payment, 2)) INTO STRICT v_doc;
	v_done := show.event_write(p_show_id, 'order.paying', json_build_object('payment_id', p_payment_id, 'order', v_doc), p_trace);
	outcome := 'ok';
	result := json_build_object('amount', v_order.amount, 'currency', v_order.currency, 'seats', v_count);
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.payment_begin IS 'Keeps the seats of a pending order until its payment ends.';

CREATE OR REPLACE FUNCTION show.payment_answer(p_show_id int, p_order_id uuid, p_payment_id uuid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT json_build_object('payment', show.payment_doc(p),
			'order', util.order_view(show.order_doc(p_show_id, p_order_id), clock_timestamp()))
		FROM show.payments AS p WHERE p.show_id = p_show_id AND p.payment_id = p_payment_id AND p.order_id = p_order_id);
END $$;
COMMENT ON FUNCTION show.payment_answer IS 'The result of each step of a payment.';

CREATE OR REPLACE FUNCTION show.order_confirm(p_show_id int, p_order_id uuid, p_payment_id uuid, p_user_id uuid, p_ticket_ids uuid[], p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_order record;
	v_payment json;
	v_hold record;
	v_doc json;
	v_count int;
	v_now timestamptz;
	v_moved json;
	v_tickets json;
	v_done text;
BEGIN
	-- guard: buyer's lock
	v_done := pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT hold_id, state INTO v_order FROM show.orders
	WHERE show_id = p_show_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id;
	-- guard: order under way
	IF v_order.state IS DISTINCT FROM 'paying' THEN
		RETURN QUERY SELECT CASE /* guard: again */ WHEN v_order.state = 'paid' AND EXISTS (SELECT FROM show.payments WHERE show_id = p_show_id
				AND payment_id = p_payment_id AND order_id = p_order_id AND state = 'approved') THEN 'ok' ELSE 'order_closed' END,
			show.payment_answer(p_show_id, p_order_id, p_payment_id);
		RETURN;
	END IF;
	SELECT seat_nos, items, expires_at INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = v_order.hold_id;
	-- guard: seats' locks
	v_done := show.seats_lock(p_show_id, v_hold.seat_nos);
	SELECT count(*) INTO v_count FROM show.seats
	WHERE show_id = p_show_id AND seat_no = ANY (v_hold.seat_nos) AND /* guard: own seats in the check */ hold_id = v_order.hold_id AND /* guard: held in the check */ state = 'held';
	-- guard: lost seats
	IF v_count <> cardinality(v_hold.seat_nos) THEN
		RETURN QUERY SELECT 'seats_lost', NULL::json;
		RETURN;
	END IF;
	UPDATE show.payments AS p SET state = 'approved'
	WHERE show_id = p_show_id AND payment_id = p_payment_id AND order_id = p_order_id AND /* guard: payment under way */ state IN ('started', 'unknown')
	RETURNING show.payment_doc(p) INTO v_payment;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'order_closed', show.payment_answer(p_show_id, p_order_id, p_payment_id);
		RETURN;
	END IF;
	v_now := clock_timestamp();
	WITH sold AS (
		UPDATE show.seats SET state = 'sold', held_until = NULL, version = version + 1
		WHERE show_id = p_show_id AND seat_no = ANY (v_hold.seat_nos) AND /* guard: own seats in the UPDATE */ hold_id = v_order.hold_id AND /* guard: held in the UPDATE */ state = 'held'
		RETURNING seat_no, version)
	SELECT count(*), json_agg(json_build_object('no', seat_no, 'state', 'sold', 'v', version) ORDER BY seat_no)
	INTO v_count, v_moved FROM sold;
	-- guard: row count
	IF v_count <> cardinality(v_hold.seat_nos) OR v_count <> cardinality(p_ticket_ids) THEN
		RAISE EXCEPTION 'sold % of % seats', v_count, cardinality(v_hold.seat_nos);
	END IF;
	WITH issued AS (
		INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id, created_at)
		SELECT p_show_id, t.id, p_order_id, t.no, p_user_id, v_now FROM unnest(p_ticket_ids, v_hold.seat_nos) AS t (id, no)
		RETURNING *)
	SELECT json_agg(show.ticket_doc(t, v_hold.items, v_hold.seat_nos) ORDER BY t.seat_no) INTO v_tickets FROM issued AS t;
	UPDATE show.holds SET state = 'confirmed' WHERE show_id = p_show_id AND hold_id = v_order.hold_id AND state = 'paying';
	UPDATE show.orders AS o SET state = 'paid', version = version + 1
	WHERE show_id = p_show_id AND order_id = p_order_id AND /* guard: order's state */ state = 'paying'
	RETURNING show.order_doc(o, v_hold.items, v_hold.expires_at, v_tickets, show.order_payments(o, v_payment, 3)) INTO STRICT v_doc;
	outcome := 'ok';
	-- One document serves both: the event may contain more than it needs, and building it twice costs time.
	result := json_build_object('payment', v_payment, 'payment_id', p_payment_id, 'order', v_doc, 'seats', v_moved);
	v_done := show.event_write(p_show_id, 'order.paid', result, p_trace);
	UPDATE show.idempotency SET status = 200, result = order_confirm.result
	WHERE show_id = p_show_id AND user_id = p_user_id AND payment_id = p_payment_id;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.order_confirm IS 'Ends a successful payment: seats sold, tickets issued. Outcome order_closed: the money must go back. Outcome seats_lost: the order must be failed first.';

CREATE OR REPLACE FUNCTION show.payment_end(p_show_id int, p_order_id uuid, p_payment_id uuid, p_user_id uuid, p_state text, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_hold show.holds;
	v_payment show.payments;
	v_until timestamptz;
BEGIN
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_payment FROM show.payments
	WHERE show_id = p_show_id AND payment_id = p_payment_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id;
	IF v_payment.state IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	-- guard: under way
	ELSIF v_payment.state NOT IN ('started', 'unknown') THEN
		RETURN QUERY SELECT 'ok', show.payment_answer(p_show_id, p_order_id, p_payment_id);
		RETURN;
	END IF;
	SELECT * INTO v_hold FROM show.holds
	WHERE show_id = p_show_id AND hold_id = (SELECT o.hold_id FROM show.orders AS o WHERE o.show_id = p_show_id AND o.order_id = p_order_id);
	PERFORM show.seats_lock(p_show_id, v_hold.seat_nos);
	-- The buyer gets a minute to try again, if the hard maximum allows it.
	v_until := least(greatest(v_hold.expires_at, clock_timestamp() + interval '60 s'), v_hold.last_until);
	UPDATE show.payments SET state = p_state::show.payment_state WHERE show_id = p_show_id AND payment_id = p_payment_id;
	UPDATE show.holds SET state = 'active', expires_at = v_until
	WHERE show_id = p_show_id AND hold_id = v_hold.hold_id AND state = 'paying' RETURNING * INTO STRICT v_hold;
	-- Not before now, because a re-release schedule looks only for holds that have ended since its last moment.
	UPDATE show.seats SET held_until = /* guard: no earlier than now */ greatest(v_until, clock_timestamp())
	WHERE show_id = p_show_id AND seat_no = ANY (v_hold.seat_nos) AND hold_id = v_hold.hold_id AND state = 'held';
	PERFORM show.event_write(p_show_id, 'payment.' || p_state, json_build_object('payment_id', p_payment_id,
		'order', show.order_touch(p_show_id, v_hold.hold_id, 'paying', 'pending')), p_trace);
	-- guard: cancelled
	IF show.is_cancelled(p_show_id) THEN
		PERFORM show.hold_close(v_hold, 'hold.released', p_trace);
	END IF;
	-- guard: key is free
	DELETE FROM show.idempotency WHERE show_id = p_show_id AND user_id = p_user_id AND payment_id = p_payment_id;
	RETURN QUERY SELECT 'ok', show.payment_answer(p_show_id, p_order_id, p_payment_id);
END $$;
COMMENT ON FUNCTION show.payment_end IS 'Ends a payment that took no money (declined or voided): the hold is active and the order pending again. If the show is cancelled, they end too.';

CREATE OR REPLACE FUNCTION show.order_fail(p_show_id int, p_order_id uuid, p_payment_id uuid, p_user_id uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_order show.orders;
	v_hold show.holds;
BEGIN
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_order FROM show.orders
	WHERE show_id = p_show_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id;
	-- guard: order under way
	IF v_order.state = 'paying' AND /* guard: payment under way */ EXISTS (SELECT FROM show.payments WHERE show_id = p_show_id
			AND payment_id = p_payment_id AND order_id = p_order_id AND state IN ('started', 'unknown')) THEN
		SELECT * INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = v_order.hold_id;
		PERFORM show.seats_lock(p_show_id, v_hold.seat_nos);
		UPDATE show.payments SET state = 'approved' WHERE show_id = p_show_id AND payment_id = p_payment_id;
		UPDATE show.holds SET state = 'released', ended_at = '-infinity' WHERE show_id = p_show_id AND hold_id = v_hold.hold_id;
		-- guard: money is due
		INSERT INTO show.refunds_due (show_id, payment_id, order_id, user_id)
		VALUES (p_show_id, p_payment_id, p_order_id, p_user_id);
		PERFORM show.hold_free_seats(v_hold, 'order.failed',
			show.order_touch(p_show_id, v_hold.hold_id, 'paying', 'failed'), p_trace);
		DELETE FROM show.idempotency WHERE show_id = p_show_id AND user_id = p_user_id AND payment_id = p_payment_id;
	END IF;
	RETURN QUERY SELECT 'ok', show.payment_answer(p_show_id, p_order_id, p_payment_id);
END $$;
COMMENT ON FUNCTION show.order_fail IS 'Closes an order that was charged but cannot be confirmed. A later confirm is refused, so its money may go back.';
