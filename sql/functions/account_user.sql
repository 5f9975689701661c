-- Account: users and sessions.

CREATE OR REPLACE FUNCTION account.profile(p_user account.users) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', p_user.user_id, 'email', p_user.email, 'name', p_user.name, 'phone', p_user.phone,
	'role', p_user.role, 'created_at', util.unix(p_user.created_at));
COMMENT ON FUNCTION account.profile IS 'The document of an account.';

CREATE OR REPLACE FUNCTION account.user_create(p_user_id uuid, p_email text, p_password_hash text, p_name text, p_phone text, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v account.users;
BEGIN
	INSERT INTO account.users (user_id, email, password_hash, name, phone)
	VALUES (p_user_id, p_email, p_password_hash, p_name, p_phone)
	ON CONFLICT (user_id) DO NOTHING RETURNING * INTO v;
	IF v.user_id IS NULL THEN
		SELECT * INTO v FROM account.users WHERE user_id = p_user_id;
	ELSE
		INSERT INTO account.wallets (user_id) VALUES (p_user_id);
		INSERT INTO account.signups (user_id) VALUES (p_user_id);
		INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
		VALUES ('account', p_user_id, 'user.created', '{}', p_trace);
	END IF;
	RETURN QUERY SELECT 'created', account.profile(v);
END $$;
COMMENT ON FUNCTION account.user_create IS 'Makes an account and its empty wallet. The account can log in once it has claimed its address.';

CREATE OR REPLACE FUNCTION account.user_update(p_user_id uuid, p_name text, p_phone text, p_phone_given boolean)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v account.users;
BEGIN
	UPDATE account.users SET name = coalesce(p_name, name), phone = CASE WHEN p_phone_given THEN p_phone ELSE phone END
	WHERE user_id = p_user_id RETURNING * INTO v;
	IF v.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	INSERT INTO log.event_log (home, entity, kind, payload) VALUES ('account', p_user_id, 'user.updated', '{}');
	RETURN QUERY SELECT 'ok', account.profile(v);
END $$;
COMMENT ON FUNCTION account.user_update IS 'Changes name and phone.';

CREATE OR REPLACE FUNCTION account.session_open(p_user_id uuid, p_session_id uuid, p_refresh_hash bytea, p_password_hash text, p_ttl_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v account.users;
BEGIN
	-- A concurrent change of the role or the password also ends all sessions. With the lock there are two cases: it
	-- waits and finds this session, or it came first, and then this reads the new role and refuses the old password.
	-- Without the lock neither would see the other.
	SELECT * INTO v FROM account.users WHERE user_id = p_user_id /* guard: user's lock */ FOR SHARE;
	IF v.user_id IS NULL OR /* guard: password */ v.password_hash <> p_password_hash THEN
		RETURN QUERY SELECT 'bad_credentials', NULL::json;
		RETURN;
	END IF;
	INSERT INTO account.sessions (user_id, session_id) VALUES (p_user_id, p_session_id) ON CONFLICT DO NOTHING;
	INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at)
	VALUES (p_user_id, p_session_id, p_refresh_hash, clock_timestamp() + make_interval(secs => p_ttl_s))
	ON CONFLICT DO NOTHING;
	RETURN QUERY SELECT 'ok', account.profile(v);
END $$;
COMMENT ON FUNCTION account.session_open IS 'Opens a session with its first refresh token, if the password is still the one that was verified (null: no password was required).';

CREATE OR REPLACE FUNCTION account.session_revoke(p_user_id uuid, p_session_id uuid, p_access_ttl_s int) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	-- Later than the expiry of every access token made until now, with a minute for differences between clocks.
	v_until timestamptz := clock_timestamp() + make_interval(secs => p_access_ttl_s + 60);
BEGIN
	UPDATE account.sessions SET revoked_at = coalesce(revoked_at, clock_timestamp())
	WHERE user_id = p_user_id AND session_id = p_session_id;
	INSERT INTO account.revocations AS r (user_id, session_id, until) VALUES (p_user_id, p_session_id, v_until)
	ON CONFLICT (user_id, session_id) DO UPDATE SET until = greatest(r.until, v_until)
	RETURNING until INTO v_until;
	INSERT INTO log.event_log (home, entity, kind, payload)
	VALUES ('account', p_user_id, 'session.revoked', json_build_object('session_id', p_session_id));
	RETURN util.unix(v_until) + 1;
END $$;
COMMENT ON FUNCTION account.session_revoke IS 'Ends a session: its refresh tokens and access tokens are refused from now on.';

CREATE OR REPLACE FUNCTION account.session_refresh(p_user_id uuid, p_session_id uuid, p_refresh_hash bytea, p_new_hash bytea, p_ttl_s int, p_access_ttl_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_session account.sessions;
	v_token account.refresh_tokens;
	v_user account.users;
	v_until bigint;
BEGIN
	-- The lock on the session's row orders all refreshes: of two requests with the same token the second finds it
	-- used.
	SELECT * INTO v_session FROM account.sessions
	WHERE user_id = p_user_id AND session_id = p_session_id /* guard: session's lock */ FOR UPDATE;
	SELECT * INTO v_token FROM account.refresh_tokens
	WHERE user_id = p_user_id AND session_id = p_session_id AND token_hash = p_refresh_hash;
	IF v_session.user_id IS NULL OR /* guard: revoked */ v_session.revoked_at IS NOT NULL OR v_token.user_id IS NULL
		OR v_token.expires_at <= clock_timestamp() THEN
		RETURN QUERY SELECT 'refresh_invalid', NULL::json;
		RETURN;
	END IF;
	-- guard: used token
	IF v_token.used_at IS NOT NULL AND /* guard: repetition */ v_token.successor_hash <> p_new_hash THEN
		v_until := account.session_revoke(p_user_id, p_session_id, p_access_ttl_s);
		RETURN QUERY SELECT 'refresh_invalid', json_build_object('revoked_until', v_until);
		RETURN;
	END IF;
	UPDATE account.refresh_tokens SET used_at = clock_timestamp(), successor_hash = p_new_hash
	WHERE user_id = p_user_id AND session_id = p_session_id AND token_hash = p_refresh_hash AND used_at IS NULL;
	INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at)
	VALUES (p_user_id, p_session_id, p_new_hash, clock_timestamp() + make_interval(secs => p_ttl_s))
	ON CONFLICT DO NOTHING;
	SELECT * INTO v_user FROM account.users WHERE user_id = p_user_id;
	RETURN QUERY SELECT 'ok', account.profile(v_user);
END $$;
COMMENT ON FUNCTION account.session_refresh IS 'Exchanges a refresh token for the next one. A used one revokes the family.';

CREATE OR REPLACE FUNCTION account.session_close(p_user_id uuid, p_session_id uuid, p_access_ttl_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM FROM account.sessions WHERE user_id = p_user_id AND session_id = p_session_id FOR UPDATE;
	RETURN QUERY SELECT 'ok', json_build_object('revoked_until',
		account.session_revoke(p_user_id, p_session_id, p_access_ttl_s));
END $$;
COMMENT ON FUNCTION account.session_close IS 'Ends the session of the caller.';

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA account TO boxoffice_app, boxoffice_batch;
