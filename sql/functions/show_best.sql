-- Show: the best free seats. It searches first and then takes the seats by number. Seats that others took meanwhile are
-- left out of the next search.

CREATE OR REPLACE FUNCTION show.free_stretches(p_show_id int, p_grade text, p_is_resting bool, p_not int[], p_run int, p_runs int)
RETURNS TABLE (run_no int, section int, row_no int, middle real, a int, z int)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	-- Looks up the grade of each seat: a join would read the places of the whole hall.
	RETURN QUERY SELECT f.run_no, f.section, f.row_no, f.middle, min(f.seat_no), max(f.seat_no)
	FROM (SELECT r.*, s.seat_no, s.seat_no - row_number() OVER (PARTITION BY r.run_no ORDER BY s.seat_no) AS part
		FROM show.seat_runs AS r JOIN show.seats AS s ON s.show_id = p_show_id AND s.seat_no BETWEEN r.first_no AND r.last_no
		WHERE r.show_id = p_show_id AND r.run_no >= p_run AND r.run_no < p_run + p_runs AND s.seat_no <> ALL (p_not)
			AND (p_grade IS NULL OR r.grades IS NULL OR p_grade = ANY (r.grades))
			AND (p_grade IS NULL OR p_grade = (SELECT p.grade FROM show.seat_places AS p WHERE p.show_id = p_show_id AND p.seat_no = s.seat_no))
			AND show.seat_is_free(s.state, s.held_until, clock_timestamp(), p_is_resting)) AS f
	GROUP BY f.run_no, f.section, f.row_no, f.middle, f.part;
END $$;
COMMENT ON FUNCTION show.free_stretches IS 'Stretches of free seats side by side, from the first seat to the last, in these runs, without the seats in p_not.';

CREATE OR REPLACE FUNCTION show.best_blocks(p_show_id int, p_count int, p_grade text, p_is_resting bool, p_not int[])
RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	v_run int := (SELECT run_no FROM show.seat_runs
		WHERE show_id = p_show_id AND (p_grade IS NULL OR grades IS NULL OR p_grade = ANY (grades)) ORDER BY run_no LIMIT 1);
	v_runs int := 8;
	v_last int := (SELECT max(run_no) FROM show.seat_runs WHERE show_id = p_show_id);
	v_firsts int[];
	v_any int[];
	v_orphans int[];
BEGIN
	-- Searches more and more runs at a time: the first few are enough in an empty hall, and a full hall is read in a
	-- few steps. A block that leaves one seat alone is used only when no run has a better one. The other blocks of a
	-- stretch lie at multiples of the block's length from its best block. Callers at the same moment get them, so that
	-- together they leave no seat between them.
	WHILE v_run <= v_last LOOP
		WITH block AS (
			SELECT s.a, s.run_no, n AS first_no, abs(n + (p_count - 1) / 2::float8 - s.middle) AS off,
				(n - s.a = 1 OR s.z - n - p_count + 1 = 1) AS is_orphan
			FROM show.free_stretches(p_show_id, p_grade, p_is_resting, p_not, v_run, v_runs) AS s,
				generate_series(s.a, s.z - p_count + 1) AS n),
		stretch AS (
			SELECT *, first_value(first_no) OVER (PARTITION BY a ORDER BY is_orphan, off, first_no) AS best FROM block),
		few AS (
			SELECT * FROM stretch WHERE (first_no - best) % p_count = 0 ORDER BY is_orphan, run_no, off, first_no LIMIT 32)
		SELECT array_agg(first_no) FILTER (WHERE NOT is_orphan), array_agg(first_no) INTO v_firsts, v_any FROM few;
		IF v_firsts IS NOT NULL THEN
			RETURN v_firsts;
		END IF;
		v_orphans := coalesce(v_orphans, v_any);
		v_run := v_run + v_runs;
		v_runs := 2 * v_runs;
	END LOOP;
	RETURN v_orphans;
END $$;
COMMENT ON FUNCTION show.best_blocks IS 'First seats of disjoint blocks of free seats side by side, best first, without the seats in p_not. Null when there are none.';

CREATE OR REPLACE FUNCTION show.best_groups(p_show_id int, p_count int, p_grade text, p_is_resting bool, p_not int[])
RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	v_seats int[];
BEGIN
	-- Examines the best few stretches of each length, and all of them for rows next to each other.
	WITH stretch AS MATERIALIZED (
		SELECT run_no, section, row_no, a, z - a + 1 AS len
		FROM show.free_stretches(p_show_id, p_grade, p_is_resting, p_not, 1, (SELECT max(run_no) FROM show.seat_runs WHERE show_id = p_show_id))),
	few AS MATERIALIZED (
		SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY least(len, p_count) ORDER BY run_no, a) AS n FROM stretch) AS t WHERE n <= 3),
	pair AS (
		SELECT 0 AS far, x.run_no, x.a AS xa, x.len AS xlen, y.run_no AS y_run_no, y.a AS ya, y.len AS ylen
		FROM stretch AS x JOIN stretch AS y ON y.section = x.section AND y.row_no IN (x.row_no - 1, x.row_no, x.row_no + 1) AND y.a <> x.a
		UNION ALL
		SELECT 1, x.run_no, x.a, x.len, y.run_no, y.a, y.len FROM few AS x JOIN few AS y ON y.a <> x.a)
	SELECT ARRAY(SELECT n FROM (SELECT generate_series(xa, xa + k - 1) UNION ALL SELECT generate_series(ya, ya + p_count - k - 1)) AS t (n)
		ORDER BY n)
	INTO v_seats
	FROM pair, generate_series((p_count + 1) / 2, p_count - 1) AS k WHERE xlen >= k AND ylen >= p_count - k
	ORDER BY k = p_count - 1, far, (xlen - k = 1)::int + (ylen - p_count + k = 1)::int,
		least(run_no, y_run_no), greatest(run_no, y_run_no), k, xa, ya LIMIT 1;
	RETURN v_seats;
END $$;
COMMENT ON FUNCTION show.best_groups IS 'Free seats in two groups: if possible with nobody alone, then in adjacent rows, then leaving no seat alone. Null when there are none.';

CREATE OR REPLACE FUNCTION show.seats_try(p_show_id int, p_seats int[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	v_no int;
BEGIN
	FOREACH v_no IN ARRAY p_seats LOOP
		IF NOT pg_try_advisory_xact_lock(p_show_id, v_no) THEN
			RETURN v_no;
		END IF;
	END LOOP;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION show.seats_try IS 'Tries the seat locks in the given order. Null, or the first seat that somebody else has locked.';

CREATE OR REPLACE FUNCTION show.hold_best(p_show_id int, p_hold_id uuid, p_user_id uuid, p_count int, p_grade text, p_trace text, p_rest_s int DEFAULT 0, p_unpaid_max int DEFAULT 0)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_show show.shows;
	v_hold show.holds;
	v_mine int;
	v_firsts int[];
	v_first int;
	v_no int;
	v_seats int[];
	v_not int[] := '{}';
	v_left int := 500; -- seats whose locks may still be tried; a transaction may try no more
BEGIN
	-- guard: show's lock
	PERFORM pg_advisory_xact_lock_shared(p_show_id, -1);
	-- guard: buyer's lock
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_show FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	-- A call whose answer was lost comes again with the same id.
	SELECT * INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = p_hold_id AND /* guard: owner */ user_id = p_user_id;
	-- guard: repetition
	IF FOUND THEN
		RETURN QUERY SELECT 'created', show.hold_doc(v_hold, clock_timestamp());
		RETURN;
	ELSIF v_show.cancelled_at IS NOT NULL OR v_show.sales_open_at > clock_timestamp() OR v_show.sales_close_at <= clock_timestamp() THEN
		RETURN QUERY SELECT 'not_on_sale', NULL::json;
		RETURN;
	-- guard: grade
	ELSIF p_grade IS NOT NULL AND NOT EXISTS (SELECT FROM show.grades WHERE show_id = p_show_id AND code = p_grade) THEN
		RETURN QUERY SELECT 'validation_failed', json_build_object('field', 'best.grade', 'message', 'is no grade of this show');
		RETURN;
	END IF;
	SELECT coalesce(sum(cardinality(seat_nos)), 0) INTO v_mine FROM show.holds
	WHERE show_id = p_show_id AND user_id = p_user_id AND state IN ('active', 'paying', 'confirmed')
		AND (state <> 'active' OR expires_at > clock_timestamp());
	-- guard: buyer's limit
	IF v_mine + p_count > v_show.max_seats_per_user THEN
		RETURN QUERY SELECT 'seat_limit', json_build_object('limit', v_show.max_seats_per_user, 'taken', v_mine);
		RETURN;
	END IF;
	-- What rests for this buyer would be refused again and again.
	v_not := show.seats_resting(show.seats_had(p_show_id, p_user_id, p_rest_s, NULL), v_show.hold_seconds);
	-- Callers at the same moment see the same blocks. Each tries the locks of one block after another and waits for
	-- none, so the best block goes to the first caller and the next best to the second. hold_take() decides. If it
	-- finds a seat taken, that seat was taken after the search, and probably others too: so all blocks are searched
	-- again before going on.
	<<search>>
	LOOP
		v_firsts := show.best_blocks(p_show_id, p_count, p_grade, v_show.rerelease IS NOT NULL, v_not);
		EXIT WHEN v_firsts IS NULL;
		FOREACH v_first IN ARRAY v_firsts LOOP
			v_seats := ARRAY(SELECT generate_series(v_first, v_first + p_count - 1));
			CONTINUE WHEN v_seats && v_not;
			EXIT search WHEN v_left < p_count;
			v_no := show.seats_try(p_show_id, v_seats);
			v_left := v_left - coalesce(array_position(v_seats, v_no), p_count);
			IF v_no IS NOT NULL THEN
				v_not := v_not || v_no;
				CONTINUE;
			END IF;
			SELECT t.outcome, t.result INTO outcome, result FROM show.hold_take(p_show_id, p_hold_id, p_user_id, v_seats, p_trace, false, NULL, p_rest_s, p_unpaid_max) AS t;
			IF outcome <> 'seats_taken' THEN
				RETURN NEXT;
				RETURN;
			END IF;
			v_not := v_not || ARRAY(SELECT seat_no FROM show.seats WHERE show_id = p_show_id
				AND seat_no = ANY (ARRAY(SELECT f + i FROM unnest(v_firsts) AS f, generate_series(0, p_count - 1) AS i))
				AND NOT show.seat_is_free(state, held_until, clock_timestamp(), v_show.rerelease IS NOT NULL));
		END LOOP;
	END LOOP;
	WHILE p_count > 1 AND v_left >= p_count LOOP
		v_seats := show.best_groups(p_show_id, p_count, p_grade, v_show.rerelease IS NOT NULL, v_not);
		EXIT WHEN v_seats IS NULL;
		v_left := v_left - p_count;
		SELECT t.outcome, t.result INTO outcome, result FROM show.hold_take(p_show_id, p_hold_id, p_user_id, v_seats, p_trace, false, NULL, p_rest_s, p_unpaid_max) AS t;
		IF outcome <> 'seats_taken' THEN
			RETURN NEXT;
			RETURN;
		END IF;
		-- guard: refused seats
		v_not := v_not || ARRAY(SELECT n::int FROM json_array_elements_text(result -> 'seats') AS n);
	END LOOP;
	outcome := 'not_enough_seats';
	result := NULL;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.hold_best IS 'Takes the best free seats, in one row or else in two groups. They are always new ones.';
