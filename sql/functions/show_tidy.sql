-- Show: tidying by the jobs.

CREATE OR REPLACE FUNCTION show.idempotency_prune(p_show_ids int[], p_age_s int, p_limit int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	-- A row that is still running stays, however old: only settling ends it.
	WITH old AS (
		SELECT show_id, user_id, path, key FROM show.idempotency
		WHERE show_id = ANY (p_show_ids) AND status IS NOT NULL
			AND created_at <= clock_timestamp() - make_interval(secs => p_age_s)
		ORDER BY created_at LIMIT p_limit)
	DELETE FROM show.idempotency AS i USING old
	WHERE i.show_id = old.show_id AND i.user_id = old.user_id AND i.path = old.path AND i.key = old.key;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION show.idempotency_prune IS 'Deletes answers of these shows that have been kept long enough. Their keys are free again.';

CREATE OR REPLACE FUNCTION show.holds_prune(p_show_ids int[], p_hold_ids uuid[], p_age_days int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	-- For a day, a key finds its hold, and what was kept unpaid counts.
	v_until timestamptz := clock_timestamp() - make_interval(days => greatest(p_age_days, /* guard: a day */ 1));
	v_count int;
BEGIN
	-- Only what has ended has a time of its end.
	DELETE FROM show.holds AS h USING unnest(p_show_ids, p_hold_ids) AS k (show_id, hold_id)
	WHERE h.show_id = k.show_id AND h.hold_id = k.hold_id AND h.ended_at > '-infinity' AND /* guard: age */ h.ended_at <= v_until
		AND /* guard: without an order */ NOT EXISTS (SELECT FROM show.orders AS o WHERE o.hold_id = h.hold_id);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	-- An order is read with its hold, so a hold that has one stays, and is looked at no more.
	UPDATE show.holds AS h SET ended_at = '-infinity' FROM unnest(p_show_ids, p_hold_ids) AS k (show_id, hold_id)
	WHERE h.show_id = k.show_id AND h.hold_id = k.hold_id AND h.ended_at > '-infinity' AND /* guard: age of what stays */ h.ended_at <= v_until;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION show.holds_prune IS 'Deletes those of these holds that ended p_age_days ago, at least a day, and never had an order.';
