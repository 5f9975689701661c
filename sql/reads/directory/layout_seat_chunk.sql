-- The chunk of a layout's seats that begins with number `first`, as arrays for the seats of a show.
-- $1 layout_id int, $2 first int → seats, labels, grades, sections, rows
SELECT cardinality(labels) AS seats, labels, grades, sections, row_names AS rows
FROM directory.layout_chunks WHERE layout_id = $1::int AND first_no = $2::int
