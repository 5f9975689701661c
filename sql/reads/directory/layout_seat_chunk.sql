-- Seats of a layout as arrays, for the seats of a show.
-- $1 layout_id int, $2 first int, $3 count int → labels, grades
SELECT labels[$2::int + 1 : $2::int + $3::int] AS labels, grades[$2::int + 1 : $2::int + $3::int] AS grades
FROM directory.layouts WHERE layout_id = $1::int
