-- Directory: creation of venues, halls, layouts and events; slots; e-mail claims; failed log-ins.

-- What staff enter is entered once for each request. The program names the request: by a hash of its Idempotency-Key, or at
-- random, and then only the program itself can ask again. A request that was refused leaves nothing. Of two equal requests
-- at once, the second meets the row of the first (requests_pkey), is rolled back, and asks again.

CREATE OR REPLACE FUNCTION directory.request_seen(p_request_id uuid, p_fingerprint bytea)
RETURNS TABLE (word text, document json)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT CASE WHEN /* guard: fingerprint */ r.fingerprint <> p_fingerprint THEN 'idempotency_mismatch' ELSE 'replay' END, r.result
		FROM directory.requests AS r WHERE r.request_id = p_request_id;
END $$;
COMMENT ON FUNCTION directory.request_seen IS 'The answer to a request that has been answered before. No row: it is new.';

CREATE OR REPLACE FUNCTION directory.request_keep(p_request_id uuid, p_fingerprint bytea, p_result json) RETURNS json
LANGUAGE plpgsql AS $$
BEGIN
	-- Programs of the previous version name no request.
	IF p_request_id IS NOT NULL THEN
		INSERT INTO directory.requests (request_id, fingerprint, result) VALUES (p_request_id, p_fingerprint, p_result);
	END IF;
	RETURN p_result;
END $$;
COMMENT ON FUNCTION directory.request_keep IS 'Keeps the answer of a request, and returns it.';

CREATE OR REPLACE FUNCTION directory.venue_create(p_actor uuid, p_name text, p_region text, p_address text, p_time_zone text, p_trace text DEFAULT NULL, p_request_id uuid DEFAULT NULL, p_fingerprint bytea DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v directory.venues;
BEGIN
	RETURN QUERY SELECT * FROM directory.request_seen(p_request_id, p_fingerprint);
	-- guard: once
	IF FOUND THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = p_time_zone) THEN
		RETURN QUERY SELECT 'validation_failed', json_build_object('field', 'time_zone', 'message', 'is no IANA time zone');
		RETURN;
	END IF;
	INSERT INTO directory.venues (name, region, address, time_zone)
	VALUES (p_name, p_region, p_address, p_time_zone) RETURNING * INTO v;
	PERFORM log.audit_write(p_actor, 'venue.create', 'venue ' || v.venue_id, NULL, p_trace);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('directory', 'venue:' || v.venue_id, 'venue.created', json_build_object('id', v.venue_id), p_trace);
	RETURN QUERY SELECT 'created', directory.request_keep(p_request_id, p_fingerprint, json_build_object('id', v.venue_id,
		'name', v.name, 'region', v.region, 'address', v.address, 'time_zone', v.time_zone));
END $$;
COMMENT ON FUNCTION directory.venue_create IS 'Enters a venue.';

CREATE OR REPLACE FUNCTION directory.hall_create(p_actor uuid, p_venue_id int, p_name text, p_trace text DEFAULT NULL, p_request_id uuid DEFAULT NULL, p_fingerprint bytea DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	RETURN QUERY SELECT * FROM directory.request_seen(p_request_id, p_fingerprint);
	-- guard: once
	IF FOUND THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM directory.venues WHERE venue_id = p_venue_id) THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	INSERT INTO directory.halls (venue_id, name) VALUES (p_venue_id, p_name) RETURNING hall_id INTO v_id;
	PERFORM log.audit_write(p_actor, 'hall.create', 'hall ' || v_id, NULL, p_trace);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('directory', 'hall:' || v_id, 'hall.created', json_build_object('id', v_id), p_trace);
	RETURN QUERY SELECT 'created', directory.request_keep(p_request_id, p_fingerprint, json_build_object('id', v_id,
		'venue_id', p_venue_id, 'name', p_name));
END $$;
COMMENT ON FUNCTION directory.hall_create IS 'Enters a hall of a venue.';

CREATE OR REPLACE FUNCTION directory.layout_create(p_actor uuid, p_hall_id int, p_sections text, p_labels text[], p_grades text[], p_trace text DEFAULT NULL, p_request_id uuid DEFAULT NULL, p_fingerprint bytea DEFAULT NULL, p_plan bytea DEFAULT NULL, p_section_names text[] DEFAULT NULL, p_row_names text[] DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	RETURN QUERY SELECT * FROM directory.request_seen(p_request_id, p_fingerprint);
	-- guard: once
	IF FOUND THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM directory.halls WHERE hall_id = p_hall_id) THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	INSERT INTO directory.layouts (hall_id, capacity, sections, labels, grades)
	VALUES (p_hall_id, cardinality(p_labels), p_sections::json, p_labels, p_grades)
	RETURNING layout_id INTO v_id;
	IF p_plan IS NOT NULL THEN
		INSERT INTO directory.plans (layout_id, plan) VALUES (v_id, p_plan);
	END IF;
	IF p_section_names IS NULL THEN
		INSERT INTO directory.layout_chunks SELECT v_id, c.* FROM util.layout_chunks(p_sections::json) AS c;
	ELSE
		-- Slices: to read 100,000 seats from the document takes seconds.
		INSERT INTO directory.layout_chunks
		SELECT v_id, n, p_labels[n + 1 : n + 5000], p_section_names[n + 1 : n + 5000], p_row_names[n + 1 : n + 5000], p_grades[n + 1 : n + 5000]
		FROM generate_series(0, cardinality(p_labels) - 1, 5000) AS n;
	END IF;
	PERFORM log.audit_write(p_actor, 'layout.create', 'layout ' || v_id, NULL, p_trace);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('directory', 'layout:' || v_id, 'layout.created', json_build_object('id', v_id, 'hall_id', p_hall_id), p_trace);
	RETURN QUERY SELECT 'created', directory.request_keep(p_request_id, p_fingerprint, json_build_object('id', v_id,
		'hall_id', p_hall_id, 'capacity', cardinality(p_labels)));
END $$;
COMMENT ON FUNCTION directory.layout_create IS 'Enters a new revision of a hall''s seats. It becomes the current layout of the hall.';

CREATE OR REPLACE FUNCTION directory.plan_add(p_layout_id int, p_plan bytea)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO directory.plans (layout_id, plan) VALUES (p_layout_id, p_plan) ON CONFLICT DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION directory.plan_add IS 'Adds the plan of a layout that is older than the plans. May be repeated.';

CREATE OR REPLACE FUNCTION directory.event_create(p_actor uuid, p_title text, p_kind text, p_rating text, p_running_minutes int, p_description text, p_trace text DEFAULT NULL, p_request_id uuid DEFAULT NULL, p_fingerprint bytea DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	RETURN QUERY SELECT * FROM directory.request_seen(p_request_id, p_fingerprint);
	-- guard: once
	IF FOUND THEN
		RETURN;
	END IF;
	INSERT INTO directory.events (title, kind, rating, running_minutes, description)
	VALUES (p_title, p_kind, p_rating, p_running_minutes, p_description) RETURNING event_id INTO v_id;
	PERFORM log.audit_write(p_actor, 'event.create', 'event ' || v_id, NULL, p_trace);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('directory', 'event:' || v_id, 'event.created', json_build_object('id', v_id), p_trace);
	RETURN QUERY SELECT 'created', directory.request_keep(p_request_id, p_fingerprint, json_build_object('id', v_id));
END $$;
COMMENT ON FUNCTION directory.event_create IS 'Enters an event. It is listed once it has a coming show.';

CREATE OR REPLACE FUNCTION directory.show_request(p_request_id uuid, p_fingerprint bytea, p_age_s int, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_seen directory.requests;
BEGIN
	INSERT INTO directory.requests (request_id, fingerprint, trace, show_id)
	VALUES (p_request_id, p_fingerprint, p_trace, nextval('directory.show_ids'))
	ON CONFLICT (request_id) DO NOTHING;
	-- Of two equal requests the second waits above and finds the row of the first.
	SELECT * INTO v_seen FROM directory.requests WHERE request_id = p_request_id FOR UPDATE;
	IF /* guard: fingerprint */ v_seen.fingerprint <> p_fingerprint THEN
		outcome := 'idempotency_mismatch';
	ELSIF v_seen.result IS NOT NULL THEN
		outcome := 'replay';
	-- The program asks again, because the first answer was lost.
	ELSIF /* guard: own request */ v_seen.trace = p_trace THEN
		outcome := 'created';
	ELSIF /* guard: running */ v_seen.created_at > clock_timestamp() - make_interval(secs => p_age_s) THEN
		outcome := 'idempotency_in_flight';
	ELSE
		-- The request has died. Its show will be published if it has the hall. Otherwise its draft will be deleted.
		UPDATE directory.requests AS r SET trace = p_trace, created_at = clock_timestamp(),
			show_id = CASE /* guard: has the hall */ WHEN EXISTS (SELECT FROM directory.show_slots AS s WHERE s.show_id = v_seen.show_id) THEN r.show_id
				ELSE nextval('directory.show_ids') END
		WHERE request_id = p_request_id RETURNING * INTO v_seen;
		outcome := 'created';
	END IF;
	result := json_build_object('id', v_seen.show_id);
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION directory.show_request IS 'Draws the number of a show that a request enters, once for each request. A request that has run for longer than p_age_s is dead, and this one takes its place.';

CREATE OR REPLACE FUNCTION directory.show_request_end(p_request_id uuid, p_is_entered bool)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF p_is_entered THEN
		UPDATE directory.requests AS r SET result = json_build_object('id', show_id) WHERE request_id = p_request_id AND r.result IS NULL;
	ELSE
		DELETE FROM directory.requests AS r WHERE request_id = p_request_id AND /* guard: entered */ r.result IS NULL;
	END IF;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION directory.show_request_end IS 'Ends the request of a show: it is entered, or it was refused and its key is free.';

CREATE OR REPLACE FUNCTION directory.event_update(p_event_id int, p_actor uuid, p_change jsonb, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_old directory.events;
	v_new directory.events;
BEGIN
	SELECT * INTO v_old FROM directory.events WHERE event_id = p_event_id FOR UPDATE;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	-- The program asks again, because the first answer was lost. Meanwhile somebody else may have changed the event.
	-- guard: repetition
	IF log.audit_find('event.update', 'event ' || p_event_id, p_trace) IS NOT NULL THEN
		RETURN QUERY SELECT 'ok', NULL::json;
		RETURN;
	END IF;
	v_new := jsonb_populate_record(v_old, p_change);
	UPDATE directory.events SET title = v_new.title, kind = v_new.kind, rating = v_new.rating,
		running_minutes = v_new.running_minutes, description = v_new.description
	WHERE event_id = p_event_id;
	IF v_new IS DISTINCT FROM v_old THEN
		INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
		VALUES ('directory', 'event:' || p_event_id, 'event.updated', p_change || jsonb_build_object('id', p_event_id), p_trace);
	END IF;
	PERFORM log.audit_write(p_actor, 'event.update', 'event ' || p_event_id, p_change, p_trace);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION directory.event_update IS 'Changes the given members of an event. Existing shows keep their ends.';

CREATE OR REPLACE FUNCTION directory.slot_take(p_hall_id int, p_show_id int, p_starts_at timestamptz, p_ends_at timestamptz)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- The first slot of a show has a number that follows from the show: asked again, also while the first call is still
	-- running, this finds it.
	INSERT INTO directory.show_slots (show_id, slot_id, hall_id, during)
	SELECT p_show_id, md5(p_show_id::text)::uuid, p_hall_id, tstzrange(p_starts_at, p_ends_at)
	WHERE NOT EXISTS (SELECT FROM directory.show_slots WHERE show_id = p_show_id)
	-- guard: once
	ON CONFLICT (show_id, slot_id) DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
EXCEPTION WHEN exclusion_violation THEN
	RETURN QUERY SELECT 'hall_busy', NULL::json;
END $$;
COMMENT ON FUNCTION directory.slot_take IS 'Takes a hall for a show, or refuses. This step decides whether the show is created.';

CREATE OR REPLACE FUNCTION directory.slot_add(p_show_id int, p_slot_id uuid, p_hall_id int, p_starts_at timestamptz, p_ends_at timestamptz)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_others uuid[] := ARRAY(SELECT slot_id FROM directory.show_slots WHERE show_id = p_show_id AND slot_id <> p_slot_id);
BEGIN
	INSERT INTO directory.show_slots (show_id, slot_id, hall_id, during)
	VALUES (p_show_id, p_slot_id, p_hall_id, tstzrange(p_starts_at, p_ends_at))
	ON CONFLICT (show_id, slot_id) DO NOTHING;
	RETURN QUERY SELECT 'ok', json_build_object('others', v_others);
EXCEPTION WHEN exclusion_violation THEN
	RETURN QUERY SELECT 'hall_busy', NULL::json;
END $$;
COMMENT ON FUNCTION directory.slot_add IS 'Takes the hall for the new time of a show that moves, in addition to its present slots, or refuses. Returns the other slots, to be given back once the show has moved.';

CREATE OR REPLACE FUNCTION directory.slots_drop(p_show_id int, p_slot_ids uuid[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM directory.show_slots WHERE show_id = p_show_id AND slot_id = ANY (p_slot_ids);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION directory.slots_drop IS 'Gives back slots of a show for times at which it does not take place.';

CREATE OR REPLACE FUNCTION directory.slots_keep(p_show_id int, p_starts_at timestamptz, p_ends_at timestamptz, p_age_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	-- Younger slots may belong to a request that is still running. No slot is given back unless the show has a slot at
	-- its own time.
	DELETE FROM directory.show_slots
	WHERE show_id = p_show_id AND /* guard: age */ taken_at <= clock_timestamp() - make_interval(secs => p_age_s)
		AND /* guard: last one */ slot_id <> (SELECT slot_id FROM directory.show_slots
			WHERE show_id = p_show_id AND during = tstzrange(p_starts_at, p_ends_at) ORDER BY taken_at DESC LIMIT 1);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION directory.slots_keep IS 'Gives back the slots that a dead request left: slots of a show older than p_age_s, except the one for its present time.';

CREATE OR REPLACE FUNCTION directory.slot_free(p_show_id int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM directory.show_slots WHERE /* guard: show */ show_id = p_show_id;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION directory.slot_free IS 'Gives the hall back.';

CREATE OR REPLACE FUNCTION directory.email_claim(p_email text, p_user_id uuid)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO directory.email_claims (email, user_id) VALUES (/* guard: letters in the row */ util.email_key(p_email), p_user_id)
	ON CONFLICT (email) DO NOTHING;
	IF EXISTS (SELECT FROM directory.email_claims WHERE email = /* guard: letters in the search */ util.email_key(p_email) AND /* guard: owner */ user_id = p_user_id) THEN
		RETURN QUERY SELECT 'ok', NULL::json;
	ELSE
		RETURN QUERY SELECT 'email_taken', NULL::json;
	END IF;
END $$;
COMMENT ON FUNCTION directory.email_claim IS 'Claims an address for an account, or refuses. This step decides about the sign-up.';

CREATE OR REPLACE FUNCTION directory.login_failed(p_email text, p_window_s int, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_failures int;
BEGIN
	-- A request that asks again, because the first answer was lost, has failed once.
	INSERT INTO directory.login_failures AS f (email_hash, window_from, failures, request)
	VALUES (sha256(convert_to(util.email_key(p_email), 'UTF8')), v_now, 1, p_trace)
	ON CONFLICT (email_hash) DO UPDATE SET request = p_trace,
		failures = CASE /* guard: once */ WHEN f.request = p_trace THEN f.failures WHEN f.window_from <= v_now - make_interval(secs => p_window_s) THEN 1 ELSE f.failures + 1 END,
		window_from = CASE WHEN f.window_from <= v_now - make_interval(secs => p_window_s) THEN v_now ELSE f.window_from END
	RETURNING failures INTO v_failures;
	RETURN QUERY SELECT 'ok', json_build_object('failures', v_failures);
END $$;
COMMENT ON FUNCTION directory.login_failed IS 'Counts a failed log-in of an address, whether it has an account or not.';

CREATE OR REPLACE FUNCTION directory.requests_prune(p_age_s int, p_limit int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	DELETE FROM directory.requests WHERE request_id = ANY (ARRAY(
		SELECT request_id FROM directory.requests
		WHERE /* guard: age */ created_at <= statement_timestamp() - make_interval(secs => p_age_s)
		ORDER BY created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION directory.requests_prune IS 'Deletes answers that have been kept long enough, at most p_limit at a time. Their keys are free again.';

CREATE OR REPLACE FUNCTION directory.login_failures_prune(p_window_s int, p_limit int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	DELETE FROM directory.login_failures WHERE email_hash = ANY (ARRAY(
		SELECT email_hash FROM directory.login_failures
		WHERE window_from <= statement_timestamp() - make_interval(secs => p_window_s)
		ORDER BY window_from LIMIT p_limit FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION directory.login_failures_prune IS 'Deletes failed log-ins whose window is over, at most p_limit at a time.';
