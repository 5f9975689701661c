-- The document of a layout, from which the home of a show learns which seats lie side by side.
-- $1 layout_id int → sections
SELECT sections FROM directory.layouts WHERE layout_id = $1::int
