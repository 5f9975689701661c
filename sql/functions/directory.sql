-- Directory: creation of venues, halls, layouts and events; slots; e-mail claims; failed log-ins.

CREATE OR REPLACE FUNCTION directory.venue_create(p_actor uuid, p_name text, p_region text, p_address text, p_time_zone text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v directory.venues;
BEGIN
	IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = p_time_zone) THEN
		RETURN QUERY SELECT 'validation_failed', jsonb_build_object('field', 'time_zone', 'message', 'is no IANA time zone');
		RETURN;
	END IF;
	INSERT INTO directory.venues (name, region, address, time_zone)
	VALUES (p_name, p_region, p_address, p_time_zone) RETURNING * INTO v;
	INSERT INTO log.audit_trail (actor, action, object) VALUES (p_actor, 'venue.create', 'venue ' || v.venue_id);
	INSERT INTO log.event_log (home, entity, kind, payload)
	VALUES ('directory', 'venue:' || v.venue_id, 'venue.created', jsonb_build_object('id', v.venue_id));
	RETURN QUERY SELECT 'created', jsonb_build_object('id', v.venue_id, 'name', v.name, 'region', v.region,
		'address', v.address, 'time_zone', v.time_zone);
END $$;
COMMENT ON FUNCTION directory.venue_create IS 'enters a venue';

CREATE OR REPLACE FUNCTION directory.hall_create(p_actor uuid, p_venue_id int, p_name text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	IF NOT EXISTS (SELECT FROM directory.venues WHERE venue_id = p_venue_id) THEN
		RETURN QUERY SELECT 'not_found', NULL::jsonb;
		RETURN;
	END IF;
	INSERT INTO directory.halls (venue_id, name) VALUES (p_venue_id, p_name) RETURNING hall_id INTO v_id;
	INSERT INTO log.audit_trail (actor, action, object) VALUES (p_actor, 'hall.create', 'hall ' || v_id);
	INSERT INTO log.event_log (home, entity, kind, payload)
	VALUES ('directory', 'hall:' || v_id, 'hall.created', jsonb_build_object('id', v_id));
	RETURN QUERY SELECT 'created', jsonb_build_object('id', v_id, 'venue_id', p_venue_id, 'name', p_name);
END $$;
COMMENT ON FUNCTION directory.hall_create IS 'enters a hall of a venue';

CREATE OR REPLACE FUNCTION directory.layout_create(p_actor uuid, p_hall_id int, p_sections text, p_labels text[], p_grades text[])
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	IF NOT EXISTS (SELECT FROM directory.halls WHERE hall_id = p_hall_id) THEN
		RETURN QUERY SELECT 'not_found', NULL::jsonb;
		RETURN;
	END IF;
	INSERT INTO directory.layouts (hall_id, capacity, sections, labels, grades)
	VALUES (p_hall_id, cardinality(p_labels), p_sections::json, p_labels, p_grades)
	RETURNING layout_id INTO v_id;
	INSERT INTO log.audit_trail (actor, action, object) VALUES (p_actor, 'layout.create', 'layout ' || v_id);
	INSERT INTO log.event_log (home, entity, kind, payload)
	VALUES ('directory', 'layout:' || v_id, 'layout.created', jsonb_build_object('id', v_id, 'hall_id', p_hall_id));
	RETURN QUERY SELECT 'created', jsonb_build_object('id', v_id, 'hall_id', p_hall_id, 'capacity', cardinality(p_labels));
END $$;
COMMENT ON FUNCTION directory.layout_create IS 'enters a revision of a hall''s seats; it becomes the hall''s current one';

CREATE OR REPLACE FUNCTION directory.event_create(p_actor uuid, p_title text, p_kind text, p_rating text, p_running_minutes int, p_description text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_id int;
BEGIN
	INSERT INTO directory.events (title, kind, rating, running_minutes, description)
	VALUES (p_title, p_kind, p_rating, p_running_minutes, p_description) RETURNING event_id INTO v_id;
	INSERT INTO log.audit_trail (actor, action, object) VALUES (p_actor, 'event.create', 'event ' || v_id);
	INSERT INTO log.event_log (home, entity, kind, payload)
	VALUES ('directory', 'event:' || v_id, 'event.created', jsonb_build_object('id', v_id));
	RETURN QUERY SELECT 'created', jsonb_build_object('id', v_id);
END $$;
COMMENT ON FUNCTION directory.event_create IS 'enters an event; it is listed once it has a coming show';

CREATE OR REPLACE FUNCTION directory.slot_take(p_hall_id int, p_show_id int, p_starts_at timestamptz, p_ends_at timestamptz)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO directory.show_slots (show_id, hall_id, during)
	VALUES (p_show_id, p_hall_id, tstzrange(p_starts_at, p_ends_at))
	ON CONFLICT (show_id) DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::jsonb;
EXCEPTION WHEN exclusion_violation THEN
	RETURN QUERY SELECT 'hall_busy', NULL::jsonb;
END $$;
COMMENT ON FUNCTION directory.slot_take IS 'takes a hall for a show, or refuses: the deciding step of creating a show';

CREATE OR REPLACE FUNCTION directory.slot_free(p_show_id int)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM directory.show_slots WHERE show_id = p_show_id;
	RETURN QUERY SELECT 'ok', NULL::jsonb;
END $$;
COMMENT ON FUNCTION directory.slot_free IS 'gives the hall back';

CREATE OR REPLACE FUNCTION directory.email_claim(p_email text, p_user_id uuid)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO directory.email_claims (email, user_id) VALUES (lower(p_email), p_user_id)
	ON CONFLICT (email) DO NOTHING;
	IF EXISTS (SELECT FROM directory.email_claims WHERE email = lower(p_email) AND user_id = p_user_id) THEN
		RETURN QUERY SELECT 'ok', NULL::jsonb;
	ELSE
		RETURN QUERY SELECT 'email_taken', NULL::jsonb;
	END IF;
END $$;
COMMENT ON FUNCTION directory.email_claim IS 'claims an address for an account, or refuses: the deciding step of signing up';

CREATE OR REPLACE FUNCTION directory.login_failed(p_email text, p_window_s int)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_failures int;
BEGIN
	INSERT INTO directory.login_failures AS f (email_hash, window_from, failures)
	VALUES (sha256(convert_to(lower(p_email), 'UTF8')), v_now, 1)
	ON CONFLICT (email_hash) DO UPDATE SET
		failures = CASE WHEN f.window_from <= v_now - make_interval(secs => p_window_s) THEN 1 ELSE f.failures + 1 END,
		window_from = CASE WHEN f.window_from <= v_now - make_interval(secs => p_window_s) THEN v_now ELSE f.window_from END
	RETURNING failures INTO v_failures;
	RETURN QUERY SELECT 'ok', jsonb_build_object('failures', v_failures);
END $$;
COMMENT ON FUNCTION directory.login_failed IS 'counts a failed log-in of an address, with or without an account';

CREATE OR REPLACE FUNCTION directory.login_failures_prune(p_window_s int, p_limit int)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	DELETE FROM directory.login_failures WHERE email_hash = ANY (ARRAY(
		SELECT email_hash FROM directory.login_failures
		WHERE window_from <= statement_timestamp() - make_interval(secs => p_window_s)
		ORDER BY window_from LIMIT p_limit FOR UPDATE SKIP LOCKED));
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', jsonb_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION directory.login_failures_prune IS 'forgets failed log-ins whose window is over, some at a time';

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA directory TO boxoffice_app, boxoffice_batch;
