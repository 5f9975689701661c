-- Show: holds. A loser never queues. The guarded row is the truth, and the locks are the fast gate.
--
-- Every statement must find its rows by key, whatever its arguments and however small the tables still are. So each
-- function that a request calls plans once per connection and never reads a whole table. Planning for the present
-- arguments cost three times the work itself.
--
-- The number of a hold may be made of an Idempotency-Key. Then it is looked up right after the buyer's lock, and no row of
-- the key is kept. A hold that takes the place of another waits for the locks of the other's seats, which are its buyer's
-- own, and then tries those of new seats: nobody waits for a lock while he has tried one.

CREATE OR REPLACE FUNCTION show.seats_gone(p_show_id int, p_seat_nos int[], p_is_resting boolean, p_replaces uuid) RETURNS int[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT seat_no FROM show.seats WHERE show_id = p_show_id AND seat_no = ANY (p_seat_nos)
		AND NOT show.seat_is_free(state, held_until, clock_timestamp(), p_is_resting)
		AND (p_replaces IS NULL OR hold_id IS DISTINCT FROM p_replaces));
END $$;
COMMENT ON FUNCTION show.seats_gone IS 'Those of the seats that nobody may take now, read without a lock. Those of a hold that p_replaces names are its buyer''s to take.';

CREATE OR REPLACE FUNCTION show.hold_take(p_show_id int, p_hold_id uuid, p_user_id uuid, p_seats int[], p_trace text, p_is_keyed bool DEFAULT false, p_replaces uuid DEFAULT NULL, p_rest_s int DEFAULT 0, p_unpaid_max int DEFAULT 0, p_count int DEFAULT 0, p_grade text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_show record;
	v_hold show.holds;
	v_old show.holds;
	v_no int;
	v_from int;
	v_locked int;
	v_took int;
	v_mine int := 0;
	v_taken int[];
	v_gone int[];
	v_seen int[];
	v_lacks_grade boolean;
	v_blocks int[];
	v_items json;
	v_amount bigint;
	v_moved json;
	v_count int := coalesce(nullif(p_count, 0), cardinality(p_seats));
	v_is_back boolean;
	v_had show.seat_had[];
	v_rests int[];
	v_again_at bigint;
	v_wait_s int;
	v_had_ms int[];
	v_now timestamptz;
	v_until timestamptz;
	v_refusal text;
	v_last_until timestamptz;
	v_done text;
BEGIN
	-- guard: show's lock
	v_done := pg_advisory_xact_lock_shared(p_show_id, -1);
	-- guard: buyer's lock
	v_done := pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	-- guard: key
	IF p_is_keyed THEN
		-- The number was made of the buyer's key: this finds what the key has taken, live or not.
		SELECT * INTO v_hold FROM show.holds
		WHERE show_id = p_show_id AND hold_id = p_hold_id AND /* guard: owner of the key */ user_id = p_user_id;
		IF FOUND THEN
			RETURN QUERY SELECT show.hold_again(v_hold, CASE WHEN p_count = 0 THEN p_seats END, v_count, p_trace), show.hold_doc(v_hold, clock_timestamp());
			RETURN;
		END IF;
	END IF;
	-- One statement reads the show and what the buyer has in it: a second would cost as much as all the conditions below.
	SELECT currency, capacity, max_seats_per_user, hold_seconds, rerelease IS NOT NULL AS is_resting, cancelled_at IS NULL AS takes_place,
		cancelled_at IS NULL AND sales_open_at <= clock_timestamp() AND clock_timestamp() < sales_close_at AS is_on_sale,
		ARRAY(SELECT h FROM show.holds AS h
			WHERE h.buyer_key = show.buyer_key(p_show_id, p_user_id) AND h.show_id + 0 = p_show_id AND h.user_id = p_user_id
				AND h.ended_at > statement_timestamp() - show.unpaid_lately(p_rest_s, p_unpaid_max)) AS holds
	INTO v_show
	FROM show.shows WHERE show_id = p_show_id AND /* guard: published */ published_at IS NOT NULL;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	IF p_replaces IS NOT NULL THEN
		SELECT * INTO v_old FROM show.holds
		WHERE show_id = p_show_id AND hold_id = p_replaces AND /* guard: owner of the replaced */ user_id = p_user_id;
		IF NOT FOUND THEN
			RETURN QUERY SELECT 'not_found', NULL::json;
			RETURN;
		END IF;
		v_refusal := CASE WHEN v_show.takes_place THEN show.hold_swap_refusal(v_old, clock_timestamp()) END;
	END IF;
	-- Looks for an equal live hold, and counts the seats towards the buyer's limit. What was given back or lost just now
	-- tells that the buyer may be keeping seats without paying.
	FOREACH v_hold IN ARRAY v_show.holds LOOP
		IF /* guard: bought seats */ v_hold.ended_at < 'infinity' OR (v_hold.state = 'active' AND v_hold.expires_at <= clock_timestamp()) THEN
			-- Before the sweep, a hold may have been over for longer.
			v_is_back := v_is_back OR v_hold.ended_at < 'infinity' OR v_hold.expires_at > clock_timestamp() - show.unpaid_lately(p_rest_s, p_unpaid_max);
			CONTINUE;
		END IF;
		-- guard: repetition
		IF v_hold.hold_id = p_hold_id THEN
			-- The program asks again, because the first answer was lost.
			RETURN QUERY SELECT 'created', show.hold_doc(v_hold, clock_timestamp());
			RETURN;
		-- guard: equal hold
		ELSIF /* guard: cancelled comes first */ v_show.takes_place AND /* guard: always new ones */ p_count = 0 AND v_hold.seat_nos = p_seats AND v_hold.state <> 'confirmed'
				AND /* guard: not beside a swap */ (p_replaces IS NULL OR v_hold.hold_id = p_replaces OR v_refusal IS NOT NULL) THEN
			RETURN QUERY SELECT 'ok', show.hold_doc(v_hold, clock_timestamp());
			RETURN;
		END IF;
		CONTINUE WHEN /* guard: replaced seats do not count */ v_hold.hold_id = p_replaces;
		v_mine := v_mine + cardinality(v_hold.seat_nos);
	END LOOP;
	IF p_grade IS NOT NULL THEN
		v_lacks_grade := NOT EXISTS (SELECT FROM show.grades WHERE show_id = p_show_id AND code = p_grade);
	END IF;
	-- All in one expression: setting one up costs more than what it asks.
	v_refusal := CASE /* guard: may be replaced */ WHEN v_refusal IS NOT NULL THEN v_refusal
		/* guard: on sale */ WHEN NOT v_show.is_on_sale THEN 'not_on_sale'
		WHEN p_count = 0 AND p_seats[v_count] >= v_show.capacity THEN 'validation_failed'
		/* guard: grade */ WHEN v_lacks_grade THEN 'validation_failed'
		/* guard: buyer's limit */ WHEN v_mine + v_count > v_show.max_seats_per_user THEN 'seat_limit' END;
	IF v_refusal IS NOT NULL THEN
		outcome := v_refusal;
		result := CASE WHEN v_refusal = 'seat_limit' THEN json_build_object('limit', v_show.max_seats_per_user, 'taken', v_mine)
			WHEN v_refusal = 'validation_failed' AND p_count > 0 THEN json_build_object('field', 'best.grade', 'message', 'is no grade of this show')
			WHEN v_refusal = 'validation_failed' THEN json_build_object('seats', (SELECT json_agg(n) FROM unnest(p_seats) AS n WHERE n >= v_show.capacity)) END;
		RETURN NEXT;
		RETURN;
	END IF;
	-- guard: back
	IF (v_is_back OR p_replaces IS NOT NULL) AND p_rest_s > 0 THEN
		v_wait_s := show.unpaid_wait_s(p_show_id, p_user_id, p_unpaid_max);
		-- guard: unpaid holds
		IF v_wait_s IS NOT NULL THEN
			RETURN QUERY SELECT 'rate_limited', json_build_object('retry_after_s', v_wait_s);
			RETURN;
		END IF;
		v_had := show.seats_had(p_show_id, p_user_id, p_seats, p_rest_s, p_replaces);
		v_rests := show.seats_resting(v_had, v_show.hold_seconds);
		IF v_rests <> '{}' THEN
			v_again_at := show.rests_again_at(v_had, v_rests, p_rest_s);
			-- guard: rests
			IF p_count = 0 THEN
				RETURN QUERY SELECT 'seats_taken', json_build_object('again_at', v_again_at, 'seats', ARRAY(
					SELECT DISTINCT n FROM unnest(v_rests || show.seats_gone(p_show_id, p_seats, v_show.is_resting, p_replaces)) AS n ORDER BY n));
				RETURN;
			END IF;
		END IF;
	END IF;

	IF p_replaces IS NOT NULL THEN
		-- These are the buyer's own, so this waits, and comes first: nobody waits for a lock while he has tried another.
		-- guard: replaced seats' locks
		v_done := show.seats_lock(p_show_id, v_old.seat_nos);
	END IF;
	IF p_count > 0 THEN
		v_blocks := p_seats;
		v_gone := v_rests;
	END IF;
	-- Named seats are one block. Of several, the first that is free and that nobody else is taking.
	LOOP
		IF p_count > 0 THEN
			v_from := coalesce(v_from + p_count, 1);
			EXIT WHEN v_from > cardinality(v_blocks);
			p_seats := v_blocks[v_from : v_from + p_count - 1];
			v_locked := NULL;
			CONTINUE WHEN p_seats && v_gone;
		END IF;
		FOREACH v_no IN ARRAY p_seats LOOP
			-- guard: seats' locks
			IF NOT pg_try_advisory_xact_lock(p_show_id, v_no) THEN
				v_locked := v_no;
				EXIT;
			END IF;
		END LOOP;
		v_now := clock_timestamp();
		-- The locks are held before this statement takes its snapshot, so it sees what their last owners wrote.
		v_taken := ARRAY(SELECT seat_no FROM show.seats
			WHERE show_id = p_show_id AND seat_no = ANY (p_seats) AND (seat_no = v_locked
				OR /* guard: free in the check */ NOT show.seat_is_free(state, held_until, v_now, v_show.is_resting)
					AND (p_replaces IS NULL OR hold_id IS DISTINCT FROM p_replaces)));
		EXIT WHEN p_count = 0 OR v_taken = '{}';
		-- The first block is seldom gone. Once it is, most of what others took is passed by without a lock.
		v_seen := coalesce(v_seen, show.seats_gone(p_show_id, v_blocks, v_show.is_resting, NULL));
		v_gone := v_gone || v_seen || v_taken;
	END LOOP;
	IF v_taken <> '{}' OR /* no block was tried */ v_now IS NULL THEN
		outcome := 'seats_taken';
		IF p_count > 0 THEN
			v_seen := coalesce(v_seen, show.seats_gone(p_show_id, v_blocks, v_show.is_resting, NULL));
			v_taken := ARRAY(SELECT DISTINCT n FROM unnest(v_gone || v_seen) AS n ORDER BY n);
			outcome := CASE WHEN v_taken = '{}' THEN 'not_enough_seats' ELSE 'seats_taken' END;
		END IF;
		result := CASE WHEN v_taken = '{}' THEN NULL WHEN v_again_at IS NOT NULL THEN json_build_object('seats', v_taken, 'again_at', v_again_at)
			ELSE json_build_object('seats', v_taken) END;
		RETURN NEXT;
		RETURN;
	END IF;
	v_until := v_now + make_interval(secs => v_show.hold_seconds);
	IF v_had IS NOT NULL OR p_replaces IS NOT NULL THEN
		-- What the buyer had before counts towards the hard maximum, and that of a replaced hold stays. What is null is passed by.
		v_had_ms := show.seats_had_ms(v_had, p_seats);
		v_last_until := least(v_now + make_interval(secs => 3 * v_show.hold_seconds - coalesce((SELECT max(ms) FROM unnest(v_had_ms) AS ms), 0) / 1000.0),
			/* guard: hard maximum */ v_old.last_until);
		v_until := least(greatest(v_until, v_old.expires_at), v_last_until);
	END IF;

	WITH moved AS (
		UPDATE show.seats SET state = 'held', hold_id = p_hold_id, version = version + 1, held_until = v_until
		WHERE show_id = p_show_id AND seat_no = ANY (p_seats)
			AND /* guard: free in the UPDATE */ (show.seat_is_free(state, held_until, v_now, v_show.is_resting) OR hold_id = p_replaces)
		RETURNING seat_no, version)
	SELECT count(*), json_agg(json_build_object('no', m.seat_no, 'state', 'held', 'v', m.version)),
		json_agg(json_build_object('no', p.seat_no, 'label', p.label, 'section', p.section, 'row', p.row_name,
			'grade', p.grade, 'price', g.price) ORDER BY p.seat_no), sum(g.price)
	INTO v_took, v_moved, v_items, v_amount
	FROM moved AS m JOIN show.seat_places AS p ON p.show_id = p_show_id AND p.seat_no = m.seat_no
		JOIN show.grades AS g ON g.show_id = p_show_id AND g.code = p.grade;
	-- guard: row count
	IF v_took <> v_count THEN
		RAISE EXCEPTION 'took % of % seats', v_took, v_count USING ERRCODE = 'serialization_failure';
	END IF;
	IF p_replaces IS NOT NULL THEN
		-- Seats of both have just passed to the new hold.
		v_done := show.hold_close(v_old, 'hold.released', p_trace);
	END IF;
	INSERT INTO show.holds AS h (show_id, hold_id, user_id, buyer_key, seat_nos, items, amount, currency, taken_at, expires_at, last_until, had_ms, request, max_seats)
	VALUES (p_show_id, p_hold_id, p_user_id, show.buyer_key(p_show_id, p_user_id), p_seats, v_items, v_amount, v_show.currency, v_now, v_until,
		coalesce(v_last_until, v_now + make_interval(secs => 3 * v_show.hold_seconds)), v_had_ms, p_trace, v_show.max_seats_per_user)
	RETURNING show.hold_doc(h, v_now) INTO result;
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('show', p_show_id::text, 'hold.taken', json_build_object('hold_id', p_hold_id, 'seats', v_moved), p_trace);
	outcome := 'created';
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.hold_take IS 'Takes named seats (ascending, no duplicates), all or none. With p_count: of blocks of so many seats each, the first that is free (hold_take_first). p_is_keyed: the number was made of a key, and the same key finds the same hold. p_replaces: a live hold of the buyer ends in the same step, and its seats may be among the new ones. p_rest_s and p_unpaid_max limit what is kept without paying (show_unpaid.sql); a rest of 0: no limits.';

CREATE OR REPLACE FUNCTION show.hold_take_first(p_show_id int, p_hold_id uuid, p_user_id uuid, p_count int, p_grade text, p_seats int[], p_trace text, p_is_keyed bool DEFAULT false, p_rest_s int DEFAULT 0, p_unpaid_max int DEFAULT 0)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT * FROM show.hold_take(p_show_id, p_hold_id, p_user_id, p_seats, p_trace, p_is_keyed, NULL, p_rest_s, p_unpaid_max, p_count, p_grade);
END $$;
COMMENT ON FUNCTION show.hold_take_first IS 'Takes the first free one of the blocks that a search found, one behind the other in p_seats and p_count ascending seats each, as hold_take takes named seats. Without a key it never returns a hold of before. A refusal names all seats that are gone; without any block it is not_enough_seats.';

CREATE OR REPLACE FUNCTION show.hold_refusal(p_hold show.holds, p_now timestamptz) RETURNS text
LANGUAGE sql STABLE
RETURN CASE p_hold.state WHEN 'paying' THEN 'hold_paying' WHEN 'confirmed' THEN 'hold_confirmed'
	WHEN 'active' THEN CASE WHEN p_hold.expires_at <= p_now THEN 'hold_expired' END
	ELSE 'hold_expired' END;
COMMENT ON FUNCTION show.hold_refusal IS 'The reason why its owner cannot change a hold now. Null when it can be changed.';

CREATE OR REPLACE FUNCTION show.hold_again(p_hold show.holds, p_seats int[], p_count int, p_trace text) RETURNS text
LANGUAGE sql STABLE
RETURN CASE /* guard: other seats */ WHEN p_hold.seat_nos <> p_seats OR cardinality(p_hold.seat_nos) <> p_count THEN 'idempotency_mismatch'
	/* guard: over */ WHEN p_hold.state NOT IN ('active', 'paying') OR (p_hold.state = 'active' AND p_hold.expires_at <= clock_timestamp())
		THEN 'hold_expired'
	-- The program asks again, because the first answer was lost.
	/* guard: own request */ WHEN p_hold.request = p_trace THEN 'created' ELSE 'ok' END;
COMMENT ON FUNCTION show.hold_again IS 'The outcome for a key that has taken a hold before. p_seats: null when any p_count seats were asked for.';

CREATE OR REPLACE FUNCTION show.hold_swap_refusal(p_hold show.holds, p_now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_refusal text := show.hold_refusal(p_hold, p_now);
BEGIN
	RETURN CASE WHEN v_refusal = 'hold_confirmed' THEN 'order_closed' WHEN v_refusal IS NOT NULL THEN v_refusal
		/* guard: no order */ WHEN EXISTS (SELECT FROM show.orders WHERE hold_id = p_hold.hold_id) THEN 'order_closed' END;
END $$;
COMMENT ON FUNCTION show.hold_swap_refusal IS 'The reason why its owner cannot replace a hold now: it is over, is being paid, or has an order. Null when it can be replaced.';

CREATE OR REPLACE FUNCTION show.order_touch(p_show_id int, p_hold_id uuid, p_from show.order_state, p_to show.order_state)
RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
	v_order_id uuid;
BEGIN
	UPDATE show.orders SET state = p_to, version = version + 1
	WHERE hold_id = p_hold_id AND state = p_from RETURNING order_id INTO v_order_id;
	RETURN show.order_doc(p_show_id, v_order_id);
END $$;
COMMENT ON FUNCTION show.order_touch IS 'Moves the order of a hold from one state to another (or the same) and returns its new document. Null when the hold has no order in that state.';

CREATE OR REPLACE FUNCTION show.hold_event(p_hold show.holds, p_kind text, p_seats json, p_order json, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM show.event_write(p_hold.show_id, p_kind,
		CASE WHEN p_order IS NULL THEN json_build_object('hold_id', p_hold.hold_id, 'seats', p_seats)
			ELSE json_build_object('hold_id', p_hold.hold_id, 'seats', p_seats, 'order', p_order) END, p_trace);
END $$;
COMMENT ON FUNCTION show.hold_event IS 'Writes the one event for a change of a hold, with the document of its order if it has one.';

CREATE OR REPLACE FUNCTION show.hold_extend(p_show_id int, p_hold_id uuid, p_user_id uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_hold show.holds;
	v_now timestamptz;
	v_until timestamptz;
	v_count int;
	v_done text;
BEGIN
	-- guard: show's lock
	v_done := pg_advisory_xact_lock_shared(p_show_id, -1);
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_hold FROM show.holds
	WHERE show_id = p_show_id AND hold_id = p_hold_id AND /* guard: owner */ user_id = p_user_id;
	IF v_hold.hold_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	-- guard: repetition
	ELSIF v_hold.request = p_trace THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT 'ok', show.hold_doc(v_hold, clock_timestamp());
		RETURN;
	-- guard: cancelled
	ELSIF show.is_cancelled(p_show_id) THEN
		RETURN QUERY SELECT 'show_closed', NULL::json;
		RETURN;
	END IF;
	-- guard: seats' locks
	PERFORM show.seats_lock(p_show_id, v_hold.seat_nos);
	v_now := clock_timestamp();
	-- guard: live
	IF show.hold_refusal(v_hold, v_now) IS NOT NULL THEN
		RETURN QUERY SELECT show.hold_refusal(v_hold, v_now), NULL::json;
		RETURN;
	END IF;
	IF v_hold.expires_at >= v_hold.last_until THEN
		RETURN QUERY SELECT 'extension_limit', NULL::json;
		RETURN;
	END IF;
	-- A declined payment may have left more time than hold_seconds. An extension never takes time away.
	SELECT least(greatest(v_now + make_interval(secs => s.hold_seconds), v_hold.expires_at), v_hold.last_until) INTO v_until
	FROM show.shows AS s WHERE s.show_id = p_show_id;
	UPDATE show.seats SET held_until = v_until
	WHERE show_id = p_show_id AND seat_no = ANY (v_hold.seat_nos)
		AND /* guard: own seats */ (hold_id = p_hold_id AND state = 'held' AND held_until > v_now);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	-- guard: row count
	IF v_count <> cardinality(v_hold.seat_nos) THEN
		RAISE EXCEPTION 'extended % of % seats', v_count, cardinality(v_hold.seat_nos) USING ERRCODE = 'serialization_failure';
	END IF;
	UPDATE show.holds SET expires_at = v_until, request = p_trace WHERE show_id = p_show_id AND hold_id = p_hold_id RETURNING * INTO v_hold;
	PERFORM show.hold_event(v_hold, 'hold.extended', '[]', show.order_touch(p_show_id, p_hold_id, 'pending', 'pending'), p_trace);
	RETURN QUERY SELECT 'ok', show.hold_doc(v_hold, v_now);
END $$;
COMMENT ON FUNCTION show.hold_extend IS 'Extends a live hold to hold_seconds from now, but never past its hard maximum.';

CREATE OR REPLACE FUNCTION show.hold_release(p_show_id int, p_hold_id uuid, p_user_id uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_hold show.holds;
	v_order json;
BEGIN
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_hold FROM show.holds
	WHERE show_id = p_show_id AND hold_id = p_hold_id AND /* guard: owner */ user_id = p_user_id;
	IF v_hold.hold_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	-- guard: again
	ELSIF v_hold.state = 'released' THEN
		RETURN QUERY SELECT 'ok', NULL::json;
		RETURN;
	END IF;
	-- guard: seats' locks
	PERFORM show.seats_lock(p_show_id, v_hold.seat_nos);
	-- guard: live
	IF show.hold_refusal(v_hold, clock_timestamp()) IS NOT NULL THEN
		RETURN QUERY SELECT show.hold_refusal(v_hold, clock_timestamp()), NULL::json;
		RETURN;
	END IF;
	v_order := show.hold_close(v_hold, 'hold.released', p_trace);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.hold_release IS 'Gives the seats of a live hold back and cancels its unpaid order. Of a released hold it changes nothing.';

CREATE OR REPLACE FUNCTION show.seats_free(p_show_ids int[], p_hold_ids uuid[], p_from show.seat_state)
RETURNS TABLE (hold_id uuid, seats json)
LANGUAGE plpgsql AS $$
BEGIN
	-- Seats that now belong to another hold were taken over and are left alone. Seats of an expired hold rest from its
	-- expiry, however late that is recorded.
	RETURN QUERY
	WITH freed AS (
		UPDATE show.seats AS s SET hold_id = NULL, version = s.version + 1,
			held_until = CASE WHEN k.is_resting THEN least(/* guard: resting since */ s.held_until, clock_timestamp()) END,
			state = CASE /* guard: resting */ WHEN k.is_resting THEN 'resting' ELSE 'available' END::show.seat_state
		FROM (SELECT h.show_id, h.hold_id, h.seat_nos, sh.rerelease IS NOT NULL AS is_resting
			FROM unnest(p_show_ids, p_hold_ids) AS k (show_id, hold_id)
			CROSS JOIN LATERAL (SELECT * FROM show.holds AS o WHERE o.show_id = k.show_id AND o.hold_id = k.hold_id OFFSET 0) AS h
			JOIN show.shows AS sh ON sh.show_id = k.show_id OFFSET 0) AS k -- looks up the show once per hold, not once per seat
		WHERE s.show_id = k.show_id AND s.seat_no = ANY (k.seat_nos) AND /* guard: own seats */ s.hold_id = k.hold_id AND s.state = p_from
		RETURNING k.hold_id, s.seat_no, s.state, s.version)
	SELECT f.hold_id, json_agg(json_build_object('no', f.seat_no, 'state', f.state, 'v', f.version) ORDER BY f.seat_no)
	FROM freed AS f GROUP BY f.hold_id;
END $$;
COMMENT ON FUNCTION show.seats_free IS 'Puts the seats that still belong to these holds back, under their locks. Returns the moved seats of each hold, for its event.';

CREATE OR REPLACE FUNCTION show.hold_free_seats(p_hold show.holds, p_kind text, p_order json, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_moved json;
BEGIN
	-- The hold is passed as it was before the change: only a confirmed hold has sold seats to give back.
	SELECT f.seats INTO v_moved FROM show.seats_free(ARRAY[p_hold.show_id], ARRAY[p_hold.hold_id],
		/* guard: sold seats */ CASE p_hold.state WHEN 'confirmed' THEN 'sold' ELSE 'held' END::show.seat_state) AS f;
	PERFORM show.hold_event(p_hold, p_kind, coalesce(v_moved, '[]'), p_order, p_trace);
END $$;
COMMENT ON FUNCTION show.hold_free_seats IS 'Puts the seats that still belong to this hold back and writes the one event of the change, under their locks.';

CREATE OR REPLACE FUNCTION show.hold_close(p_hold show.holds, p_kind text, p_trace text) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
	v_order json := show.order_touch(p_hold.show_id, p_hold.hold_id, 'pending', 'cancelled');
BEGIN
	UPDATE show.holds SET state = 'released', ended_at = clock_timestamp()
	WHERE show_id = p_hold.show_id AND hold_id = p_hold.hold_id AND state = 'active';
	PERFORM show.hold_free_seats(p_hold, p_kind, v_order, p_trace);
	RETURN v_order;
END $$;
COMMENT ON FUNCTION show.hold_close IS 'Gives an active hold back under the locks of its buyer and seats and cancels its pending order, whose document it returns. Null without one.';

-- One statement for each step handles hundreds of holds at once. One hold after another took five times as long. Only the hold itself
-- is ended in the loop: as a join with all of them, a plan made while the table had no statistics read every hold of the show.
CREATE OR REPLACE FUNCTION show.holds_expire(p_show_ids int[], p_hold_ids uuid[], p_is_off boolean DEFAULT false)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_hold record;
	v_no int;
	v_shows int[] := '{}';
	v_holds uuid[] := '{}';
	p_seats int := 0;
	v_seen int := 0;
	-- It is a variable: with a literal, a plan might read all active holds to find the one with the key.
	v_active CONSTANT show.hold_state := 'active';
	v_ended CONSTANT show.hold_state := CASE WHEN p_is_off THEN 'released' ELSE 'expired' END;
	v_closed CONSTANT show.order_state := CASE WHEN p_is_off THEN 'cancelled' ELSE 'expired' END;
BEGIN
	-- Tries each lock and leaves busy buyers and seats to the next pass. Owner and seats of a hold never change.
	<<next_hold>>
	FOR v_hold IN SELECT h.show_id, h.hold_id, h.user_id, h.seat_nos
			FROM unnest(p_show_ids, p_hold_ids) WITH ORDINALITY AS k (show_id, hold_id, n)
			LEFT JOIN LATERAL (SELECT * FROM show.holds AS o WHERE o.show_id = k.show_id AND o.hold_id = k.hold_id OFFSET 0) AS h ON true
			ORDER BY k.n LOOP
		EXIT WHEN p_seats + cardinality(v_hold.seat_nos) > 500;
		v_seen := v_seen + 1;
		CONTINUE WHEN v_hold.hold_id IS NULL
			OR /* guard: buyer's lock */ NOT pg_try_advisory_xact_lock(show.buyer_key(v_hold.show_id, v_hold.user_id));
		FOREACH v_no IN ARRAY v_hold.seat_nos LOOP
			-- guard: seats' locks
			CONTINUE next_hold WHEN NOT pg_try_advisory_xact_lock(v_hold.show_id, v_no);
		END LOOP;
		p_seats := p_seats + cardinality(v_hold.seat_nos);
		-- The locks are held now: an extend, a payment or a release may have come first.
		UPDATE show.holds AS h SET state = v_ended, ended_at = least(h.expires_at, clock_timestamp())
		WHERE h.show_id = v_hold.show_id AND h.hold_id = v_hold.hold_id AND /* guard: active */ h.state = v_active
			AND ((NOT p_is_off AND /* guard: over */ h.expires_at <= clock_timestamp())
				OR (p_is_off AND /* guard: of a cancelled show */ show.is_cancelled(h.show_id)));
		CONTINUE WHEN NOT FOUND;
		v_shows := v_shows || v_hold.show_id;
		v_holds := v_holds || v_hold.hold_id;
	END LOOP;
	UPDATE show.orders AS o SET state = v_closed, version = o.version + 1
	WHERE o.hold_id = ANY (v_holds) AND o.state = 'pending';
	INSERT INTO log.event_log (home, entity, kind, payload)
	SELECT 'show', k.show_id::text, 'hold.' || v_ended,
		CASE WHEN o.order_id IS NULL THEN json_build_object('hold_id', k.hold_id, 'seats', coalesce(f.seats, '[]'))
			ELSE json_build_object('hold_id', k.hold_id, 'seats', coalesce(f.seats, '[]'), 'order', show.order_doc(k.show_id, o.order_id)) END
	FROM unnest(v_shows, v_holds) AS k (show_id, hold_id)
	LEFT JOIN show.seats_free(v_shows, v_holds, 'held') AS f ON f.hold_id = k.hold_id
	LEFT JOIN LATERAL (SELECT * FROM show.orders AS c WHERE c.hold_id = k.hold_id AND c.state = v_closed OFFSET 0) AS o ON true;
	RETURN QUERY SELECT 'ok', json_build_object('released', cardinality(v_holds), 'skipped', v_seen - cardinality(v_holds));
END $$;
COMMENT ON FUNCTION show.holds_expire IS 'Records what the clock decided for these holds, up to 500 seats, or with p_is_off ends those of cancelled shows and their pending orders. Never touches a hold that is paying or paid. Holds beyond the limit count as neither released nor skipped.';

-- For programs of the previous version: they chose in the database, and had runs of seats for it.
CREATE OR REPLACE FUNCTION show.hold_best(p_show_id int, p_hold_id uuid, p_user_id uuid, p_count int, p_grade text, p_trace text, p_rest_s int DEFAULT 0, p_unpaid_max int DEFAULT 0)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	p_seats int[] := ARRAY(SELECT s.seat_no FROM show.shows AS sh JOIN show.seats AS s ON s.show_id = sh.show_id
		WHERE sh.show_id = p_show_id AND show.seat_is_free(s.state, s.held_until, clock_timestamp(), sh.rerelease IS NOT NULL)
			AND (p_grade IS NULL OR p_grade = (SELECT p.grade FROM show.seat_places AS p
				WHERE p.show_id = s.show_id AND p.seat_no = s.seat_no))
		ORDER BY s.seat_no LIMIT p_count);
BEGIN
	RETURN QUERY SELECT * FROM show.hold_take_first(p_show_id, p_hold_id, p_user_id, p_count, p_grade,
		CASE WHEN cardinality(p_seats) = p_count THEN p_seats ELSE '{}' END, p_trace, false, p_rest_s, p_unpaid_max);
END $$;
COMMENT ON FUNCTION show.hold_best IS 'Takes the first free seats in the order of the layout.';
