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

CREATE OR REPLACE FUNCTION show.holds_prune(p_show_id int, p_age_days int, p_limit int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	-- An order is read with its hold, so a hold that has one stays.
	DELETE FROM show.holds AS h WHERE h.show_id = p_show_id AND h.hold_id = ANY (ARRAY(
		SELECT o.hold_id FROM show.holds AS o
		WHERE o.show_id = p_show_id AND /* guard: ended */ o.state IN ('released', 'expired')
			AND /* guard: without an order */ NOT EXISTS (SELECT FROM show.orders AS b WHERE b.show_id = o.show_id AND b.hold_id = o.hold_id)
			AND EXISTS (SELECT FROM show.shows AS s WHERE s.show_id = p_show_id
				AND /* guard: age */ s.ends_at <= clock_timestamp() - make_interval(days => p_age_days))
		LIMIT p_limit));
	GET DIAGNOSTICS v_count = ROW_COUNT;
	IF v_count < p_limit THEN
		UPDATE show.shows SET holds_left = NULL
		WHERE show_id = p_show_id AND ends_at <= clock_timestamp() - make_interval(days => p_age_days);
	END IF;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION show.holds_prune IS 'Deletes holds of a show that ended p_age_days ago which never had an order, at most p_limit.';
