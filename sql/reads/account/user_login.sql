-- One account with its password hash.
-- $1 user_id uuid → columns of account.users
SELECT user_id, email, name, phone, role, util.unix(created_at) AS created_at, password_hash
FROM account.users WHERE /* guard: owner */ user_id = $1
