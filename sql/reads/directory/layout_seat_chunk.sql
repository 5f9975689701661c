-- Seats of a layout as arrays, for a show's seats. $1 layout, $2 first seat, $3 how many → labels, grades
SELECT labels[$2::int + 1 : $2::int + $3::int] AS labels, grades[$2::int + 1 : $2::int + $3::int] AS grades
FROM directory.layouts WHERE layout_id = $1::int
