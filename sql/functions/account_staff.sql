-- Account: changes that boxofficectl makes to a user. They are audited and end all sessions of the user.

CREATE OR REPLACE FUNCTION account.user_change_by_staff(p_user_id uuid, p_role text, p_password_hash text, p_access_ttl_s int, p_actor text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v account.users;
	v_sessions int;
BEGIN
	UPDATE account.users SET role = coalesce(p_role, role), password_hash = coalesce(p_password_hash, password_hash)
	WHERE user_id = p_user_id RETURNING * INTO v;
	IF v.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	-- Access tokens carry the role, and a password is often changed because somebody else may know it.
	SELECT count(account.session_revoke(p_user_id, session_id, p_access_ttl_s)) INTO v_sessions
	FROM account.sessions WHERE /* guard: sessions end */ user_id = p_user_id AND revoked_at IS NULL;
	INSERT INTO log.event_log (home, entity, kind, payload) VALUES ('account', p_user_id, 'user.updated', '{}');
	INSERT INTO log.audit_trail (actor, action, object, detail)
	VALUES (p_actor, CASE WHEN p_role IS NULL THEN 'user.passwd' ELSE 'user.role' END, 'user ' || p_user_id,
		json_build_object('role', v.role, 'sessions_ended', v_sessions));
	RETURN QUERY SELECT 'ok', account.profile(v);
END $$;
COMMENT ON FUNCTION account.user_change_by_staff IS 'Sets the role or the password of an account and ends its sessions. Null leaves either unchanged.';
