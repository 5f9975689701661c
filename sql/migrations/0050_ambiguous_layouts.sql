-- Layouts from before the names of sections and the labels of a row had to differ: no ticket tells their seats apart.
ALTER TABLE directory.layouts ADD COLUMN is_ambiguous boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN directory.layouts.is_ambiguous IS 'two seats have the same section, row and label: no new show gets it; false for all that is entered now';
UPDATE directory.layouts AS l SET is_ambiguous = true
WHERE EXISTS (SELECT FROM directory.layout_chunks AS c, unnest(c.sections, c.row_names, c.labels) AS t (section, row_name, label)
	WHERE c.layout_id = l.layout_id GROUP BY t.section, t.row_name, t.label HAVING count(*) > 1);
