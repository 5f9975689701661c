-- Account: the addresses from which its owner has logged in.

CREATE OR REPLACE FUNCTION account.login_address_note(p_user_id uuid, p_address_hash bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	-- Enough for one person: at home, at work, and a few networks of telephones.
	c_most CONSTANT int := 16;
BEGIN
	INSERT INTO account.login_addresses AS a (user_id, address_hash) VALUES (p_user_id, p_address_hash)
	ON CONFLICT (user_id, address_hash) DO UPDATE SET good_at = clock_timestamp();
	DELETE FROM account.login_addresses WHERE user_id = p_user_id AND address_hash IN (
		SELECT address_hash FROM account.login_addresses WHERE user_id = p_user_id
		ORDER BY good_at DESC, address_hash OFFSET /* guard: most addresses */ c_most);
END $$;
COMMENT ON FUNCTION account.login_address_note IS 'Notes a log-in that succeeded from this address. The caller has the lock of the user.';

CREATE OR REPLACE FUNCTION account.login_failed(p_user_id uuid, p_address_hash bytea, p_window_s int, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_now timestamptz := clock_timestamp();
	v_failures int;
BEGIN
	-- A request that asks again, because the first answer was lost, has failed once.
	UPDATE account.login_addresses AS a SET request = p_trace,
		failures = CASE /* guard: once */ WHEN a.request = p_trace THEN a.failures
			WHEN a.window_from > v_now - make_interval(secs => p_window_s) THEN a.failures + 1 ELSE 1 END,
		window_from = CASE WHEN a.window_from > v_now - make_interval(secs => p_window_s) THEN a.window_from ELSE v_now END
	WHERE a.user_id = p_user_id AND /* guard: address */ a.address_hash = p_address_hash
	RETURNING a.failures INTO v_failures;
	RETURN QUERY SELECT 'ok', json_build_object('failures', coalesce(v_failures, 0));
END $$;
COMMENT ON FUNCTION account.login_failed IS 'Counts a failed log-in from an address that the account knows.';

CREATE OR REPLACE FUNCTION account.login_addresses_prune(p_user_ids uuid[], p_age_days int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_count int;
BEGIN
	DELETE FROM account.login_addresses AS a USING (
		SELECT o.user_id, o.address_hash FROM account.login_addresses AS o
		WHERE o.user_id = ANY (p_user_ids) AND /* guard: age */ o.good_at <= clock_timestamp() - make_interval(days => p_age_days)
		FOR UPDATE /* guard: in use */ SKIP LOCKED) AS old
	WHERE a.user_id = old.user_id AND a.address_hash = old.address_hash;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN QUERY SELECT 'ok', json_build_object('pruned', v_count);
END $$;
COMMENT ON FUNCTION account.login_addresses_prune IS 'Forgets addresses of these users from which nobody has logged in for so long.';
