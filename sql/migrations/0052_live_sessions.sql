-- The sessions of an account that live are found without those that have ended within a day.
CREATE INDEX sessions_live_idx ON account.sessions (user_id) WHERE revoked_at IS NULL;
