-- Log: deliveries that failed, and cursors after a restore.
--
-- For each (consumer, endpoint, entity) the first row has next_at, or parked_at once it was given up. The rows after it
-- have neither and wait. Two relays may be at work for a moment. So the one that adds a row locks the first row. Otherwise
-- the first row could be removed meanwhile, and the new row would never become the first.

CREATE OR REPLACE FUNCTION log.retry_add(p_consumer text, p_endpoint text, p_entity text, p_ids bigint[], p_kinds text[], p_payloads json[], p_traces text[], p_ats timestamptz[], p_error text, p_wait_ms int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_waits boolean;
BEGIN
	PERFORM FROM log.retries WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity
		AND (next_at IS NOT NULL OR parked_at IS NOT NULL) /* guard: first row's lock */ FOR UPDATE;
	v_waits := FOUND;
	INSERT INTO log.retries (consumer, endpoint, entity, event_id, kind, payload, traceparent, at, tries, error, next_at)
	SELECT p_consumer, p_endpoint, p_entity, e.id, e.kind, e.payload, e.traceparent, e.at,
		CASE WHEN f.is_first AND p_error IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN f.is_first THEN p_error END,
		CASE WHEN f.is_first THEN clock_timestamp() + make_interval(secs => p_wait_ms / 1000.0) END
	FROM unnest(p_ids, p_kinds, p_payloads, p_traces, p_ats) WITH ORDINALITY AS e (id, kind, payload, traceparent, at, n)
	CROSS JOIN LATERAL (SELECT e.n = 1 AND NOT v_waits AS is_first) AS f
	-- guard: once
	ON CONFLICT (consumer, endpoint, entity, event_id) DO NOTHING;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.retry_add IS 'Queues events of an entity, in order, after those that wait. If none waits, the first event has failed with p_error and is tried again after p_wait_ms.';

CREATE OR REPLACE FUNCTION log.retry_next(p_consumer text, p_endpoint text, p_entity text) RETURNS void
LANGUAGE sql AS $$
	UPDATE log.retries SET next_at = clock_timestamp()
	WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity
		AND event_id = (SELECT min(event_id) FROM log.retries
			WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity)
		-- guard: no first
		AND NOT EXISTS (SELECT FROM log.retries WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity
			AND (next_at IS NOT NULL OR parked_at IS NOT NULL))
$$;
COMMENT ON FUNCTION log.retry_next IS 'Makes the next event of an entity the first, when there is no first.';

CREATE OR REPLACE FUNCTION log.retry_done(p_consumer text, p_endpoint text, p_entity text, p_ids bigint[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM log.retries
	WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity AND event_id = ANY (p_ids);
	-- guard: next one
	PERFORM log.retry_next(p_consumer, p_endpoint, p_entity);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.retry_done IS 'Removes events that were delivered. The next event of the entity may be tried at once.';

CREATE OR REPLACE FUNCTION log.retry_failed(p_consumer text, p_endpoint text, p_entity text, p_id bigint, p_tries int, p_tries_most int, p_error text, p_wait_ms int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_parked boolean;
BEGIN
	-- The caller does the counting, so a call repeated after a lost answer counts once.
	UPDATE log.retries SET tries = /* guard: counts once */ p_tries + 1, error = p_error,
		next_at = CASE WHEN p_tries + 1 < p_tries_most THEN clock_timestamp() + make_interval(secs => p_wait_ms / 1000.0) END,
		parked_at = CASE WHEN p_tries + 1 >= p_tries_most THEN clock_timestamp() END
	WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity AND event_id = p_id
		AND /* guard: first only */ next_at IS NOT NULL RETURNING parked_at IS NOT NULL INTO v_parked;
	-- A call repeated after a lost answer finds no first event.
	IF NOT FOUND THEN
		SELECT parked_at IS NOT NULL INTO v_parked FROM log.retries
		WHERE consumer = p_consumer AND endpoint = p_endpoint AND entity = p_entity AND event_id = p_id;
	END IF;
	RETURN QUERY SELECT 'ok', json_build_object('is_parked', coalesce(v_parked, false));
END $$;
COMMENT ON FUNCTION log.retry_failed IS 'Records that the first event of an entity failed again: it is tried after the wait, or parked after p_tries_most tries.';

CREATE OR REPLACE FUNCTION log.retry_anew(p_consumer text, p_entity text, p_actor text, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	UPDATE log.retries SET tries = 0, parked_at = NULL, next_at = clock_timestamp()
	WHERE consumer = p_consumer AND entity = p_entity AND (next_at IS NOT NULL OR parked_at IS NOT NULL);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count > 0 THEN
		PERFORM log.audit_add(p_actor, 'events.retry', p_consumer || ' ' || p_entity, jsonb_build_object('events', v_count), p_trace);
	END IF;
	RETURN QUERY SELECT CASE WHEN v_count > 0 THEN 'ok' ELSE 'not_found' END, NULL::json;
END $$;
COMMENT ON FUNCTION log.retry_anew IS 'Lets the first event of an entity be tried at once, parked or not, and as often as a new one.';

CREATE OR REPLACE FUNCTION log.retry_skip(p_consumer text, p_entity text, p_actor text, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_gone jsonb;
BEGIN
	WITH gone AS (
		DELETE FROM log.retries WHERE consumer = p_consumer AND entity = p_entity AND parked_at IS NOT NULL
		RETURNING endpoint, event_id, kind, error)
	SELECT jsonb_agg(to_jsonb(gone)) INTO v_gone FROM gone;
	IF v_gone IS NULL THEN
		-- When the program asks again after a lost answer, nothing is parked any more.
		RETURN QUERY SELECT CASE /* guard: repetition */ WHEN log.audit_find('events.skip', p_consumer || ' ' || p_entity, p_trace) IS NULL
			THEN 'not_found' ELSE 'ok' END, NULL::json;
		RETURN;
	END IF;
	PERFORM log.audit_add(p_actor, 'events.skip', p_consumer || ' ' || p_entity, jsonb_build_object('events', v_gone), p_trace);
	PERFORM log.retry_next(p_consumer, e.endpoint, p_entity)
	FROM (SELECT DISTINCT e ->> 'endpoint' AS endpoint FROM jsonb_array_elements(v_gone) AS e) AS e;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION log.retry_skip IS 'Gives up the parked events of an entity for ever, so that the later ones are delivered.';

-- A database restored from a dump counts transactions from a lower number than its rows contain. A row that came with the
-- dump is recognised by its tx, which is not the transaction that wrote it here. Events that every consumer has handled go
-- below all cursors. The others go into this transaction and are read once more, in their order. Nothing is lost; some
-- events may be delivered twice.
CREATE OR REPLACE FUNCTION log.cursors_rebase(p_actor text, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_now xid8 := pg_current_xact_id();
	v_from xid8;
	v_consumers text[];
	v_events bigint;
	v_done jsonb;
BEGIN
	LOCK TABLE log.cursors IN SHARE ROW EXCLUSIVE MODE;
	v_done := log.audit_find('events.rebase', 'event log', p_trace);
	-- guard: repetition
	IF v_done IS NOT NULL THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT 'ok', json_build_object('consumers', jsonb_array_length(v_done -> 'consumers'), 'events', v_done -> 'events');
		RETURN;
	END IF;
	SELECT array_agg(consumer ORDER BY consumer) INTO v_consumers FROM log.cursors
	WHERE to_xmin > pg_snapshot_xmax(pg_current_snapshot());
	IF v_consumers IS NULL THEN
		RETURN QUERY SELECT 'ok', '{"consumers": 0, "events": 0}'::json;
		RETURN;
	END IF;
	SELECT least(pg_snapshot_xmin(pg_current_snapshot()), min(tx)) INTO v_from FROM log.event_log WHERE xmin = tx::xid;
	UPDATE log.event_log AS e SET written_xmin = NULL, tx = CASE WHEN EXISTS (SELECT FROM log.cursors AS c
			WHERE e.tx >= c.from_xmin AND NOT (e.tx < c.to_xmin AND e.id <= c.id)) THEN v_now ELSE '1' END
	WHERE e.xmin <> e.tx::xid AND e.tx <> '1';
	SELECT count(*) INTO v_events FROM log.event_log WHERE tx = v_now;
	UPDATE log.cursors SET from_xmin = v_from, to_xmin = v_from, id = 0, updated_at = clock_timestamp()
	WHERE consumer = ANY (v_consumers);
	PERFORM log.audit_add(p_actor, 'events.rebase', 'event log', jsonb_build_object('consumers', v_consumers, 'events', v_events), p_trace);
	RETURN QUERY SELECT 'ok', json_build_object('consumers', cardinality(v_consumers), 'events', v_events);
END $$;
COMMENT ON FUNCTION log.cursors_rebase IS 'After a restore: moves cursors that are ahead of the database, and the events that came with the dump, into its own count of transactions.';
