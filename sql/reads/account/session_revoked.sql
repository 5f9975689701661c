-- Are the access tokens of a session refused?
-- $1 session_id uuid → revoked
SELECT EXISTS (SELECT FROM account.revocations WHERE session_id = $1 AND until > clock_timestamp()) AS revoked
