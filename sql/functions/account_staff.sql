-- Account: changes that boxofficectl makes to a user. They are audited and end all sessions of the user.

CREATE OR REPLACE FUNCTION account.user_change_by_staff(p_user_id uuid, p_role text, p_password_hash text, p_access_ttl_s int, p_actor text, p_trace text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v account.users;
	v_sessions int;
	v_action text := CASE WHEN p_role IS NULL THEN 'user.passwd' ELSE 'user.role' END;
BEGIN
	UPDATE account.users SET role = coalesce(p_role, role), password_hash = coalesce(p_password_hash, password_hash)
	WHERE user_id = p_user_id RETURNING * INTO v;
	IF v.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	-- The row of the account is locked from here on. When the program asks again after a lost answer, all is done.
	-- guard: repetition
	IF log.audit_find(v_action, 'user ' || p_user_id, p_trace) IS NOT NULL THEN
		RETURN QUERY SELECT 'ok', account.profile(v);
		RETURN;
	END IF;
	-- Access tokens carry the role, and a password is often changed because somebody else may know it.
	SELECT count(account.session_revoke(p_user_id, session_id, p_access_ttl_s)) INTO v_sessions
	FROM account.sessions WHERE /* guard: sessions end */ user_id = p_user_id AND revoked_at IS NULL;
	IF p_password_hash IS NOT NULL THEN
		-- Whoever knew the old password counts as a stranger now.
		DELETE FROM account.login_addresses WHERE /* guard: addresses are forgotten */ user_id = p_user_id;
	END IF;
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent) VALUES ('account', p_user_id, 'user.updated', '{}', p_trace);
	PERFORM log.audit_add(p_actor, v_action, 'user ' || p_user_id,
		jsonb_build_object('role', v.role, 'sessions_ended', v_sessions), p_trace);
	RETURN QUERY SELECT 'ok', account.profile(v);
END $$;
COMMENT ON FUNCTION account.user_change_by_staff IS 'Sets the role or the password of an account and ends its sessions. Null leaves either unchanged.';
