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

GRANT EXECUTE ON FUNCTION show.idempotency_prune(int[], int, int) TO boxoffice_batch;
