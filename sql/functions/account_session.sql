-- Account: sessions and their refresh tokens.

CREATE OR REPLACE FUNCTION account.session_revoke(p_user_id uuid, p_session_id uuid, p_access_ttl_s int) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	-- Later than the expiry of every access token made until now, with a minute for differences between clocks.
	v_until timestamptz := clock_timestamp() + make_interval(secs => p_access_ttl_s + 60);
	v_seen timestamptz;
BEGIN
	-- A session that has ended gets no other token, so its first end stands. The caller holds the lock of the session or of
	-- the account.
	SELECT until INTO v_seen FROM account.revocations WHERE user_id = p_user_id AND session_id = p_session_id;
	-- guard: once
	IF FOUND THEN
		RETURN util.unix(v_seen) + 1;
	END IF;
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

CREATE OR REPLACE FUNCTION account.sessions_revoke(p_user_id uuid, p_session_ids uuid[], p_access_ttl_s int) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	v_until bigint;
BEGIN
	SELECT max(account.session_revoke(p_user_id, s.id, p_access_ttl_s)) INTO v_until FROM unnest(p_session_ids) AS s (id);
	RETURN jsonb_build_object('sessions', to_jsonb(p_session_ids), 'revoked_until', v_until);
END $$;
COMMENT ON FUNCTION account.sessions_revoke IS 'Ends these sessions of a user, and names them for the program, which refuses their access tokens at once.';

CREATE OR REPLACE FUNCTION account.sessions_ended(p_user_id uuid, p_session_ids uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	-- Null: none of them.
	RETURN (SELECT jsonb_build_object('sessions', jsonb_agg(r.session_id), 'revoked_until', util.unix(max(r.until)) + 1)
		FROM account.revocations AS r
		WHERE r.user_id = p_user_id AND r.session_id = ANY (p_session_ids) AND r.until > clock_timestamp() HAVING count(*) > 0);
END $$;
COMMENT ON FUNCTION account.sessions_ended IS 'Names those of these sessions that have ended, as account.sessions_revoke did: for a program that asks again because its answer was lost.';

CREATE OR REPLACE FUNCTION account.session_document(p_user_id uuid, p_session_id uuid, p_session_ttl_s int) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT account.profile(u)::jsonb FROM account.users AS u WHERE u.user_id = p_user_id)
		|| (SELECT jsonb_build_object('session_ends_at', util.unix(s.created_at + make_interval(secs => p_session_ttl_s)))
			FROM account.sessions AS s WHERE s.user_id = p_user_id AND s.session_id = p_session_id);
END $$;
COMMENT ON FUNCTION account.session_document IS 'The profile of an account, with the moment at which its session ends whatever happens.';

CREATE OR REPLACE FUNCTION account.session_open(p_user_id uuid, p_session_id uuid, p_refresh_hash bytea, p_password_hash text, p_ttl_s int, p_session_ttl_s int DEFAULT 7776000, p_access_ttl_s int DEFAULT 86400, p_most int DEFAULT 100, p_address text DEFAULT NULL, p_agent text DEFAULT NULL, p_address_hash bytea DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_hash text;
	v_ended uuid[];
BEGIN
	-- A concurrent change of the role or the password also ends all sessions. With the lock there are two cases: it
	-- waits and finds this session, or it came first, and then this reads the new role and refuses the old password.
	-- Without the lock neither would see the other. It also orders the log-ins of an account, so that they can be counted.
	SELECT password_hash INTO v_hash FROM account.users WHERE user_id = p_user_id /* guard: user's lock */ FOR NO KEY UPDATE;
	IF v_hash IS NULL OR /* guard: password */ v_hash <> p_password_hash THEN
		RETURN QUERY SELECT 'bad_credentials', NULL::json;
		RETURN;
	END IF;
	INSERT INTO account.sessions (user_id, session_id, used_at, address, agent)
	VALUES (p_user_id, p_session_id, clock_timestamp(), p_address, p_agent) ON CONFLICT DO NOTHING;
	INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at)
	VALUES (p_user_id, p_session_id, p_refresh_hash, clock_timestamp() + make_interval(secs => least(p_ttl_s, p_session_ttl_s)))
	ON CONFLICT DO NOTHING;
	IF p_address_hash IS NOT NULL THEN
		PERFORM account.login_address_note(p_user_id, p_address_hash);
	END IF;
	-- Those that were used least recently make room.
	v_ended := ARRAY(SELECT session_id FROM account.sessions
		WHERE user_id = p_user_id AND revoked_at IS NULL AND session_id <> p_session_id
		ORDER BY coalesce(used_at, created_at) DESC, session_id OFFSET /* guard: most */ p_most - 1);
	RETURN QUERY SELECT 'ok', (account.session_document(p_user_id, p_session_id, p_session_ttl_s)
		|| account.sessions_revoke(p_user_id, v_ended, p_access_ttl_s))::json;
END $$;
COMMENT ON FUNCTION account.session_open IS 'Opens a session with its first refresh token, if the password is still the one that was verified (null: no password was required). The account keeps p_most sessions.';

CREATE OR REPLACE FUNCTION account.refresh_exchange(p_token account.refresh_tokens, p_now timestamptz) RETURNS interval
LANGUAGE plpgsql AS $$
DECLARE
	-- Tabs that refresh at the same moment send the same token.
	c_tabs CONSTANT interval := '10 s';
	-- Each is a secret that somebody could steal, so there are few.
	c_unused CONSTANT int := 4;
	v_count int;
BEGIN
	IF p_token.used_at IS NULL THEN
		-- A successor of its parent is used now. If the parent comes again, two parties have it: it becomes unknown.
		DELETE FROM account.refresh_tokens AS t
		WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND /* guard: parent */ t.token_hash = p_token.parent_hash;
	ELSIF /* guard: second tab */ p_token.used_at > p_now - c_tabs THEN
		SELECT count(*) INTO v_count FROM account.refresh_tokens AS t
		WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND t.used_at IS NULL;
		IF /* guard: unused tokens */ v_count < c_unused THEN
			RETURN NULL;
		END IF;
		-- A tab that was closed leaves its token behind: the oldest makes room, but none of the same moment.
		DELETE FROM account.refresh_tokens AS t
		WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND t.token_hash = (
			SELECT o.token_hash FROM account.refresh_tokens AS o
			WHERE o.user_id = p_token.user_id AND o.session_id = p_token.session_id AND o.used_at IS NULL
				AND /* guard: same moment */ o.parent_hash IS DISTINCT FROM p_token.token_hash
			ORDER BY o.issued_at LIMIT 1);
		IF NOT FOUND THEN
			RETURN p_token.used_at + c_tabs - p_now;
		END IF;
		-- guard: childless
		DELETE FROM account.refresh_tokens AS t
		WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND t.used_at IS NOT NULL
			AND NOT EXISTS (SELECT FROM account.refresh_tokens AS s WHERE s.user_id = t.user_id AND s.session_id = t.session_id
				AND s.parent_hash = t.token_hash);
		RETURN NULL;
	ELSE
		-- The answer was lost, and nobody has its token.
		DELETE FROM account.refresh_tokens AS t
		WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND /* guard: void */ t.parent_hash = p_token.token_hash;
	END IF;
	UPDATE account.refresh_tokens AS t SET used_at = p_now
	WHERE t.user_id = p_token.user_id AND t.session_id = p_token.session_id AND t.token_hash = p_token.token_hash;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION account.refresh_exchange IS 'Makes room for a successor of a refresh token. Returns how long to wait when there is none.';

CREATE OR REPLACE FUNCTION account.session_refresh(p_user_id uuid, p_session_id uuid, p_refresh_hash bytea, p_new_hash bytea, p_ttl_s int, p_access_ttl_s int, p_session_ttl_s int DEFAULT 7776000, p_most int DEFAULT 60, p_address text DEFAULT NULL, p_agent text DEFAULT NULL)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c_window CONSTANT interval := '60 s';
	v_session account.sessions;
	v_token account.refresh_tokens;
	v_ends_at timestamptz;
	v_now timestamptz;
	v_wait interval;
BEGIN
	-- The lock on the session's row orders all refreshes: of two requests with the same token the second finds it
	-- used.
	SELECT * INTO v_session FROM account.sessions
	WHERE user_id = p_user_id AND session_id = p_session_id /* guard: session's lock */ FOR UPDATE;
	v_now := clock_timestamp();
	v_ends_at := v_session.created_at + make_interval(secs => p_session_ttl_s);
	SELECT * INTO v_token FROM account.refresh_tokens
	WHERE user_id = p_user_id AND session_id = p_session_id AND token_hash = p_refresh_hash;
	IF v_session.user_id IS NULL OR /* guard: revoked */ v_session.revoked_at IS NOT NULL OR /* guard: end */ v_ends_at <= v_now
		OR /* guard: expired */ v_token.expires_at <= v_now THEN
		RETURN QUERY SELECT 'refresh_invalid', account.sessions_ended(p_user_id, ARRAY[p_session_id])::json;
		RETURN;
	-- guard: unknown secret
	ELSIF v_token.user_id IS NULL THEN
		RETURN QUERY SELECT 'refresh_invalid', account.sessions_revoke(p_user_id, ARRAY[p_session_id], p_access_ttl_s)::json;
		RETURN;
	END IF;
	-- When the program asks again after a lost answer, it has made the successor already.
	IF NOT /* guard: repetition */ EXISTS (SELECT FROM account.refresh_tokens
			WHERE user_id = p_user_id AND session_id = p_session_id AND token_hash = p_new_hash) THEN
		IF v_session.refreshes_from > v_now - c_window AND /* guard: refreshes */ v_session.refreshes >= p_most THEN
			v_wait := v_session.refreshes_from + c_window - v_now;
		ELSE
			v_wait := account.refresh_exchange(v_token, v_now);
		END IF;
		IF v_wait IS NOT NULL THEN
			RETURN QUERY SELECT 'rate_limited', json_build_object('retry_after_s', ceil(date_part('epoch', v_wait))::int);
			RETURN;
		END IF;
		INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at, parent_hash)
		VALUES (p_user_id, p_session_id, p_new_hash, least(v_now + make_interval(secs => p_ttl_s), /* guard: within the session */ v_ends_at),
			p_refresh_hash);
		UPDATE account.sessions SET used_at = v_now, address = coalesce(p_address, address), agent = coalesce(p_agent, agent),
			refreshes = CASE WHEN refreshes_from > v_now - c_window THEN refreshes + 1 ELSE 1 END,
			refreshes_from = CASE WHEN refreshes_from > v_now - c_window THEN refreshes_from ELSE v_now END
		WHERE user_id = p_user_id AND session_id = p_session_id;
	END IF;
	RETURN QUERY SELECT 'ok', account.session_document(p_user_id, p_session_id, p_session_ttl_s)::json;
END $$;
COMMENT ON FUNCTION account.session_refresh IS 'Exchanges a refresh token for the next one, again while no successor of it is used: for a second tab, or because the answer was lost. Any other secret ends the session.';

CREATE OR REPLACE FUNCTION account.session_close(p_user_id uuid, p_session_id uuid, p_access_ttl_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM FROM account.sessions WHERE user_id = p_user_id AND session_id = p_session_id FOR UPDATE;
	RETURN QUERY SELECT 'ok', account.sessions_revoke(p_user_id, ARRAY[p_session_id], p_access_ttl_s)::json;
END $$;
COMMENT ON FUNCTION account.session_close IS 'Ends the session of the caller.';

CREATE OR REPLACE FUNCTION account.sessions_close_others(p_user_id uuid, p_session_id uuid, p_access_ttl_s int)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_others uuid[];
BEGIN
	-- A log-in of the same moment waits and comes after this, or was first and is found.
	PERFORM FROM account.users WHERE user_id = p_user_id /* guard: user's lock */ FOR NO KEY UPDATE;
	v_others := ARRAY(SELECT session_id FROM account.sessions
		WHERE user_id = p_user_id AND /* guard: this one stays */ session_id <> p_session_id ORDER BY session_id);
	PERFORM account.sessions_revoke(p_user_id, ARRAY(SELECT session_id FROM account.sessions
		WHERE user_id = p_user_id AND session_id = ANY (v_others) AND revoked_at IS NULL ORDER BY session_id), p_access_ttl_s);
	-- guard: named again
	RETURN QUERY SELECT 'ok', coalesce(account.sessions_ended(p_user_id, v_others), '{"sessions": []}')::json;
END $$;
COMMENT ON FUNCTION account.sessions_close_others IS 'Ends all sessions of the caller but this one.';
