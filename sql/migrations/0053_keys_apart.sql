-- No two indexes answer the same question. While the statistics say that a table is empty, all its indexes cost the same, and
-- connections kept a plan that read every hold of the show that was just being sold. So no index but the key begins with the
-- show, or has it behind something else. What a buyer has in a show is found by the key of his lock: a column, because an
-- index of an expression or with a condition costs each hold more than this index.
SET LOCAL lock_timeout = '5s';
ALTER TABLE show.holds ADD COLUMN buyer_key bigint;
-- What lives ends at infinity, so that one condition finds it and what ended lately.
UPDATE show.holds SET ended_at = CASE WHEN state IN ('active', 'paying', 'confirmed') THEN 'infinity' ELSE '-infinity' END::timestamptz
WHERE ended_at IS NULL;
ALTER TABLE show.holds ALTER COLUMN ended_at SET DEFAULT 'infinity', ALTER COLUMN ended_at SET NOT NULL;
COMMENT ON COLUMN show.holds.ended_at IS 'when it ended unpaid, released or expired, or its paid order was cancelled; infinity while it lives and is paid, minus infinity when it counts no more';
COMMENT ON COLUMN show.holds.buyer_key IS 'key of the buyer''s lock, made of show and user';
UPDATE show.holds SET buyer_key = uuid_hash_extended(user_id, 4294967296 + show_id);
ALTER TABLE show.holds ALTER COLUMN buyer_key SET NOT NULL;
DROP INDEX show.holds_buyer_idx;
CREATE INDEX holds_buyer_idx ON show.holds (buyer_key, ended_at);
DROP INDEX show.holds_ended_idx;
CREATE INDEX holds_ended_idx ON show.holds (ended_at);
DROP INDEX show.orders_buyer_idx;
ALTER TABLE show.orders DROP CONSTRAINT orders_one_per_hold;
ALTER TABLE show.orders ADD CONSTRAINT orders_one_per_hold UNIQUE (hold_id);
-- Where most shows are small, the planner would read all seats of a large one to find two.
ALTER TABLE show.seats ALTER COLUMN show_id SET (n_distinct = -0.001);
ALTER TABLE show.seat_places ALTER COLUMN show_id SET (n_distinct = -0.001);
