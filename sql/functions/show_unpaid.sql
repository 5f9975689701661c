-- Show: seats that a buyer keeps without paying. Holds of a seat that follow each other within a rest (p_rest_s) count as one. When they
-- have lasted as long as one hold may at most, the seat counts as taken for this buyer until it has rested. Each hold carries the sum
-- of those before it, so only holds that ended within one rest need to be read. A hold that was paid and cancelled counts for as long as
-- it would have lasted unpaid: money that comes back buys no time.

CREATE OR REPLACE FUNCTION show.unpaid_lately(p_rest_s int, p_unpaid_max int) RETURNS interval
LANGUAGE sql IMMUTABLE
RETURN make_interval(secs => greatest(p_rest_s, /* guard: share of the hour */ 3599 / greatest(p_unpaid_max, 1) + 1));
COMMENT ON FUNCTION show.unpaid_lately IS 'How far back to look for a hold that ended unpaid: whoever ends p_unpaid_max of them within an hour ends one within a rest or within his share of the hour.';

CREATE OR REPLACE FUNCTION show.seats_had(p_show_id int, p_user_id uuid, p_seats int[], p_rest_s int, p_replaces uuid) RETURNS show.seat_had[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_since timestamptz := v_now - make_interval(secs => p_rest_s);
	-- It is a variable: with a literal, a plan might look among the active holds of all shows.
	v_active CONSTANT show.hold_state := 'active';
	v_hold record;
	v_left int[] := p_seats;
	v_first int := (SELECT min(n) FROM unnest(p_seats) AS n);
	v_last int := (SELECT max(n) FROM unnest(p_seats) AS n);
	v_nos int[];
	v_had show.seat_had[] := '{}';
BEGIN
	-- The newest hold of a seat tells all about it. A buyer may have had hundreds of holds of a hundred seats within a rest,
	-- and most requests ask for seats of the last ones.
	FOR v_hold IN SELECT * FROM (
			-- The clock has ended some, and nobody has written it down yet.
			SELECT e.seat_nos, e.had_ms, e.taken_at, e.expires_at, CASE WHEN e.ended_at < 'infinity' THEN e.ended_at ELSE e.expires_at END AS over
			FROM show.holds AS e
			WHERE e.buyer_key = show.buyer_key(p_show_id, p_user_id) AND e.show_id + 0 = p_show_id AND e.user_id = p_user_id AND /* guard: within a rest */ e.ended_at > v_since
				AND (e.ended_at < 'infinity' OR (e.state = v_active AND e.expires_at > v_since AND e.expires_at <= v_now))
			UNION ALL
			SELECT r.seat_nos, r.had_ms, r.taken_at, r.expires_at, v_now FROM show.holds AS r
				WHERE r.show_id = p_show_id AND /* guard: replaced */ r.hold_id = p_replaces AND r.expires_at > v_now) AS h
			ORDER BY h.over DESC LOOP
		-- The seats of a hold are ascending.
		CONTINUE WHEN v_hold.seat_nos[1] > v_last OR v_hold.seat_nos[cardinality(v_hold.seat_nos)] < v_first;
		v_nos := ARRAY(SELECT n FROM unnest(v_left) AS n WHERE n = ANY (v_hold.seat_nos));
		CONTINUE WHEN v_nos = '{}';
		v_had := v_had || ARRAY(SELECT (s.no, coalesce(v_hold.had_ms[s.i], 0)
				+ least(1000 * extract(epoch FROM /* guard: as if unpaid */ least(v_hold.over, v_hold.expires_at) - v_hold.taken_at), 1000000000)::int, v_hold.over)::show.seat_had
			FROM unnest(v_hold.seat_nos) WITH ORDINALITY AS s (no, i) WHERE s.no = ANY (v_nos));
		v_left := ARRAY(SELECT n FROM unnest(v_left) AS n WHERE n <> ALL (v_nos));
		EXIT WHEN v_left = '{}';
	END LOOP;
	RETURN v_had;
END $$;
COMMENT ON FUNCTION show.seats_had IS 'Those of the seats that the buyer had within one rest and has no more (given back, lost, or paid and cancelled), and those that he gives back now with the hold p_replaces.';

CREATE OR REPLACE FUNCTION show.seats_resting(p_had show.seat_had[], p_hold_seconds int) RETURNS int[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(SELECT h.no FROM unnest(p_had) AS h WHERE h.ms >= 3000 * p_hold_seconds ORDER BY h.no);
COMMENT ON FUNCTION show.seats_resting IS 'Of the seats that a buyer had, those that count as taken for him.';

CREATE OR REPLACE FUNCTION show.rests_again_at(p_had show.seat_had[], p_seats int[], p_rest_s int) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT ceil(extract(epoch FROM max(h.until)) + p_rest_s)::bigint FROM unnest(p_had) AS h WHERE h.no = ANY (p_seats));
COMMENT ON FUNCTION show.rests_again_at IS 'The moment, in Unix seconds, from which the buyer may have these resting seats again.';

CREATE OR REPLACE FUNCTION show.seats_had_ms(p_had show.seat_had[], p_seats int[]) RETURNS int[]
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_had IS NOT NULL THEN ARRAY(SELECT coalesce((SELECT h.ms FROM unnest(p_had) AS h WHERE h.no = s.no), 0)
	FROM unnest(p_seats) WITH ORDINALITY AS s (no, i) ORDER BY s.i) END;
COMMENT ON FUNCTION show.seats_had_ms IS 'How long the buyer had each of these seats, for the hold that takes them.';

CREATE OR REPLACE FUNCTION show.unpaid_wait_s(p_show_id int, p_user_id uuid, p_unpaid_max int) RETURNS int
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
	RETURN (SELECT greatest(ceil(extract(epoch FROM h.ended_at - v_since)), 1)::int FROM show.holds AS h
		WHERE h.buyer_key = show.buyer_key(p_show_id, p_user_id) AND h.show_id + 0 = p_show_id AND h.user_id = p_user_id AND h.ended_at > v_since AND h.ended_at < 'infinity'
		ORDER BY h.ended_at DESC OFFSET p_unpaid_max - 1 LIMIT 1);
END $$;
COMMENT ON FUNCTION show.unpaid_wait_s IS 'How long a buyer must wait who has ended so many holds of a show within an hour, paid and cancelled ones too. Null: not at all.';
