-- One index finds what a buyer has in a show and what ended lately, so that taking seats asks once. What lives ends at infinity.
SET LOCAL lock_timeout = '5s';
DROP INDEX show.holds_buyer_idx;
DROP INDEX show.holds_ended_idx;
CREATE INDEX holds_buyer_idx ON show.holds (user_id, show_id, coalesce(ended_at, 'infinity'::timestamptz))
	WHERE state IN ('active', 'paying', 'confirmed') OR ended_at IS NOT NULL;
