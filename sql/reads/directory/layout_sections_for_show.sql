-- The document of a layout, from which a show's home learns which seats lie side by side. $1 layout → sections
SELECT sections FROM directory.layouts WHERE layout_id = $1::int
