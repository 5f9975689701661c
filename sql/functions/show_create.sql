-- Show: creation. It makes a draft, adds its seats in chunks, and publishes it once the hall is taken.

CREATE OR REPLACE FUNCTION show.show_create(p_actor uuid, p_spec jsonb, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int := coalesce((p_spec ->> 'id')::int, nextval('directory.show_ids')::int);
BEGIN
	INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency,
		capacity, max_seats_per_user, hold_seconds, rerelease, created_by, created_trace)
	VALUES (v_id, (p_spec ->> 'event_id')::int, p_spec -> 'hall', (p_spec ->> 'layout_id')::int,
		to_timestamp((p_spec ->> 'starts_at')::bigint), to_timestamp((p_spec ->> 'ends_at')::bigint),
		to_timestamp((p_spec ->> 'sales_open_at')::bigint), to_timestamp((p_spec ->> 'sales_close_at')::bigint),
		p_spec ->> 'currency', (p_spec ->> 'capacity')::int, (p_spec ->> 'max_seats_per_user')::int,
		(p_spec ->> 'hold_seconds')::int, nullif(p_spec -> 'rerelease', 'null'), p_actor, p_trace)
	ON CONFLICT (show_id) DO NOTHING;
	IF FOUND THEN
		INSERT INTO show.grades (show_id, code, name, price, capacity)
		SELECT v_id, g ->> 'code', coalesce(g ->> 'name', g ->> 'code'), (g ->> 'price')::bigint, (g ->> 'capacity')::int
		FROM jsonb_array_elements(p_spec -> 'grades') AS g;
	END IF;
	RETURN QUERY SELECT 'created', json_build_object('id', v_id, 'layout_id', p_spec -> 'layout_id', 'capacity', p_spec -> 'capacity');
END $$;
COMMENT ON FUNCTION show.show_create IS 'Enters a draft of a show, with the data of the directory that its home needs.';

CREATE OR REPLACE FUNCTION show.show_seats_add(p_show_id int, p_first_no int, p_labels text[], p_grades text[], p_sections text[] DEFAULT NULL, p_rows text[] DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO show.seat_places (show_id, seat_no, label, grade, section, row_name)
	SELECT p_show_id, p_first_no + n::int - 1, l, g, s, r
	FROM unnest(p_labels, p_grades, p_sections, p_rows) WITH ORDINALITY AS t (l, g, s, r, n)
	ON CONFLICT DO NOTHING;
	INSERT INTO show.seats (show_id, seat_no)
	SELECT p_show_id, p_first_no + n - 1 FROM generate_series(1, cardinality(p_labels)) AS n
	ON CONFLICT DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.show_seats_add IS 'Adds a chunk of a draft''s seats. May be repeated.';

CREATE OR REPLACE FUNCTION show.plan_add(p_show_id int, p_plan bytea)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO show.plans (show_id, plan) VALUES (p_show_id, p_plan) ON CONFLICT DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.plan_add IS 'Copies the plan of its layout to a show. May be repeated.';

CREATE OR REPLACE FUNCTION show.show_publish(p_show_id int, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v show.shows;
BEGIN
	UPDATE show.shows SET published_at = clock_timestamp()
	WHERE show_id = p_show_id AND published_at IS NULL
		AND capacity = (SELECT count(*) FROM show.seats WHERE show_id = p_show_id)
	RETURNING * INTO v;
	IF v.show_id IS NULL THEN
		RETURN QUERY SELECT CASE WHEN EXISTS (SELECT FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL)
			THEN 'ok' ELSE 'not_found' END, NULL::json;
		RETURN;
	END IF;
	INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at,
		sales_open_at, sales_close_at, currency, capacity, seats_left, hold_seconds, max_seats_per_user, rerelease)
	VALUES (v.show_id, v.event_id, v.hall, v.hall #>> '{venue,region}',
		(v.starts_at AT TIME ZONE (v.hall #>> '{venue,time_zone}'))::date, v.layout_id, v.starts_at, v.ends_at,
		v.sales_open_at, v.sales_close_at, v.currency, v.capacity, v.capacity, v.hold_seconds, v.max_seats_per_user, v.rerelease)
	ON CONFLICT DO NOTHING;
	INSERT INTO listing.grades (show_id, code, name, price, capacity, seats_left)
	SELECT show_id, code, name, price, capacity, capacity FROM show.grades WHERE show_id = p_show_id
	ON CONFLICT DO NOTHING;
	-- The audit row is written here and not with the draft, because the hall may be busy, and a refusal leaves no row.
	IF v.created_by IS NOT NULL THEN
		PERFORM log.audit_write(v.created_by, 'show.create', 'show ' || p_show_id, NULL, v.created_trace);
	END IF;
	PERFORM show.event_write(p_show_id, 'show.published', json_build_object('event_id', v.event_id), p_trace);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.show_publish IS 'Publishes a complete draft and writes its first summary rows.';

CREATE OR REPLACE FUNCTION show.show_draft_delete(p_show_id int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM FROM show.shows WHERE show_id = p_show_id AND published_at IS NULL FOR UPDATE;
	IF FOUND THEN
		DELETE FROM show.seats WHERE show_id = p_show_id;
		DELETE FROM show.plans WHERE show_id = p_show_id;
		DELETE FROM show.seat_places WHERE show_id = p_show_id;
		DELETE FROM show.grades WHERE show_id = p_show_id;
		DELETE FROM show.shows WHERE show_id = p_show_id;
	END IF;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.show_draft_delete IS 'Deletes a draft whose hall was busy.';

-- For programs of the previous version.
CREATE OR REPLACE FUNCTION show.show_runs_add(p_show_id int, p_sections json)
RETURNS TABLE (outcome text, result json)
LANGUAGE sql AS $$
	SELECT 'ok', NULL::json
$$;
COMMENT ON FUNCTION show.show_runs_add IS 'Does nothing: a show has its plan instead.';
