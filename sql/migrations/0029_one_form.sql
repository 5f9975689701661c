-- Addresses are compared with the capital letters of ASCII made small, and nothing else: the locale's lower() turned U+0130 and
-- U+212A into the i and k of another account. Claims that it changed elsewhere get their new form; two claims cannot become one.
UPDATE directory.email_claims AS c SET email = lower(u.email COLLATE "C")
FROM account.users AS u WHERE u.user_id = c.user_id AND c.email <> lower(u.email COLLATE "C");
COMMENT ON COLUMN directory.email_claims.email IS 'as addresses are compared (util.email_key)';
COMMENT ON COLUMN directory.login_failures.email_hash IS 'SHA-256 of the address as addresses are compared';
-- A boxoffice-prune of the previous version would look for these claims in their old form and end the sign-ups.
DELETE FROM account.signups AS s USING account.users AS u
WHERE u.user_id = s.user_id AND lower(u.email) <> lower(u.email COLLATE "C");

-- Searches and filters come in NFC from now on, and meet texts in NFC.
UPDATE directory.events SET title = normalize(title) WHERE title IS NOT NFC NORMALIZED;
UPDATE directory.venues SET region = normalize(region) WHERE region IS NOT NFC NORMALIZED;
UPDATE listing.shows SET region = normalize(region) WHERE region IS NOT NFC NORMALIZED;
UPDATE show.shows SET hall = jsonb_set(hall, '{venue,region}', to_jsonb(normalize(hall #>> '{venue,region}')))
WHERE hall #>> '{venue,region}' IS NOT NFC NORMALIZED;
