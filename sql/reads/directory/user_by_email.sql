-- Who owns an address? $1 e-mail → user_id
SELECT user_id FROM directory.email_claims WHERE email = lower($1)
