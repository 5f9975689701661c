-- An index of the few rows in a passing state looks cheaper than the key while it is almost empty: what finds one row by its key
-- and asks for the state as well was planned in the quiet to read all of it, and would do so in the rush, when it is full. Each
-- says now that its column is not null, which every query knows that asks by the column, and no other.
DROP INDEX show.holds_expiry_idx;
CREATE INDEX holds_expiry_idx ON show.holds (expires_at) WHERE state = 'active' AND expires_at IS NOT NULL;
DROP INDEX show.payments_unfinished_idx;
CREATE INDEX payments_unfinished_idx ON show.payments (started_at) WHERE state IN ('started', 'unknown') AND started_at IS NOT NULL;
DROP INDEX show.shows_drafts_idx;
CREATE INDEX shows_drafts_idx ON show.shows (created_at) WHERE published_at IS NULL AND created_at IS NOT NULL;
