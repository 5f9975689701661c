-- A hold without an order goes a day after its end. Until now it stayed until its show was long over.
SET LOCAL lock_timeout = '5s';
UPDATE show.holds AS h SET ended_at = h.expires_at WHERE h.state IN ('released', 'expired') AND h.ended_at IS NULL
	AND NOT EXISTS (SELECT FROM show.orders AS o WHERE o.show_id = h.show_id AND o.hold_id = h.hold_id);
COMMENT ON COLUMN show.holds.ended_at IS 'when it ended unpaid, released or expired, or its paid order was cancelled; null while it lives and is paid, and when that no longer counts';
-- Only a query by this column has its condition: the few rows make the index look cheaper than the key.
CREATE INDEX holds_ended_idx ON show.holds (ended_at) WHERE ended_at > '-infinity';
DROP FUNCTION IF EXISTS show.holds_prune(int, int, int);
REVOKE UPDATE (holds_left) ON show.shows FROM boxoffice_batch;
ALTER TABLE show.shows DROP COLUMN holds_left;
