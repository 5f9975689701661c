-- The plan of a layout for the best seats. A layout that is older than the plans has none, but the document that one is made from.
-- $1 layout_id int → plan, sections
SELECT p.plan, CASE WHEN p.plan IS NULL THEN l.sections END AS sections
FROM directory.layouts AS l LEFT JOIN directory.plans AS p ON p.layout_id = l.layout_id WHERE l.layout_id = $1::int
