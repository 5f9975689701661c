-- Show: seats that a buyer keeps without paying. Holds of a seat that follow each other within a rest (p_rest_s) count as one. When they
-- have lasted as long as one hold may at most, the seat counts as taken for this buyer until it has rested. Each hold carries the sum
-- of those before it, so only holds that ended within one rest need to be read. A hold that was paid and cancelled counts for as long as
-- it would have lasted unpaid: money that comes back buys no time.

CREATE OR REPLACE FUNCTION show.seats_had(p_show_id int, p_user_id uuid, p_rest_s int, p_replaces uuid) RETURNS show.seat_had[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_since timestamptz := v_now - make_interval(secs => p_rest_s);
	-- It is a variable: with a literal, a plan might look among the active holds of all shows.
	v_active CONSTANT show.hold_state := 'active';
BEGIN
	RETURN ARRAY(SELECT DISTINCT ON (s.no) (s.no, coalesce(h.had_ms[s.i], 0) + least(1000 * extract(epoch FROM /* guard: as if unpaid */ least(h.over, h.expires_at) - h.taken_at), 1000000000)::int, h.over)::show.seat_had
		FROM (SELECT e.seat_nos, e.had_ms, e.taken_at, e.expires_at, e.ended_at AS over FROM show.holds AS e
				WHERE e.show_id = p_show_id AND e.user_id = p_user_id AND /* guard: within a rest */ (e.ended_at IS NOT NULL
					AND coalesce(e.ended_at, 'infinity') > v_since)
			UNION ALL
			-- The clock has ended these, and nobody has written it down yet.
			SELECT a.seat_nos, a.had_ms, a.taken_at, a.expires_at, a.expires_at FROM show.holds AS a
				WHERE a.show_id = p_show_id AND a.user_id = p_user_id AND a.state IN ('active', 'paying', 'confirmed')
					AND a.state = v_active AND a.expires_at > v_since AND a.expires_at <= v_now
			UNION ALL
			SELECT r.seat_nos, r.had_ms, r.taken_at, r.expires_at, v_now FROM show.holds AS r
				WHERE r.show_id = p_show_id AND /* guard: replaced */ r.hold_id = p_replaces AND r.expires_at > v_now) AS h
			CROSS JOIN LATERAL unnest(h.seat_nos) WITH ORDINALITY AS s (no, i)
		ORDER BY s.no, h.over DESC);
END $$;
COMMENT ON FUNCTION show.seats_had IS 'Seats that the buyer had without paying, or paid and cancelled, and gave back, or lost, within one rest, or gives back now with the hold p_replaces.';

CREATE OR REPLACE FUNCTION show.seats_resting(p_had show.seat_had[], p_hold_seconds int) RETURNS int[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(SELECT h.no FROM unnest(p_had) AS h WHERE h.ms >= 3000 * p_hold_seconds ORDER BY h.no);
COMMENT ON FUNCTION show.seats_resting IS 'Those of them that count as taken for this buyer.';

CREATE OR REPLACE FUNCTION show.rests_again_at(p_had show.seat_had[], p_seats int[], p_rest_s int) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT ceil(extract(epoch FROM max(h.until)) + p_rest_s)::bigint FROM unnest(p_had) AS h WHERE h.no = ANY (p_seats));
COMMENT ON FUNCTION show.rests_again_at IS 'When these resting seats count again, Unix seconds.';

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
		WHERE h.show_id = p_show_id AND h.user_id = p_user_id AND h.ended_at IS NOT NULL AND coalesce(h.ended_at, 'infinity') > v_since
		ORDER BY coalesce(h.ended_at, 'infinity') DESC OFFSET p_unpaid_max - 1 LIMIT 1);
END $$;
COMMENT ON FUNCTION show.unpaid_wait_s IS 'How long a buyer must wait who has ended so many holds of a show within an hour, paid and cancelled ones too. Null: not at all.';
