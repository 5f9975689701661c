-- A hold carries the key of its buyer in its show: by another, nothing finds it for its buyer's limit.
-- The key is a hash of PostgreSQL's, which is the same only on machines of one byte order.
WITH bad AS (
	SELECT format('hold %s of show %s has the key %s', hold_id, show_id, buyer_key) AS example
	FROM show.holds WHERE buyer_key <> show.buyer_key(show_id, user_id))
SELECT count(*) AS breaches, min(example) AS example FROM bad
