-- Show: the best seats that are free. Looks, then takes what it found by name; what others took meanwhile is left out.

CREATE OR REPLACE FUNCTION show.best_block(p_show_id int, p_count int, p_grade text, p_is_resting bool, p_not int[])
RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	v_from int := 1;
	v_step int := 8;
	v_last int := (SELECT max(run_no) FROM show.seat_runs WHERE show_id = p_show_id);
	v_start int;
	v_is_orphan bool;
	v_orphan int;
BEGIN
	-- Ever more runs at a time: the first few are enough in an empty hall, and a full one is read in a few steps. Blocks
	-- that leave one seat alone wait until every run has been asked for one that does not.
	WHILE v_from <= v_last LOOP
		SELECT c.start, c.is_orphan INTO v_start, v_is_orphan FROM (
			SELECT b.run_no, b.middle, start, (start - b.a = 1 OR b.z - start - p_count + 1 = 1) AS is_orphan
			FROM (SELECT f.run_no, f.middle, min(f.seat_no) AS a, max(f.seat_no) AS z
				FROM (SELECT r.run_no, r.middle, s.seat_no, s.seat_no - row_number() OVER (PARTITION BY r.run_no ORDER BY s.seat_no) AS part
					FROM show.seat_runs AS r JOIN show.seats AS s ON s.show_id = p_show_id AND s.seat_no BETWEEN r.first_no AND r.last_no
					JOIN show.seat_places AS p ON p.show_id = p_show_id AND p.seat_no = s.seat_no
					WHERE r.show_id = p_show_id AND r.run_no >= v_from AND r.run_no < v_from + v_step
						AND (p_grade IS NULL OR p.grade = p_grade) AND s.seat_no <> ALL (p_not)
						AND (s.state = 'available' OR (s.state = 'held' AND s.held_until <= clock_timestamp() AND NOT p_is_resting))) AS f
				GROUP BY f.run_no, f.middle, f.part) AS b, generate_series(b.a, b.z - p_count + 1) AS start) AS c
		ORDER BY c.is_orphan, c.run_no, abs(c.start + (p_count - 1) / 2.0 - c.middle), c.start LIMIT 1;
		IF v_start IS NOT NULL AND NOT v_is_orphan THEN
			RETURN ARRAY(SELECT generate_series(v_start, v_start + p_count - 1));
		END IF;
		v_orphan := coalesce(v_orphan, v_start);
		v_from := v_from + v_step;
		v_step := 2 * v_step;
	END LOOP;
	RETURN CASE WHEN v_orphan IS NOT NULL THEN ARRAY(SELECT generate_series(v_orphan, v_orphan + p_count - 1)) END;
END $$;
COMMENT ON FUNCTION show.best_block IS 'free seats side by side, the best there are without those named; null when there are none';

CREATE OR REPLACE FUNCTION show.best_groups(p_show_id int, p_count int, p_grade text, p_is_resting bool, p_not int[])
RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	v_seats int[];
BEGIN
	-- Of every length the best few stretches are looked at, and for rows next to each other all of them.
	WITH free AS (
		SELECT r.run_no, r.section, r.row_no, s.seat_no, s.seat_no - row_number() OVER (PARTITION BY r.run_no ORDER BY s.seat_no) AS part
		FROM show.seat_runs AS r JOIN show.seats AS s ON s.show_id = p_show_id AND s.seat_no BETWEEN r.first_no AND r.last_no
		JOIN show.seat_places AS p ON p.show_id = p_show_id AND p.seat_no = s.seat_no
		WHERE r.show_id = p_show_id AND (p_grade IS NULL OR p.grade = p_grade) AND s.seat_no <> ALL (p_not)
			AND (s.state = 'available' OR (s.state = 'held' AND s.held_until <= clock_timestamp() AND NOT p_is_resting))),
	stretch AS MATERIALIZED (
		SELECT run_no, section, row_no, min(seat_no) AS a, count(*)::int AS len FROM free GROUP BY run_no, section, row_no, part),
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
	ORDER BY k = p_count - 1, far, least(run_no, y_run_no), greatest(run_no, y_run_no), k, xa, ya LIMIT 1;
	RETURN v_seats;
END $$;
COMMENT ON FUNCTION show.best_groups IS 'free seats in two groups, nobody alone if possible, in rows next to each other if possible; null when there are none';

CREATE OR REPLACE FUNCTION show.hold_best(p_show_id int, p_hold_id uuid, p_user_id uuid, p_count int, p_grade text, p_trace text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_show show.shows;
	v_hold show.holds;
	v_mine int;
	v_seats int[];
	v_not int[] := '{}';
BEGIN
	PERFORM pg_advisory_xact_lock(show.buyer_key(p_show_id, p_user_id));
	SELECT * INTO v_show FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::jsonb;
		RETURN;
	END IF;
	-- A call whose answer was lost comes again with the same id.
	SELECT * INTO v_hold FROM show.holds WHERE show_id = p_show_id AND hold_id = p_hold_id AND user_id = p_user_id;
	IF FOUND THEN
		RETURN QUERY SELECT 'created', show.hold_doc(v_hold, clock_timestamp());
		RETURN;
	ELSIF v_show.cancelled_at IS NOT NULL OR v_show.sales_open_at > clock_timestamp() OR v_show.sales_close_at <= clock_timestamp() THEN
		RETURN QUERY SELECT 'not_on_sale', NULL::jsonb;
		RETURN;
	END IF;
	SELECT coalesce(sum(cardinality(seat_nos)), 0) INTO v_mine FROM show.holds
	WHERE show_id = p_show_id AND user_id = p_user_id AND state IN ('active', 'paying', 'confirmed')
		AND (state <> 'active' OR expires_at > clock_timestamp());
	IF v_mine + p_count > v_show.max_seats_per_user THEN
		RETURN QUERY SELECT 'seat_limit', jsonb_build_object('limit', v_show.max_seats_per_user, 'taken', v_mine);
		RETURN;
	END IF;
	-- hold_take() decides, tries each lock and waits for none. Seats it names are taken or about to be: the next search is
	-- without them, and sees what was written since.
	FOR v_try IN 1 .. 40 LOOP
		v_seats := show.best_block(p_show_id, p_count, p_grade, v_show.rerelease IS NOT NULL, v_not);
		IF v_seats IS NULL AND p_count > 1 THEN
			v_seats := show.best_groups(p_show_id, p_count, p_grade, v_show.rerelease IS NOT NULL, v_not);
		END IF;
		EXIT WHEN v_seats IS NULL;
		SELECT t.outcome, t.result INTO outcome, result FROM show.hold_take(p_show_id, p_hold_id, p_user_id, v_seats, p_trace) AS t;
		IF outcome <> 'seats_taken' THEN
			RETURN NEXT;
			RETURN;
		END IF;
		v_not := v_not || ARRAY(SELECT n::int FROM jsonb_array_elements_text(result -> 'seats') AS n);
	END LOOP;
	outcome := 'not_enough_seats';
	result := NULL;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION show.hold_best IS 'takes the best free seats: in one row, else in two groups; always new ones';
