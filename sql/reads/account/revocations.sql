-- All revocations that the mirror keeps in shared memory.
-- → session_id, until (Unix s)
SELECT session_id, util.unix(until) + 1 AS until FROM account.revocations WHERE /* guard: still refused */ until > statement_timestamp()
