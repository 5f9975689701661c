-- A hold has an end on disk exactly when its state says that it is over: without one, it counts towards its buyer's limit.
WITH bad AS (
	SELECT format('hold %s of show %s is %s and ends at %s', hold_id, show_id, state, ended_at) AS example
	FROM show.holds WHERE (state IN ('active', 'paying', 'confirmed')) <> (ended_at = 'infinity'))
SELECT count(*) AS breaches, min(example) AS example FROM bad
