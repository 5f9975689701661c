-- Log: partitions, readers' cursors, audit trail.

CREATE OR REPLACE FUNCTION log.partitions_make(p_days int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
	v_day date;
	v_name text;
	v_made int := 0;
BEGIN
	-- Days are in UTC, so that the name of a partition means the same everywhere.
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
	RETURN QUERY SELECT 'ok', json_build_object('made', v_made);
END $$;
COMMENT ON FUNCTION log.partitions_make IS 'Makes the partitions of the event log up to p_days days ahead.';

CREATE OR REPLACE FUNCTION log.partition_drop(p_days int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
	v_name text;
	v_slowest xid8;
	v_newest xid8;
BEGIN
	SELECT min(c.relname) INTO v_name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
	WHERE i.inhparent = 'log.event_log'::regclass
		-- guard: old days
		AND c.relname < 'event_log_' || to_char((now() AT TIME ZONE 'UTC')::date - greatest(p_days, /* guard: a day */ 1), 'YYYYMMDD');
	-- Without a reader nobody has read the day. A reader ahead of the database has read another database, before a
	-- restore. Deliveries that wait for a retry are copies and need no day of the log.
	SELECT min(from_xmin::text::numeric)::text::xid8 INTO v_slowest FROM log.cursors
	-- guard: ahead of the database
	HAVING bool_and(to_xmin <= pg_snapshot_xmax(pg_current_snapshot()));
	IF v_name IS NOT NULL AND v_slowest IS NOT NULL AND pg_try_advisory_xact_lock(hashtextextended('log.partitions_make', 0)) THEN
		-- Writers first: rows that a transaction is still writing have no reader yet and are not visible here.
		-- guard: writers first
		EXECUTE format('LOCK TABLE log.%I IN SHARE MODE', v_name);
		EXECUTE format('SELECT tx FROM log.%I ORDER BY tx DESC LIMIT 1', v_name) INTO v_newest;
		-- guard: read by all
		IF v_newest IS NULL OR v_newest < v_slowest THEN
			-- While this waits for its lock, every writer of the log waits too, but not for long.
			EXECUTE format('DROP TABLE log.%I', v_name);
			RETURN QUERY SELECT 'ok', json_build_object('pruned', 1, 'name', v_name);
			RETURN;
		END IF;
	END IF;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', 0);
EXCEPTION WHEN lock_not_available OR undefined_table THEN
	-- The partition is busy, or somebody else has just dropped it: the next run will see.
	RETURN QUERY SELECT 'ok', json_build_object('pruned', 0);
END $$;
COMMENT ON FUNCTION log.partition_drop IS 'Drops the oldest day of the event log if it is older than p_days days, at least one, and every consumer has read it.';

CREATE OR REPLACE FUNCTION log.cursor_set(p_consumer text, p_from xid8, p_to xid8, p_id bigint)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- The caller states its own position, so a call repeated after a lost answer changes nothing. Of two callers, one
	-- may have lost its lock without knowing it. If it is behind, its statement is true but old, and it changes
	-- nothing. A caller ahead of the database has read another database, before a restore.
	INSERT INTO log.cursors AS c (consumer, from_xmin, to_xmin, id)
	SELECT p_consumer, p_from, p_to, p_id WHERE /* guard: ahead of the database */ p_to <= pg_snapshot_xmax(pg_current_snapshot())
	ON CONFLICT (consumer) DO UPDATE SET from_xmin = p_from, to_xmin = p_to, id = p_id, updated_at = clock_timestamp()
	WHERE /* guard: never back */ (p_from > c.from_xmin OR (p_from = c.from_xmin AND p_id > c.id));
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.cursor_set IS 'Records that a consumer has handled all transactions below p_from, and the events up to p_id of those below p_to.';

CREATE OR REPLACE FUNCTION log.audit_add(p_actor text, p_action text, p_object text, p_detail jsonb, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	-- When the program asks again after a lost answer, the row exists already, or is just being written, and this
	-- waits for it.
	INSERT INTO log.audit_trail (actor, action, object, detail, trace_id, span_id)
	VALUES (p_actor, p_action, p_object, coalesce(p_detail, '{}'),
		nullif(split_part(p_trace, '-', 2), ''), /* guard: span */ nullif(split_part(p_trace, '-', 3), ''))
	-- guard: once
	ON CONFLICT (trace_id, span_id, action, object) WHERE trace_id IS NOT NULL DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.audit_add IS 'Writes a row of the audit trail: one for each request, or for each call of a command.';

CREATE OR REPLACE FUNCTION log.audit_refused(p_actor uuid, p_object text, p_role text, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO log.audit_trail (actor, action, object, detail, trace_id, span_id)
	VALUES (p_actor::text, 'access.refuse', p_object, jsonb_build_object('role', p_role),
		nullif(split_part(p_trace, '-', 2), ''), nullif(split_part(p_trace, '-', 3), ''))
	-- guard: once a day
	ON CONFLICT DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.audit_refused IS 'Records that a user was refused something of staff, once a day for each thing.';

CREATE OR REPLACE FUNCTION log.audit_find(p_action text, p_object text, p_trace text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT detail FROM log.audit_trail
	WHERE trace_id = nullif(split_part(p_trace, '-', 2), '') AND span_id = nullif(split_part(p_trace, '-', 3), '')
		AND action = p_action AND object = p_object
$$;
COMMENT ON FUNCTION log.audit_find IS 'The detail of the row that this request has left already: the program asks again, because the first answer was lost. Null: it has left none. A change asks this under the lock of its entity.';

CREATE OR REPLACE FUNCTION log.audit_write(p_actor uuid, p_action text, p_object text, p_detail jsonb, p_trace text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	-- A request that changed nothing is recorded as well.
	PERFORM log.audit_add(p_actor::text, p_action, p_object, p_detail, p_trace);
END $$;
COMMENT ON FUNCTION log.audit_write IS 'Writes the row that a request of staff leaves in the audit trail, in the transaction of its change.';
