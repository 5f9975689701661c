-- Sessions with something to delete: they ended or their refresh tokens expired `age_s` seconds ago, or their revocation refuses no
-- token any more. `limit` of each kind.
-- $1 age_s int, $2 limit int → user_id, session_id
SELECT DISTINCT user_id, session_id FROM (
	(SELECT user_id, session_id FROM account.sessions
		WHERE revoked_at <= statement_timestamp() - make_interval(secs => $1::int) ORDER BY revoked_at LIMIT $2::int)
	UNION ALL
	(SELECT user_id, session_id FROM account.refresh_tokens
		WHERE expires_at <= statement_timestamp() - make_interval(secs => $1::int) ORDER BY expires_at LIMIT $2::int)
	UNION ALL
	(SELECT user_id, session_id FROM account.revocations WHERE until <= statement_timestamp() ORDER BY until LIMIT $2::int)
) AS oldest ORDER BY user_id, session_id
