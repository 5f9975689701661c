-- No hold stays active on disk more than 60 s past its expiry: the sweep is alive.
WITH bad AS (
	SELECT format('hold %s of show %s ended at %s', hold_id, show_id, expires_at) AS example
	FROM show.holds WHERE state = 'active' AND expires_at < clock_timestamp() - interval '60 seconds')
SELECT count(*) AS breaches, min(example) AS example FROM bad
