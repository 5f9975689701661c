-- Sessions tell where they are used, have an end that no refresh moves, and keep two generations of refresh tokens.

ALTER TABLE account.sessions ADD COLUMN used_at timestamptz, ADD COLUMN address text CHECK (length(address) <= 64),
	ADD COLUMN agent text CHECK (length(agent) <= 200), ADD COLUMN refreshes int NOT NULL DEFAULT 0, ADD COLUMN refreshes_from timestamptz;
COMMENT ON COLUMN account.sessions.used_at IS 'last log-in or refresh; null before it was kept';
COMMENT ON COLUMN account.sessions.address IS 'of the client at that moment; null: a command, or before it was kept';
COMMENT ON COLUMN account.sessions.agent IS 'how the client named itself then';
COMMENT ON COLUMN account.sessions.refreshes IS 'refreshes since refreshes_from';
COMMENT ON COLUMN account.sessions.refreshes_from IS 'begin of the minute in which refreshes are counted; null before the first';

-- A used token stays until one of its successors is used: till then its coming again may mean a lost answer or a second tab.
-- Any other secret is theft, so nothing else needs to be kept.
ALTER TABLE account.refresh_tokens ADD COLUMN parent_hash bytea;
UPDATE account.refresh_tokens AS t SET parent_hash = p.token_hash FROM account.refresh_tokens AS p
WHERE p.user_id = t.user_id AND p.session_id = t.session_id AND p.successor_hash = t.token_hash;
DELETE FROM account.refresh_tokens AS t
WHERE t.used_at IS NOT NULL AND NOT EXISTS (SELECT FROM account.refresh_tokens AS s
	WHERE s.user_id = t.user_id AND s.session_id = t.session_id AND s.parent_hash = t.token_hash AND s.used_at IS NULL);
ALTER TABLE account.refresh_tokens DROP COLUMN successor_hash;
COMMENT ON TABLE account.refresh_tokens IS 'refresh tokens that may come again, by hash: those not used, and those of which no successor was used. A session has few';
COMMENT ON COLUMN account.refresh_tokens.used_at IS 'when it was exchanged, or exchanged again because the answer was lost; null while unused';
COMMENT ON COLUMN account.refresh_tokens.parent_hash IS 'hash of the token that was exchanged for it; null of the first';
GRANT DELETE ON account.refresh_tokens TO boxoffice_app;

-- Made anew behind the migrations, with other arguments.
DROP FUNCTION IF EXISTS account.session_open(uuid, uuid, bytea, text, int);
DROP FUNCTION IF EXISTS account.session_refresh(uuid, uuid, bytea, bytea, int, int);
