-- Listing: recounts. They are idempotent, because they always count the rows and never add up. A recount does not wait for
-- the disk. The relay's cursor is written after it and does wait, so a lost recount is done again.

-- Only taken seats are joined to their places, because in most shows they are few. Without statistics of a show the
-- planner expects one row and would look up each place, or worse. A hundred thousand seats must not stop the relay until
-- then.
CREATE OR REPLACE FUNCTION listing.show_recount(p_show_id int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
DECLARE
	v_show show.shows;
	v_now timestamptz;
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true);
	-- Only one recount of a show at a time: the recount that starts later must also write last.
	PERFORM FROM listing.shows WHERE show_id = p_show_id FOR UPDATE;
	SELECT * INTO v_show FROM show.shows WHERE show_id = p_show_id;
	IF v_show.published_at IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	v_now := clock_timestamp();
	UPDATE listing.grades AS l SET seats_left = n.seats_left
	FROM (SELECT g.code, g.capacity - coalesce(t.seats, 0) AS seats_left
		FROM show.grades AS g LEFT JOIN (SELECT p.grade, count(*) AS seats
			FROM show.seats AS s JOIN show.seat_places AS p USING (show_id, seat_no)
			WHERE s.show_id = p_show_id AND NOT show.seat_is_free(s.state, s.held_until, v_now, v_show.rerelease IS NOT NULL)
			GROUP BY p.grade) AS t ON t.grade = g.code
		WHERE g.show_id = p_show_id) AS n
	WHERE l.show_id = p_show_id AND l.code = n.code AND l.seats_left <> n.seats_left;
	-- Copies what an admin may have changed. Unchanged values leave the indexes alone.
	UPDATE listing.grades AS l SET price = g.price FROM show.grades AS g
	WHERE l.show_id = p_show_id AND g.show_id = p_show_id AND g.code = l.code AND g.price <> l.price;
	UPDATE listing.shows SET is_cancelled = v_show.cancelled_at IS NOT NULL, counted_at = v_now,
		starts_at = v_show.starts_at, ends_at = v_show.ends_at, sales_open_at = v_show.sales_open_at,
		sales_close_at = v_show.sales_close_at, local_date = (v_show.starts_at AT TIME ZONE (v_show.hall #>> '{venue,time_zone}'))::date,
		hold_seconds = v_show.hold_seconds, max_seats_per_user = v_show.max_seats_per_user, rerelease = v_show.rerelease,
		seats_left = (SELECT sum(seats_left) FROM listing.grades WHERE show_id = p_show_id)
	WHERE show_id = p_show_id;
	RETURN QUERY SELECT 'ok', json_build_object('event_id', v_show.event_id);
END $$;
COMMENT ON FUNCTION listing.show_recount IS 'Counts a show''s seats left, by grade and in all, and copies what an admin may have changed.';

CREATE OR REPLACE FUNCTION listing.shows_recount(p_show_ids int[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT 'ok', json_build_object('event_ids', coalesce(json_agg(DISTINCT (r.result ->> 'event_id')::int), '[]'))
	FROM unnest(p_show_ids) AS s (id), listing.show_recount(s.id) AS r WHERE r.outcome = 'ok';
END $$;
COMMENT ON FUNCTION listing.shows_recount IS 'Counts the seats left of shows, in ascending order, and returns their events. Drafts are left out.';

CREATE OR REPLACE FUNCTION listing.event_recount(p_event_id int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM FROM listing.events WHERE event_id = p_event_id FOR UPDATE;
	INSERT INTO listing.events AS e (event_id, venue, first_show_at, last_show_at, seats_left, next_change_at)
	SELECT p_event_id,
		coalesce((array_agg(s.hall -> 'venue' ORDER BY s.starts_at, s.show_id)
				FILTER (WHERE s.starts_at > now.at AND NOT s.is_cancelled))[1],
			(array_agg(s.hall -> 'venue' ORDER BY s.starts_at DESC))[1]),
		min(s.starts_at) FILTER (WHERE s.starts_at > now.at AND NOT s.is_cancelled),
		max(s.starts_at) FILTER (WHERE s.starts_at > now.at AND NOT s.is_cancelled),
		coalesce(sum(s.seats_left) FILTER (WHERE util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, now.at) = 'on_sale'), 0),
		min(least(CASE WHEN s.sales_open_at > now.at THEN s.sales_open_at END,
			CASE WHEN s.sales_close_at > now.at THEN s.sales_close_at END,
			CASE WHEN s.starts_at > now.at THEN s.starts_at END)) FILTER (WHERE NOT s.is_cancelled)
	FROM listing.shows AS s CROSS JOIN (SELECT clock_timestamp() AS at) AS now
	WHERE s.event_id = p_event_id
	HAVING count(*) > 0
	ON CONFLICT (event_id) DO UPDATE SET venue = excluded.venue, first_show_at = excluded.first_show_at,
		last_show_at = excluded.last_show_at, seats_left = excluded.seats_left,
		next_change_at = excluded.next_change_at, counted_at = clock_timestamp();
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION listing.event_recount IS 'Sums up an event over its shows.';

-- Inlined, so that the planner sees its conditions.
CREATE OR REPLACE FUNCTION listing.event_is_wanted(p_event directory.events, p_kind text, p_q text, p_rating text) RETURNS boolean
LANGUAGE sql STABLE
RETURN (p_kind IS NULL OR p_event.kind = p_kind) AND (p_rating IS NULL OR p_event.rating = p_rating)
	AND (p_q IS NULL OR position(lower(p_q) IN lower(p_event.title)) > 0);
COMMENT ON FUNCTION listing.event_is_wanted IS 'Does the event pass these filters? Null: any.';

-- Lists come with different filters. A plan for each filter costs as much again as the list, so one plan serves all. For
-- that, an absent parameter becomes a bound that an index can use, and the planner sees the largest limit that the API
-- allows. Each lateral read ends with LIMIT 1, so that the planner looks rows up one by one and does not read all events.
--
-- A page looks at 5000 rows at most, whether they match or not. If it is not full by then, its last row is cut: only the key
-- from which the next page goes on.
CREATE OR REPLACE FUNCTION listing.events_found(p_kind text, p_q text, p_region text, p_rating text, p_from date, p_to date,
	p_above bigint, p_above_id int, p_limit int)
RETURNS TABLE (id int, title text, kind text, rating text, running_minutes int, venue jsonb, first_show_at bigint, last_show_at bigint,
	seats_left bigint, is_cut boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	v_above timestamptz := coalesce(to_timestamp(p_above), '-infinity');
	v_above_id int := coalesce(p_above_id, 0);
	v_count int;
BEGIN
	IF p_region IS NOT NULL OR p_from IS NOT NULL OR p_to IS NOT NULL THEN
		RETURN QUERY SELECT * FROM listing.events_of_shows(p_kind, p_q, p_region, p_rating, p_from, p_to, v_above, v_above_id, p_limit);
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM (
		SELECT l.event_id, e.title, e.kind, e.rating, e.running_minutes, l.venue, util.unix(l.first_show_at),
			util.unix(l.last_show_at), l.seats_left, false
		FROM (SELECT * FROM listing.events AS w WHERE (w.first_show_at, w.event_id) > (v_above, v_above_id)
				ORDER BY w.first_show_at, w.event_id LIMIT 5000) AS l
			CROSS JOIN LATERAL (SELECT * FROM directory.events AS d
				WHERE d.event_id = l.event_id AND listing.event_is_wanted(d, p_kind, p_q, p_rating) LIMIT 1) AS e
		WHERE l.last_show_at > statement_timestamp()
		ORDER BY l.first_show_at, l.event_id LIMIT 101) AS page
	LIMIT p_limit;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count < p_limit THEN
		RETURN QUERY SELECT w.event_id, NULL, NULL, NULL, NULL::int, NULL::jsonb, util.unix(w.first_show_at), NULL::bigint, NULL::bigint, true
		FROM listing.events AS w WHERE (w.first_show_at, w.event_id) > (v_above, v_above_id)
		ORDER BY w.first_show_at, w.event_id OFFSET 4999 LIMIT 1;
	END IF;
END $$;
COMMENT ON FUNCTION listing.events_found IS 'Events with a coming show, by (first_show_at, id) above p_above (Unix s) and p_above_id. Venue, times and seats left are those of the coming shows in this region and on these days. Null: no bound. A last row that is cut: the search goes on behind its key.';

-- Follows the shows in the order of their starts and keeps the first show of each event: the show that no other of its event
-- precedes. A show of another region or day does not count. Of the two halves of a union only one finds anything.
CREATE OR REPLACE FUNCTION listing.events_of_shows(p_kind text, p_q text, p_region text, p_rating text, p_from date, p_to date,
	p_above timestamptz, p_above_id int, p_limit int)
RETURNS TABLE (id int, title text, kind text, rating text, running_minutes int, venue jsonb, first_show_at bigint, last_show_at bigint,
	seats_left bigint, is_cut boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	-- Summing up the events of a page reads their shows: so many, and those of one more event.
	c_summed CONSTANT int := 10000;
	-- The times between which a show of these days can start: zones lie up to 14 hours before UTC and 12 behind it.
	v_after timestamptz := greatest(statement_timestamp(), (p_from - interval '14 h') AT TIME ZONE 'UTC');
	v_until timestamptz := coalesce((p_to + interval '36 h') AT TIME ZONE 'UTC', 'infinity');
	-- One lower bound: of two, the index may begin at the lower.
	v_above timestamptz := greatest(v_after, p_above);
	v_above_id int := CASE WHEN p_above > v_after THEN p_above_id ELSE 2147483647 END;
	v_from date := coalesce(p_from, '-infinity');
	v_to date := coalesce(p_to, 'infinity');
	v_show record;
	v_seen int[] := '{}';
	v_first timestamptz;
	v_count int := 0;
	v_summed int := 0;
	v_shows int;
BEGIN
	FOR v_show IN SELECT s.starts_at, e.*
			FROM ((SELECT w.event_id, w.starts_at, w.local_date, w.is_cancelled FROM listing.shows AS w
					WHERE p_region IS NULL AND w.starts_at < v_until AND (w.starts_at, w.event_id) > (v_above, v_above_id)
					ORDER BY w.starts_at, w.event_id FETCH FIRST 5000 ROWS WITH TIES)
				UNION ALL
				(SELECT w.event_id, w.starts_at, w.local_date, w.is_cancelled FROM listing.shows AS w
					WHERE w.region = p_region AND w.starts_at < v_until AND (w.starts_at, w.event_id) > (v_above, v_above_id)
					ORDER BY w.starts_at, w.event_id FETCH FIRST 5000 ROWS WITH TIES)) AS s
				CROSS JOIN LATERAL (SELECT * FROM directory.events AS d
					WHERE d.event_id = s.event_id AND listing.event_is_wanted(d, p_kind, p_q, p_rating) LIMIT 1) AS e
			WHERE s.local_date BETWEEN v_from AND v_to AND NOT s.is_cancelled
			ORDER BY s.starts_at, s.event_id LOOP
		CONTINUE WHEN v_show.event_id = ANY (v_seen);
		v_seen := v_seen || v_show.event_id;
		v_first := (SELECT min(f.starts_at) FROM (
			(SELECT t.starts_at FROM listing.shows AS t WHERE p_region IS NULL AND t.event_id = v_show.event_id AND t.starts_at > v_after
				AND t.local_date BETWEEN v_from AND v_to AND NOT t.is_cancelled ORDER BY t.starts_at LIMIT 1)
			UNION ALL
			(SELECT t.starts_at FROM listing.shows AS t WHERE t.region = p_region AND t.event_id = v_show.event_id AND t.starts_at > v_after
				AND t.local_date BETWEEN v_from AND v_to AND NOT t.is_cancelled ORDER BY t.starts_at LIMIT 1)) AS f);
		-- An earlier page has the event.
		CONTINUE WHEN v_first < v_show.starts_at;
		SELECT (array_agg(s.hall -> 'venue' ORDER BY s.starts_at, s.show_id))[1], util.unix(min(s.starts_at)), util.unix(max(s.starts_at)),
			coalesce(sum(s.seats_left) FILTER (
				WHERE util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, statement_timestamp()) = 'on_sale'), 0), count(*)
		INTO venue, first_show_at, last_show_at, seats_left, v_shows
		FROM listing.shows AS s WHERE s.event_id = v_show.event_id AND s.starts_at > v_after AND s.starts_at < v_until
			AND (p_region IS NULL OR s.region = p_region) AND s.local_date BETWEEN v_from AND v_to AND NOT s.is_cancelled;
		id := v_show.event_id;
		title := v_show.title;
		kind := v_show.kind;
		rating := v_show.rating;
		running_minutes := v_show.running_minutes;
		is_cut := false;
		RETURN NEXT;
		v_count := v_count + 1;
		v_summed := v_summed + v_shows;
		IF v_count >= p_limit THEN
			RETURN;
		ELSIF v_summed >= c_summed THEN
			is_cut := true;
			RETURN NEXT;
			RETURN;
		END IF;
	END LOOP;
	RETURN QUERY SELECT w.event_id, NULL, NULL, NULL, NULL::int, NULL::jsonb, util.unix(w.starts_at), NULL::bigint, NULL::bigint, true
	FROM ((SELECT w.event_id, w.starts_at FROM listing.shows AS w
			WHERE p_region IS NULL AND w.starts_at < v_until AND (w.starts_at, w.event_id) > (v_above, v_above_id)
			ORDER BY w.starts_at, w.event_id OFFSET 4999 LIMIT 1)
		UNION ALL
		(SELECT w.event_id, w.starts_at FROM listing.shows AS w
			WHERE w.region = p_region AND w.starts_at < v_until AND (w.starts_at, w.event_id) > (v_above, v_above_id)
			ORDER BY w.starts_at, w.event_id OFFSET 4999 LIMIT 1)) AS w;
END $$;
COMMENT ON FUNCTION listing.events_of_shows IS 'listing.events_found in this region or on these days.';

-- For programs of the previous version, which know no row that is cut.
CREATE OR REPLACE FUNCTION listing.events_coming(p_kind text, p_q text, p_region text, p_rating text, p_from date, p_to date,
	p_above bigint, p_above_id int, p_limit int)
RETURNS TABLE (id int, title text, kind text, rating text, running_minutes int, venue jsonb, first_show_at bigint, last_show_at bigint,
	seats_left bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT f.id, f.title, f.kind, f.rating, f.running_minutes, f.venue, f.first_show_at, f.last_show_at, f.seats_left
	FROM listing.events_found(p_kind, p_q, p_region, p_rating, p_from, p_to, p_above, p_above_id, p_limit) AS f WHERE NOT f.is_cut;
END;
COMMENT ON FUNCTION listing.events_coming IS 'listing.events_found up to where it is cut.';
