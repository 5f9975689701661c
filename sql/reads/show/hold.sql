-- A hold of its owner, in its current state.
-- $1 show_id int, $2 hold_id uuid, $3 user_id uuid → hold
SELECT show.hold_doc(h, clock_timestamp()) AS hold
FROM show.holds AS h WHERE h.show_id = $1::int AND h.hold_id = $2 AND /* guard: owner */ h.user_id = $3
