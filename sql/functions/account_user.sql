-- Account: users.

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
	v_old account.users;
	v account.users;
BEGIN
	SELECT * INTO v_old FROM account.users WHERE user_id = p_user_id FOR UPDATE;
	IF v_old.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	UPDATE account.users SET name = coalesce(p_name, name), phone = CASE WHEN p_phone_given THEN p_phone ELSE phone END
	WHERE user_id = p_user_id RETURNING * INTO v;
	-- guard: changed
	IF v IS DISTINCT FROM v_old THEN
		INSERT INTO log.event_log (home, entity, kind, payload) VALUES ('account', p_user_id, 'user.updated', '{}');
	END IF;
	RETURN QUERY SELECT 'ok', account.profile(v);
END $$;
COMMENT ON FUNCTION account.user_update IS 'Changes name and phone.';
