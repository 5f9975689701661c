-- The sessions of a user that can still be refreshed, the one used last first. An account has few: a log-in ends the oldest.
-- $1 user_id uuid → session_id, created_at, used_at (Unix s), address, agent
SELECT s.session_id, util.unix(s.created_at) AS created_at, util.unix(coalesce(s.used_at, s.created_at)) AS used_at, s.address, s.agent
FROM account.sessions AS s
WHERE /* guard: owner */ s.user_id = $1 AND /* guard: live */ s.revoked_at IS NULL
	AND EXISTS (SELECT FROM account.refresh_tokens AS t
		WHERE t.user_id = s.user_id AND t.session_id = s.session_id AND /* guard: usable */ t.expires_at > statement_timestamp())
ORDER BY coalesce(s.used_at, s.created_at) DESC, s.session_id
