-- What boxoffice-prune looks for.

-- Whether an account has claimed its address is written in another home. So that not all accounts need be looked at again and
-- again, each is here until it has been, a day after it signed up.
CREATE TABLE account.signups (
	user_id uuid PRIMARY KEY,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX signups_created_idx ON account.signups (created_at);
COMMENT ON TABLE account.signups IS 'accounts of which it has not been looked yet whether they claimed their address';
COMMENT ON COLUMN account.signups.user_id IS 'account';
COMMENT ON COLUMN account.signups.created_at IS 'when it signed up; it is looked at a day later';
GRANT SELECT ON account.signups TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON account.signups TO boxoffice_app, boxoffice_batch;
GRANT DELETE ON account.signups, account.wallets TO boxoffice_batch;
INSERT INTO account.signups (user_id, created_at) SELECT user_id, created_at FROM account.users;

CREATE INDEX sessions_revoked_idx ON account.sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX refresh_tokens_expires_idx ON account.refresh_tokens (expires_at);
CREATE INDEX login_failures_window_idx ON directory.login_failures (window_from);
