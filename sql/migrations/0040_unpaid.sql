-- A buyer cannot keep the same seat for ever without paying: a hold remembers when it ended, and for how long its buyer had each of its
-- seats right before.
ALTER TABLE show.holds ADD COLUMN ended_at timestamptz, ADD COLUMN had_ms int[];
COMMENT ON COLUMN show.holds.ended_at IS 'when it ended unpaid, released or expired; null while it lives and when it was paid';
COMMENT ON COLUMN show.holds.had_ms IS 'for each seat, how long its buyer had it unpaid in holds right before this one; null: not at all';
CREATE INDEX holds_ended_idx ON show.holds (user_id, show_id, ended_at) WHERE ended_at IS NOT NULL;

CREATE TYPE show.seat_had AS (no int, ms int, until timestamptz);
COMMENT ON TYPE show.seat_had IS 'a seat that a buyer had lately without paying: in all for so long in a row, until then';
GRANT USAGE ON TYPE show.seat_had TO boxoffice_app, boxoffice_batch;

-- They take the limits of what is unpaid as well.
DROP FUNCTION IF EXISTS show.hold_take(int, uuid, uuid, int[], text, bool, uuid);
DROP FUNCTION IF EXISTS show.hold_best(int, uuid, uuid, int, text, text);
