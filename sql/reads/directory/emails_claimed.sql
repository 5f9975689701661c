-- Whose these addresses are. $1 addresses in lower case → user_id
SELECT user_id FROM directory.email_claims WHERE email = ANY ($1::text[])
