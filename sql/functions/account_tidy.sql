-- Account: tidying by the jobs.

CREATE OR REPLACE FUNCTION account.idempotency_prune(p_user_ids uuid[], p_age_s int, p_limit int)
RETURNS TABLE (outcome text, result json)
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
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION account.idempotency_prune IS 'Deletes answers of these users that have been kept long enough. Their keys are free again.';

CREATE OR REPLACE FUNCTION account.sessions_prune(p_user_ids uuid[], p_session_ids uuid[], p_age_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_before timestamptz := clock_timestamp() - make_interval(secs => greatest(p_age_s, /* guard: over by now */ 0));
	v_count int;
	v_pruned int;
BEGIN
	-- Nothing that is deleted here can come back: an expired token is refused like an unknown one, and a session
	-- without a usable token gets no other.
	DELETE FROM account.refresh_tokens AS t USING unnest(p_user_ids, p_session_ids) AS k (user_id, session_id)
	WHERE t.user_id = k.user_id AND t.session_id = k.session_id AND (/* guard: live token */ t.expires_at <= v_before
		OR EXISTS (SELECT FROM account.sessions AS s
			WHERE s.user_id = k.user_id AND s.session_id = k.session_id AND s.revoked_at <= v_before));
	GET DIAGNOSTICS v_pruned = ROW_COUNT;
	DELETE FROM account.sessions AS s USING unnest(p_user_ids, p_session_ids) AS k (user_id, session_id)
	WHERE s.user_id = k.user_id AND s.session_id = k.session_id AND s.created_at <= v_before
		-- guard: session with a token
		AND NOT EXISTS (SELECT FROM account.refresh_tokens AS t
			WHERE t.user_id = k.user_id AND t.session_id = k.session_id);
	GET DIAGNOSTICS v_count = ROW_COUNT;
	v_pruned := v_pruned + v_count;
	DELETE FROM account.revocations AS r USING unnest(p_user_ids, p_session_ids) AS k (user_id, session_id)
	WHERE r.user_id = k.user_id AND r.session_id = k.session_id AND /* guard: live revocation */ r.until <= clock_timestamp();
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_pruned + v_count);
END $$;
COMMENT ON FUNCTION account.sessions_prune IS 'Deletes from these sessions whatever ended p_age_s seconds ago: refresh tokens, sessions without any, and revocations that are over.';

CREATE OR REPLACE FUNCTION account.signups_end(p_user_ids uuid[], p_claimed uuid[], p_age_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_pruned int;
BEGIN
	-- An account with a session or with money must have had a claim, so it stays, whatever the caller found.
	WITH gone AS (
		DELETE FROM account.users AS u
		WHERE u.user_id = ANY (p_user_ids) AND /* guard: claim */ u.user_id <> ALL (p_claimed)
			AND /* guard: age */ u.created_at <= clock_timestamp() - make_interval(secs => p_age_s)
			AND /* guard: session */ NOT EXISTS (SELECT FROM account.sessions AS s WHERE s.user_id = u.user_id)
			AND /* guard: signed up */ EXISTS (SELECT FROM account.signups AS n WHERE n.user_id = u.user_id)
			AND /* guard: money */ NOT EXISTS (SELECT FROM account.ledger AS l WHERE l.user_id = u.user_id)
		RETURNING u.user_id),
	wallets AS (
		DELETE FROM account.wallets AS w USING gone WHERE w.user_id = gone.user_id)
	INSERT INTO log.event_log (home, entity, kind, payload) SELECT 'account', user_id, 'user.deleted', '{}' FROM gone;
	GET DIAGNOSTICS v_pruned = ROW_COUNT;
	DELETE FROM account.signups WHERE user_id = ANY (p_user_ids);
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_pruned);
END $$;
COMMENT ON FUNCTION account.signups_end IS 'Ends unfinished sign-ups: deletes those of these accounts that have no claim.';
