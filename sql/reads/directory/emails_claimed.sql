-- The accounts of these addresses, which are given as they are compared (util.email_key).
-- $1 emails text[] → user_id
SELECT user_id FROM directory.email_claims WHERE email = ANY ($1::text[])
