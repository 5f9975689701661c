-- The next draft of a show with more than `seats` seats, and how many of them it has.
-- $1 seats int, $2 above_show_id int → show_id, layout_id, capacity, added
SELECT d.show_id, d.layout_id, d.capacity,
	coalesce((SELECT max(s.seat_no) + 1 FROM show.seats AS s WHERE s.show_id = d.show_id), 0) AS added
FROM show.shows AS d
WHERE d.published_at IS NULL AND d.created_at <= statement_timestamp() AND d.capacity > $1::int AND d.show_id > $2::int
ORDER BY d.show_id LIMIT 1
