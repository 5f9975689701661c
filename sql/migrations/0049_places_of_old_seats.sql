-- Holds and orders from before section and row were kept get both from their layouts. No other index or column changes, and nothing but
-- these rows is locked: a hold that is still live waits for a moment.
WITH places AS (
	SELECT c.layout_id, c.first_no + t.n - 1 AS no, t.section, t.row_name
	FROM directory.layout_chunks AS c, unnest(c.sections, c.row_names) WITH ORDINALITY AS t (section, row_name, n)),
placed AS (
	SELECT h.show_id, h.hold_id, json_agg(json_build_object('no', i.v -> 'no', 'label', i.v -> 'label', 'section', p.section, 'row', p.row_name,
		'grade', i.v -> 'grade', 'price', i.v -> 'price') ORDER BY i.n) AS items
	FROM show.holds AS h JOIN show.shows AS s USING (show_id)
		CROSS JOIN LATERAL json_array_elements(h.items) WITH ORDINALITY AS i (v, n)
		LEFT JOIN places AS p ON p.layout_id = s.layout_id AND p.no = (i.v ->> 'no')::int
	WHERE h.items -> 0 -> 'section' IS NULL GROUP BY h.show_id, h.hold_id)
UPDATE show.holds AS h SET items = placed.items FROM placed WHERE h.show_id = placed.show_id AND h.hold_id = placed.hold_id;

UPDATE account.order_list AS l SET doc = (l.doc::jsonb || jsonb_build_object('seats', h.items, 'tickets', (
	SELECT coalesce(jsonb_agg(t.v || jsonb_build_object('section', i.v -> 'section', 'row', i.v -> 'row') ORDER BY t.n), '[]')
	FROM jsonb_array_elements(l.doc::jsonb -> 'tickets') WITH ORDINALITY AS t (v, n)
		JOIN json_array_elements(h.items) AS i (v) ON i.v ->> 'no' = t.v ->> 'seat')))::json
FROM show.holds AS h
WHERE l.doc -> 'seats' -> 0 -> 'section' IS NULL AND h.show_id = (l.doc ->> 'show_id')::int AND h.hold_id = (l.doc ->> 'hold_id')::uuid;

-- Nothing needs it any more.
DROP FUNCTION IF EXISTS show.items_unplaced(json);
