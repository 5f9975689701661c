-- The live holds of a buyer in a show, oldest first, as rows of the show: one without a hold when the buyer has none.
-- $1 show_id int, $2 user_id uuid → hold
SELECT CASE WHEN h.hold_id IS NOT NULL THEN show.hold_doc(h, clock_timestamp()) END AS hold
FROM show.shows AS s LEFT JOIN show.holds AS h
	ON /* guard: buyer */ h.buyer_key = show.buyer_key($1::int, $2) AND h.show_id + 0 = $1::int AND /* guard: owner */ h.user_id = $2
	AND /* guard: live */ (h.state = 'paying' OR (h.state = 'active' AND h.expires_at > statement_timestamp()))
	AND h.ended_at = 'infinity' -- so that an index passes by what has ended
WHERE s.show_id = $1::int AND /* guard: published */ s.published_at IS NOT NULL
ORDER BY h.taken_at, h.hold_id
