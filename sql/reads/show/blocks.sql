-- Blocked seats of a show with their reasons, by number. Key null: from the first.
-- $1 show_id int, $2 above_seat int or null, $3 limit int → seat, label, section, row, reason, blocked_by, blocked_at
SELECT b.seat_no AS seat, p.label, p.section, p.row_name AS row, b.reason, b.blocked_by, util.unix(b.blocked_at) AS blocked_at
FROM show.blocks AS b JOIN show.seat_places AS p ON p.show_id = $1::int AND p.seat_no = b.seat_no
WHERE b.show_id = $1::int AND ($2::int IS NULL OR b.seat_no > $2::int)
ORDER BY b.seat_no LIMIT $3::int
