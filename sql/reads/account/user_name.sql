-- The name of a user, for the staff at the door.
-- $1 user_id text → name
SELECT name FROM account.users WHERE /* guard: owner */ user_id = $1
