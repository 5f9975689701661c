-- A layout as clients draw it.
-- $1 layout_id int → id, hall_id, sections
SELECT layout_id AS id, hall_id, sections FROM directory.layouts WHERE layout_id = $1::int
