-- The accounts of these addresses, which are given in lower case.
-- $1 emails text[] → user_id
SELECT user_id FROM directory.email_claims WHERE email = ANY ($1::text[])
