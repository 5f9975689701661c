-- Log: partitions, readers' cursors, audit trail.

CREATE OR REPLACE FUNCTION log.partitions_make(p_days int)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
	v_day date;
	v_name text;
	v_made int := 0;
BEGIN
	-- Days are counted in UTC, so that a partition's name says the same everywhere.
	FOR v_day IN SELECT d::date FROM generate_series((now() AT TIME ZONE 'UTC')::date - 1,
			(now() AT TIME ZONE 'UTC')::date + p_days, interval '1 day') AS d LOOP
		v_name := 'event_log_' || to_char(v_day, 'YYYYMMDD');
		CONTINUE WHEN to_regclass('log.' || v_name) IS NOT NULL;
		PERFORM pg_advisory_xact_lock(hashtextextended('log.partitions_make', 0));
		CONTINUE WHEN to_regclass('log.' || v_name) IS NOT NULL;
		EXECUTE format('CREATE TABLE log.%I PARTITION OF log.event_log FOR VALUES FROM (%L) TO (%L)', v_name,
			v_day::timestamp AT TIME ZONE 'UTC', (v_day + 1)::timestamp AT TIME ZONE 'UTC');
		EXECUTE format('COMMENT ON TABLE log.%I IS %L', v_name, 'events of one day, UTC');
		v_made := v_made + 1;
	END LOOP;
	RETURN QUERY SELECT 'ok', jsonb_build_object('made', v_made);
END $$;
COMMENT ON FUNCTION log.partitions_make IS 'makes the event log''s partitions up to so many days ahead';

CREATE OR REPLACE FUNCTION log.cursor_set(p_consumer text, p_from xid8, p_to xid8, p_id bigint)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- The position is the caller's own, so that a call repeated after a lost answer changes nothing, and of two callers
	-- (one has lost its lock and does not know yet) the one who is behind changes nothing: what he says is true, but old.
	INSERT INTO log.cursors AS c (consumer, from_xmin, to_xmin, id) VALUES (p_consumer, p_from, p_to, p_id)
	ON CONFLICT (consumer) DO UPDATE SET from_xmin = p_from, to_xmin = p_to, id = p_id, updated_at = clock_timestamp()
	WHERE p_from > c.from_xmin OR (p_from = c.from_xmin AND p_id > c.id);
	RETURN QUERY SELECT 'ok', NULL::jsonb;
END $$;
COMMENT ON FUNCTION log.cursor_set IS 'a consumer has handled all transactions below p_from, and of those below p_to the events up to p_id';

CREATE OR REPLACE FUNCTION log.audit_add(p_actor text, p_action text, p_object text, p_detail jsonb)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO log.audit_trail (actor, action, object, detail) VALUES (p_actor, p_action, p_object, coalesce(p_detail, '{}'));
	RETURN QUERY SELECT 'ok', NULL::jsonb;
END $$;
COMMENT ON FUNCTION log.audit_add IS 'writes a row of the audit trail';

REVOKE EXECUTE ON FUNCTION log.partitions_make(int) FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA log TO boxoffice_app, boxoffice_batch;
REVOKE EXECUTE ON FUNCTION log.partitions_make(int) FROM boxoffice_app;
