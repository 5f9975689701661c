-- Show: seats that staff take off sale and put back, each with its reason.

CREATE OR REPLACE FUNCTION show.blocks_keep(p_show_id int, p_seats int[], p_is_blocked bool, p_reason text, p_actor uuid) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
	IF p_is_blocked THEN
		INSERT INTO show.blocks (show_id, seat_no, reason, blocked_by)
		SELECT p_show_id, n, p_reason, p_actor FROM unnest(p_seats) AS n
		ON CONFLICT (show_id, seat_no) DO UPDATE SET reason = excluded.reason, blocked_by = excluded.blocked_by,
			blocked_at = excluded.blocked_at;
	ELSE
		-- guard: reason goes
		DELETE FROM show.blocks WHERE show_id = p_show_id AND seat_no = ANY (p_seats);
	END IF;
END $$;
COMMENT ON FUNCTION show.blocks_keep IS 'Keeps the reason of these seats while they are blocked, and forgets it when they are put back.';

CREATE OR REPLACE FUNCTION show.seats_block(p_show_id int, p_seats int[], p_is_blocked bool, p_reason text, p_actor uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_show show.shows;
	v_to show.seat_state := CASE WHEN p_is_blocked THEN 'blocked' ELSE 'available' END;
	v_now timestamptz;
	v_taken int[];
	v_due int[];
	v_moved json;
	v_count int;
	v_done jsonb;
	v_action text := CASE WHEN p_is_blocked THEN 'seats.block' ELSE 'seats.unblock' END;
	v_ok text := CASE WHEN p_is_blocked THEN 'created' ELSE 'ok' END;
BEGIN
	SELECT * INTO v_show FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	ELSIF p_seats[cardinality(p_seats)] >= v_show.capacity THEN
		RETURN QUERY SELECT 'validation_failed', json_build_object('seats',
			(SELECT json_agg(n) FROM unnest(p_seats) AS n WHERE n >= v_show.capacity));
		RETURN;
	END IF;
	-- There is no buyer's lock. A seat that somebody has is refused. A seat whose hold is over is taken over, as the
	-- next buyer would do.
	-- guard: seats' locks
	PERFORM show.seats_lock(p_show_id, p_seats);
	v_done := log.audit_find(v_action, 'show ' || p_show_id, p_trace);
	-- guard: repetition
	IF v_done IS NOT NULL THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT v_ok, (jsonb_build_object('show_id', p_show_id) || v_done - 'reason')::json;
		RETURN;
	END IF;
	v_now := clock_timestamp();
	SELECT array_agg(seat_no ORDER BY seat_no) FILTER (WHERE NOT is_free AND state <> 'blocked'),
		array_agg(seat_no) FILTER (WHERE CASE WHEN p_is_blocked THEN is_free ELSE /* guard: blocked in the check */ state = 'blocked' END)
	INTO v_taken, v_due
	FROM (SELECT seat_no, state, /* guard: live hold */ show.seat_is_free(state, held_until, v_now, /* guard: resting in the check */ v_show.rerelease IS NOT NULL) AS is_free
		FROM show.seats WHERE show_id = p_show_id AND seat_no = ANY (p_seats)) AS s;
	-- guard: taken
	IF v_taken IS NOT NULL THEN
		RETURN QUERY SELECT 'seats_taken', json_build_object('seats', v_taken);
		RETURN;
	END IF;
	WITH moved AS (
		UPDATE show.seats SET state = v_to, hold_id = NULL, held_until = NULL, version = version + 1
		WHERE show_id = p_show_id AND seat_no = ANY (v_due)
			-- guard: state in the UPDATE
			AND CASE WHEN p_is_blocked THEN show.seat_is_free(state, held_until, v_now, /* guard: resting in the UPDATE */ v_show.rerelease IS NOT NULL)
				ELSE /* guard: blocked in the UPDATE */ state = 'blocked' END
		RETURNING seat_no, version)
	SELECT count(*), coalesce(json_agg(json_build_object('no', seat_no, 'state', v_to, 'v', version) ORDER BY seat_no), '[]')
	INTO v_count, v_moved FROM moved;
	-- guard: row count
	IF v_count <> coalesce(cardinality(v_due), 0) THEN
		RAISE EXCEPTION 'moved % of % seats', v_count, cardinality(v_due) USING ERRCODE = 'serialization_failure';
	END IF;
	PERFORM show.blocks_keep(p_show_id, p_seats, p_is_blocked, p_reason, p_actor);
	IF v_count > 0 THEN
		PERFORM show.event_write(p_show_id, CASE WHEN p_is_blocked THEN 'seats.blocked' ELSE 'seats.unblocked' END,
			json_build_object('seats', v_moved), p_trace);
	END IF;
	result := json_build_object('show_id', p_show_id, 'seats', p_seats, 'changed',
		(SELECT coalesce(json_agg(m -> 'no'), '[]') FROM json_array_elements(v_moved) AS m));
	PERFORM log.audit_write(p_actor, v_action, 'show ' || p_show_id,
		seats_block.result::jsonb - 'show_id' || jsonb_build_object('reason', p_reason), p_trace);
	outcome := v_ok;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.seats_block IS 'Takes named seats (ascending, no duplicates) off sale or puts them back, all or none. Seats already in that state stay in it.';
