-- The document of a layout, which tells the home of a show which seats lie side by side.
-- $1 layout_id int → sections
SELECT sections FROM directory.layouts WHERE layout_id = $1::int
