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

CREATE OR REPLACE FUNCTION log.cursor_advance(p_consumer text, p_id bigint, p_is_done boolean)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_xmin xid8 := pg_snapshot_xmin(pg_current_snapshot());
BEGIN
	INSERT INTO log.cursors AS c (consumer, from_xmin, to_xmin) VALUES (p_consumer, v_xmin, v_xmin)
	ON CONFLICT (consumer) DO UPDATE SET
		id = CASE WHEN p_is_done THEN 0 ELSE greatest(c.id, p_id) END,
		from_xmin = CASE WHEN p_is_done THEN c.to_xmin ELSE c.from_xmin END,
		to_xmin = CASE WHEN p_is_done THEN greatest(c.to_xmin, v_xmin) ELSE c.to_xmin END,
		updated_at = clock_timestamp();
	RETURN QUERY SELECT 'ok', jsonb_build_object('is_quiet', c.from_xmin = c.to_xmin)
		FROM log.cursors AS c WHERE c.consumer = p_consumer;
END $$;
COMMENT ON FUNCTION log.cursor_advance IS 'moves a consumer past the event it handled; when its window is done, to the next window [to_xmin, xmin)';

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
