-- Show: cancelling. First the order is closed, so that anything that comes late for it is refused. Then its money goes
-- back (in the account's home). Then the refund is recorded. Closing a paid order leaves a row in show.refunds_due.

CREATE OR REPLACE FUNCTION show.order_close(p_order show.orders, p_hold show.holds, p_request_id uuid, p_trace text) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	v_payment_id uuid;
	v_count int;
BEGIN
	UPDATE show.tickets SET state = /* guard: tickets are void */ 'void' WHERE order_id = p_order.order_id AND state = 'valid';
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count <> cardinality(p_hold.seat_nos) THEN
		RAISE EXCEPTION 'took back % of % tickets', v_count, cardinality(p_hold.seat_nos);
	END IF;
	UPDATE show.holds SET state = /* guard: hold is released */ 'released', ended_at = /* guard: counts as unpaid */ clock_timestamp()
	WHERE show_id = p_hold.show_id AND hold_id = p_hold.hold_id AND state = 'confirmed';
	INSERT INTO show.refunds_due (show_id, payment_id, order_id, user_id, request_id)
	SELECT p.show_id, p.payment_id, p.order_id, p.user_id, p_request_id FROM show.payments AS p
	WHERE p.order_id = p_order.order_id AND p.state = 'approved' RETURNING payment_id INTO STRICT v_payment_id;
	PERFORM show.hold_free_seats(p_hold, 'order.cancelled',
		show.order_touch(p_order.show_id, p_hold.hold_id, 'paid', 'cancelled'), p_trace);
	RETURN v_payment_id;
END $$;
COMMENT ON FUNCTION show.order_close IS 'Cancels a paid order under the locks of its buyer and seats: tickets void, seats free, money due. Returns the payment.';

CREATE OR REPLACE FUNCTION show.order_cancel(p_show_id int, p_order_id uuid, p_request_id uuid, p_late_s int, p_user_id uuid, p_path text, p_key text, p_fingerprint bytea, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_seen show.idempotency;
	v_order show.orders;
	v_hold show.holds;
	v_payment_id uuid;
	v_used int;
	v_refusal text;
BEGIN
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_seen FROM show.idempotency
	WHERE show_id = p_show_id AND user_id = p_user_id AND path = p_path AND key = p_key;
	-- guard: repetition
	IF v_seen.status IS NULL AND EXISTS (SELECT FROM show.refunds_due
			WHERE show_id = p_show_id AND payment_id = v_seen.payment_id AND /* guard: own request */ request_id = p_request_id) THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT 'ok', json_build_object('payment_id', v_seen.payment_id, 'amount', o.amount)
			FROM show.orders AS o WHERE o.show_id = p_show_id AND o.order_id = p_order_id;
		RETURN;
	-- guard: key
	ELSIF v_seen.key IS NOT NULL THEN
		RETURN QUERY SELECT * FROM show.idempotency_answer(v_seen, p_fingerprint);
		RETURN;
	END IF;
	SELECT * INTO v_order FROM show.orders
	WHERE show_id = p_show_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id;
	IF v_order.order_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	SELECT * INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = v_order.hold_id;
	-- guard: seats' locks
	PERFORM show.seats_lock(p_show_id, v_hold.seat_nos);
	-- A check-in takes only its ticket's row, so whichever of the two gets that row first wins.
	SELECT count(*) FILTER (WHERE t.used_at IS NOT NULL) INTO v_used
	FROM (SELECT used_at FROM show.tickets WHERE order_id = p_order_id AND state = 'valid' /* guard: tickets' rows */ FOR UPDATE) AS t;
	v_refusal := CASE WHEN v_order.state IN ('cancelled', 'refunded') THEN 'already_cancelled'
		WHEN v_order.state = 'paying' THEN 'payment_in_progress'
		WHEN v_order.state IN ('failed', 'expired') THEN 'order_closed'
		WHEN v_order.state = 'pending' AND (v_hold.state <> 'active' OR v_hold.expires_at <= clock_timestamp()) THEN 'order_closed'
		/* guard: used tickets */ WHEN v_used > 0 THEN 'already_used'
		WHEN /* guard: paid */ v_order.state = 'paid' AND EXISTS (SELECT FROM show.shows WHERE show_id = p_show_id
			AND /* guard: in time */ starts_at - make_interval(secs => p_late_s) <= clock_timestamp()) THEN 'too_late' END;
	-- guard: may be cancelled
	IF v_refusal IS NOT NULL THEN
		RETURN QUERY SELECT v_refusal, NULL::json;
		RETURN;
	END IF;
	IF v_order.state = 'paid' THEN
		v_payment_id := show.order_close(v_order, v_hold, p_request_id, p_trace);
		result := json_build_object('payment_id', v_payment_id, 'amount', v_order.amount);
		INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, payment_id)
		VALUES (p_show_id, p_user_id, p_path, p_key, p_fingerprint, v_payment_id);
	ELSE
		result := show.hold_close(v_hold, 'order.cancelled', p_trace);
		INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, status, result)
		VALUES (p_show_id, p_user_id, p_path, p_key, p_fingerprint, 200, order_cancel.result);
	END IF;
	outcome := 'ok';
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.order_cancel IS 'Cancels an order of its owner, a paid one until p_late_s seconds before the start. Returns the payment to give back if the order was paid, or the document if it was pending.';

CREATE OR REPLACE FUNCTION show.order_refunded(p_show_id int, p_order_id uuid, p_payment_id uuid, p_user_id uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_state show.order_state;
	v_doc json;
BEGIN
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	UPDATE show.payments SET state = 'refunded'
	WHERE show_id = p_show_id AND payment_id = p_payment_id AND order_id = p_order_id AND /* guard: owner */ user_id = p_user_id
		AND /* guard: once */ state = 'approved';
	IF FOUND THEN
		UPDATE show.orders SET state = /* guard: refunded */ CASE state WHEN 'cancelled' THEN 'refunded' ELSE state END, version = version + 1
		WHERE show_id = p_show_id AND order_id = p_order_id RETURNING state INTO v_state;
		-- guard: no longer due
		DELETE FROM show.refunds_due WHERE show_id = p_show_id AND payment_id = p_payment_id;
		v_doc := show.order_doc(p_show_id, p_order_id);
		PERFORM show.event_write(p_show_id, CASE v_state WHEN 'refunded' THEN 'order.refunded' ELSE 'payment.refunded' END,
			json_build_object('payment_id', p_payment_id, 'order', v_doc), p_trace);
		-- guard: answer is stored
		UPDATE show.idempotency SET status = 200, result = v_doc
		WHERE show_id = p_show_id AND user_id = p_user_id AND payment_id = p_payment_id AND status IS NULL;
	END IF;
	RETURN QUERY SELECT 'ok', show.payment_answer(p_show_id, p_order_id, p_payment_id);
END $$;
COMMENT ON FUNCTION show.order_refunded IS 'Records that the money of a closed order is back: a cancelled order becomes refunded, a failed one stays failed.';

CREATE OR REPLACE FUNCTION show.refunds_left(p_show_id int) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT count(DISTINCT order_id) FROM show.tickets WHERE show_id = p_show_id AND state <> 'void')
		+ (SELECT count(*) FROM show.payments WHERE show_id = p_show_id AND state IN ('started', 'unknown') AND started_at IS NOT NULL)
		+ (SELECT count(*) FROM show.refunds_due WHERE show_id = p_show_id);
END $$;
COMMENT ON FUNCTION show.refunds_left IS 'Number of orders of a cancelled show that are paid or being paid, plus refunds under way. It only falls, because no payment begins any more.';

CREATE OR REPLACE FUNCTION show.show_cancel(p_show_id int, p_actor uuid, p_reason text, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_show show.shows;
BEGIN
	-- guard: show's lock
	IF NOT show.show_lock(p_show_id) THEN
		RETURN QUERY SELECT 'busy', NULL::json;
		RETURN;
	END IF;
	-- Changes only this row. Payments that have begun may end, and settling gives their money back and ends the rest.
	UPDATE show.shows SET cancelled_at = clock_timestamp()
	WHERE show_id = p_show_id AND published_at IS NOT NULL AND /* guard: once */ cancelled_at IS NULL AND ends_at > clock_timestamp();
	IF FOUND THEN
		PERFORM show.event_write(p_show_id, 'show.cancelled', json_build_object('reason', p_reason), p_trace);
		PERFORM log.audit_write(p_actor, 'show.cancel', 'show ' || p_show_id,
			jsonb_strip_nulls(jsonb_build_object('reason', p_reason)), p_trace);
	END IF;
	SELECT * INTO v_show FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL;
	IF v_show.cancelled_at IS NOT NULL THEN
		RETURN QUERY SELECT 'ok', json_build_object('state', 'cancelled', 'refunds_left', show.refunds_left(p_show_id));
	ELSE
		RETURN QUERY SELECT CASE WHEN v_show.show_id IS NULL THEN 'not_found' ELSE 'show_closed' END, NULL::json;
	END IF;
END $$;
COMMENT ON FUNCTION show.show_cancel IS 'Cancels a show until its end. Settling refunds its orders and ends its holds. Outcome busy: ask again, the show''s lock was not free.';

CREATE OR REPLACE FUNCTION show.orders_cancel(p_show_ids int[], p_order_ids uuid[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_key record;
	v_order show.orders;
	v_hold show.holds;
	v_no int;
	v_cancelled int := 0;
	v_seats int := 0;
BEGIN
	<<next_order>>
	FOR v_key IN SELECT * FROM unnest(p_show_ids, p_order_ids) AS k (show_id, order_id) LOOP
		-- Tries each lock and leaves busy buyers and seats to the next round. Reads again under the buyer's lock.
		SELECT * INTO v_hold FROM show.holds
		WHERE show_id = v_key.show_id AND hold_id = (SELECT o.hold_id FROM show.orders AS o WHERE o.show_id = v_key.show_id AND o.order_id = v_key.order_id);
		CONTINUE WHEN v_hold.hold_id IS NULL OR v_seats + cardinality(v_hold.seat_nos) > 500
			OR /* guard: buyer's lock */ NOT pg_try_advisory_xact_lock(show.buyer_key(v_hold.show_id, v_hold.user_id));
		FOREACH v_no IN ARRAY v_hold.seat_nos LOOP
			-- guard: seats' locks
			CONTINUE next_order WHEN NOT pg_try_advisory_xact_lock(v_hold.show_id, v_no);
		END LOOP;
		SELECT * INTO v_order FROM show.orders WHERE show_id = v_key.show_id AND order_id = v_key.order_id;
		CONTINUE WHEN /* guard: paid */ v_order.state <> 'paid' OR NOT EXISTS (SELECT FROM show.shows
			WHERE show_id = v_key.show_id AND /* guard: of a cancelled show */ cancelled_at IS NOT NULL);
		SELECT * INTO v_hold FROM show.holds WHERE show_id = v_key.show_id AND hold_id = v_order.hold_id;
		PERFORM show.order_close(v_order, v_hold, NULL, NULL);
		v_cancelled := v_cancelled + 1;
		v_seats := v_seats + cardinality(v_hold.seat_nos);
	END LOOP;
	RETURN QUERY SELECT 'ok', json_build_object('cancelled', v_cancelled, 'skipped', cardinality(p_order_ids) - v_cancelled);
END $$;
COMMENT ON FUNCTION show.orders_cancel IS 'Cancels paid orders of cancelled shows, whether their tickets were used or not. Busy buyers are left to the next round.';

CREATE OR REPLACE FUNCTION show.settle_tried(p_show_id int, p_payment_id uuid, p_error text, p_tries int DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF p_error IS NULL THEN
		DELETE FROM show.settle_failures WHERE show_id = p_show_id AND payment_id = p_payment_id;
	ELSE
		-- The caller does the counting, so a call repeated after a lost answer counts once. Programs of the previous
		-- version leave it to the row.
		INSERT INTO show.settle_failures AS f (show_id, payment_id, tries, error)
		VALUES (p_show_id, p_payment_id, coalesce(p_tries, 0) + 1, p_error)
		ON CONFLICT (show_id, payment_id) DO UPDATE SET tries = coalesce(/* guard: counts once */ p_tries, f.tries) + 1, error = p_error, last_at = clock_timestamp();
	END IF;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.settle_tried IS 'Counts a failure of settling a payment that has failed p_tries times before. Null: it is settled, or may be tried again from the start.';
