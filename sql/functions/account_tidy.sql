-- Account: what the batches tidy.

CREATE OR REPLACE FUNCTION account.idempotency_prune(p_user_ids uuid[], p_age_s int, p_limit int)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	WITH old AS (
		SELECT user_id, path, key FROM account.idempotency
		WHERE user_id = ANY (p_user_ids) AND created_at <= clock_timestamp() - make_interval(secs => p_age_s)
		ORDER BY created_at LIMIT p_limit)
	DELETE FROM account.idempotency AS i USING old
	WHERE i.user_id = old.user_id AND i.path = old.path AND i.key = old.key;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', jsonb_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION account.idempotency_prune IS 'forgets answers of these users that were kept long enough; their keys are free again';

GRANT EXECUTE ON FUNCTION account.idempotency_prune(uuid[], int, int) TO boxoffice_batch;
