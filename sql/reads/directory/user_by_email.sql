-- The account of an address.
-- $1 email text → user_id
SELECT user_id FROM directory.email_claims WHERE email = util.email_key($1)
