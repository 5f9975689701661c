-- Show: a job records what the clock has decided. Readers never look at these records: a show's state and a hold's end are
-- derived from the times whenever somebody asks.

CREATE OR REPLACE FUNCTION show.shows_write_down(p_show_ids int[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_opened int;
	v_closed int;
	v_ended int;
BEGIN
	-- A row that somebody is changing is left to the next round. A row that has just been changed is read again, so
	-- that a show that was cancelled meanwhile gets no event. All changes that are due are written at once and in
	-- their order, even after a pause.
	WITH due AS MATERIALIZED (
		SELECT show_id, event_id, sales_open_at, sales_close_at, ends_at,
			/* guard: opened once */ opened_at IS NULL AND /* guard: sales open */ sales_open_at <= v_now AS opens, /* guard: closed once */ closed_at IS NULL AND /* guard: sales close */ sales_close_at <= v_now AS closes,
			/* guard: ended once */ ended_at IS NULL AND /* guard: midnight */ util.midnight_after(ends_at, hall #>> '{venue,time_zone}') <= v_now AS ends
		FROM show.shows
		WHERE show_id = ANY (p_show_ids) AND /* guard: published */ published_at IS NOT NULL AND /* guard: cancelled */ cancelled_at IS NULL
		-- guard: rows' locks
		FOR NO KEY UPDATE /* guard: tried */ SKIP LOCKED),
	moved AS (
		UPDATE show.shows AS s SET opened_at = CASE WHEN due.opens THEN v_now ELSE s.opened_at END,
			closed_at = CASE WHEN due.closes THEN v_now ELSE s.closed_at END,
			ended_at = CASE WHEN due.ends THEN v_now ELSE s.ended_at END
		FROM due WHERE s.show_id = due.show_id AND (due.opens OR due.closes OR due.ends)),
	told AS (
		INSERT INTO log.event_log (home, entity, kind, payload)
		SELECT 'show', due.show_id::text, e.kind, json_build_object('event_id', due.event_id, 'at', util.unix(e.at))
		FROM due CROSS JOIN LATERAL (VALUES (1, 'show.opened', due.opens, due.sales_open_at),
			(2, 'show.closed', due.closes, due.sales_close_at), (3, 'show.ended', due.ends, due.ends_at)) AS e (n, kind, is_due, at)
		WHERE e.is_due ORDER BY due.show_id, e.n
		RETURNING kind)
	SELECT count(*) FILTER (WHERE kind = 'show.opened'), count(*) FILTER (WHERE kind = 'show.closed'),
		count(*) FILTER (WHERE kind = 'show.ended')
	INTO v_opened, v_closed, v_ended FROM told;
	RETURN QUERY SELECT 'ok', json_build_object('opened', v_opened, 'closed', v_closed, 'ended', v_ended);
END $$;
COMMENT ON FUNCTION show.shows_write_down IS 'Records, once, which of these shows have opened, closed or ended, and writes the events. A cancelled show gets none.';

CREATE OR REPLACE FUNCTION show.rerelease_moment(p_rerelease jsonb, p_sales_open_at timestamptz, p_now timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE
RETURN CASE /* guard: first moment */ WHEN coalesce(to_timestamp((p_rerelease ->> 'at')::bigint), p_sales_open_at) <= p_now
	THEN date_bin(make_interval(secs => (p_rerelease ->> 'every_s')::int), p_now,
		coalesce(to_timestamp((p_rerelease ->> 'at')::bigint), p_sales_open_at)) END;
COMMENT ON FUNCTION show.rerelease_moment IS 'The last moment of a re-release schedule up to now. Null before the first moment, or without a schedule.';

CREATE OR REPLACE FUNCTION show.seats_rerelease(p_show_ids int[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_show record;
	v_due int[];
	v_locked int[];
	v_no int;
	v_moved json;
	v_limit int := 500;
	v_seats int := 0;
	v_shows int := 0;
BEGIN
	-- The show's row comes first: if somebody has it, above all a cancel, the show is skipped. From here on nothing
	-- waits.
	FOR v_show IN SELECT show_id, rerelease IS NULL AS is_off, rereleased_at,
				rerelease IS NULL AND /* guard: off for a while */ rerelease_off_at <= clock_timestamp() - interval '10 seconds' AS is_over,
				CASE WHEN rerelease IS NOT NULL THEN show.rerelease_moment(rerelease, sales_open_at, clock_timestamp())
					WHEN rerelease_off_at IS NOT NULL THEN clock_timestamp() END AS moment,
				show.rerelease_moment(rerelease, sales_open_at, /* guard: nobody under way */ clock_timestamp() - interval '10 seconds') AS done
			FROM show.shows
			WHERE show_id = ANY (p_show_ids) AND /* guard: published */ published_at IS NOT NULL AND /* guard: cancelled */ cancelled_at IS NULL
				AND /* guard: sales close */ sales_close_at > clock_timestamp()
			ORDER BY show_id /* guard: show's row */ FOR NO KEY UPDATE /* guard: tried */ SKIP LOCKED LOOP
		CONTINUE WHEN /* guard: has come */ v_show.moment IS NULL OR (NOT v_show.is_off AND /* guard: once */ v_show.moment <= v_show.rereleased_at);
		EXIT WHEN v_seats = v_limit;
		-- Finds seats that have rested since the moment or longer, and seats whose hold ended by then without a
		-- record. A seat that somebody is working on is left to the next round.
		v_due := ARRAY(SELECT seat_no FROM show.seats
			WHERE show_id = v_show.show_id AND /* guard: rests in the search */ state IN ('resting', 'held') AND /* guard: since the moment in the search */ held_until <= v_show.moment
			ORDER BY seat_no LIMIT v_limit - v_seats);
		v_locked := '{}';
		FOREACH v_no IN ARRAY v_due LOOP
			-- guard: seats' locks
			IF pg_try_advisory_xact_lock(v_show.show_id, v_no) THEN
				v_locked := v_locked || v_no;
			END IF;
		END LOOP;
		-- Runs under the locks with its own snapshot, so it sees what the last owners of the locks wrote.
		WITH moved AS (
			UPDATE show.seats SET state = 'available', hold_id = NULL, held_until = NULL, version = version + 1
			WHERE show_id = v_show.show_id AND seat_no = ANY (v_locked)
				AND /* guard: rests in the UPDATE */ state IN ('resting', 'held') AND /* guard: since the moment in the UPDATE */ held_until <= v_show.moment
			RETURNING seat_no, version)
		SELECT json_agg(json_build_object('no', seat_no, 'state', 'available', 'v', version) ORDER BY seat_no)
		INTO v_moved FROM moved;
		-- A transaction that gave a seat back before the moment may still be running and invisible here. If the
		-- moment were done now, that seat would rest until the next one. So a moment is done only after a while.
		-- When moments come faster than that, an earlier moment is marked as done, so that these shows take turns
		-- with the others. The same holds for a schedule that was taken off.
		IF /* guard: no seat left */ cardinality(v_locked) = cardinality(v_due) AND v_seats + cardinality(v_due) < v_limit
			AND (v_show.is_over OR /* guard: done once */ v_show.done > coalesce(v_show.rereleased_at, '-infinity')) THEN
			UPDATE show.shows SET rereleased_at = coalesce(v_show.done, rereleased_at), rerelease_off_at = NULL WHERE show_id = v_show.show_id;
			v_shows := v_shows + 1;
		END IF;
		CONTINUE WHEN v_moved IS NULL;
		PERFORM show.event_write(v_show.show_id, 'seats.rereleased', json_build_object('seats', v_moved), NULL);
		v_seats := v_seats + json_array_length(v_moved);
	END LOOP;
	RETURN QUERY SELECT 'ok', json_build_object('seats', v_seats, 'shows', v_shows);
END $$;
COMMENT ON FUNCTION show.seats_rerelease IS 'Puts resting seats back on sale when the schedule of their show says so or was taken off, at most 500. Busy seats are left to the next round.';
