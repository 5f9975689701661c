-- The next draft of a show with more than `seats` seats.
-- $1 seats int, $2 above_show_id int → show_id, layout_id, capacity
SELECT show_id, layout_id, capacity FROM show.shows
WHERE published_at IS NULL AND created_at <= statement_timestamp() AND capacity > $1::int AND show_id > $2::int
ORDER BY show_id LIMIT 1
