-- Are a session's access tokens refused? $1 session → revoked
SELECT EXISTS (SELECT FROM account.revocations WHERE session_id = $1 AND until > clock_timestamp()) AS revoked
