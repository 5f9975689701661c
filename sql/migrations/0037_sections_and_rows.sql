-- A label alone does not name a seat: two sections may use the same. Seats carry their section and row as well.

-- The seats of a layout as a show needs them, in chunks that are read one after the other.
CREATE TABLE directory.layout_chunks (
	layout_id int NOT NULL REFERENCES directory.layouts,
	first_no int NOT NULL,
	labels text[] NOT NULL,
	sections text[] NOT NULL,
	row_names text[] NOT NULL,
	grades text[] NOT NULL,
	PRIMARY KEY (layout_id, first_no)
);
COMMENT ON TABLE directory.layout_chunks IS 'seats of a layout, some thousand in a row; never changed';
COMMENT ON COLUMN directory.layout_chunks.layout_id IS 'layout';
COMMENT ON COLUMN directory.layout_chunks.first_no IS 'number of its first seat; each array has an element for each seat from there on';
COMMENT ON COLUMN directory.layout_chunks.labels IS 'as printed on the ticket';
COMMENT ON COLUMN directory.layout_chunks.sections IS 'names of their sections';
COMMENT ON COLUMN directory.layout_chunks.row_names IS 'names of their rows';
COMMENT ON COLUMN directory.layout_chunks.grades IS 'codes of their grades';
GRANT SELECT ON directory.layout_chunks TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON directory.layout_chunks TO boxoffice_app;

-- It stands here and not with the functions, because layouts that exist get their chunks now.
CREATE FUNCTION util.layout_chunks(p_sections json)
RETURNS TABLE (first_no int, labels text[], sections text[], row_names text[], grades text[])
LANGUAGE sql IMMUTABLE AS $$
	SELECT min(no)::int, array_agg(label ORDER BY no), array_agg(section ORDER BY no), array_agg(row_name ORDER BY no),
		array_agg(grade ORDER BY no)
	FROM (SELECT row_number() OVER (ORDER BY s.n, r.n, t.n) - 1 AS no, t.v ->> 'label' AS label, s.name AS section,
			r.name AS row_name, t.v ->> 'grade' AS grade
		FROM (SELECT n, v ->> 'name' AS name, v -> 'rows' AS rows
				FROM json_array_elements(p_sections) WITH ORDINALITY AS a (v, n) OFFSET 0) AS s -- parses a document once, not once per seat
			CROSS JOIN LATERAL (SELECT n, v ->> 'name' AS name, v -> 'seats' AS seats
				FROM json_array_elements(s.rows) WITH ORDINALITY AS a (v, n) OFFSET 0) AS r
			CROSS JOIN LATERAL json_array_elements(r.seats) WITH ORDINALITY AS t (v, n)) AS seat
	GROUP BY no / 5000
$$;
COMMENT ON FUNCTION util.layout_chunks IS 'the seats of a layout''s document in chunks of 5,000, in the order of their numbers';

INSERT INTO directory.layout_chunks SELECT l.layout_id, c.* FROM directory.layouts AS l, util.layout_chunks(l.sections) AS c;

ALTER TABLE show.seat_places ADD COLUMN section text, ADD COLUMN row_name text;
COMMENT ON COLUMN show.seat_places.section IS 'name of its section; null in shows that were over before it was kept';
COMMENT ON COLUMN show.seat_places.row_name IS 'name of its row; null like section';

-- Nobody takes seats of a show that is over.
UPDATE show.seat_places AS p SET section = t.section, row_name = t.row_name
FROM show.shows AS s, directory.layout_chunks AS c, unnest(c.sections, c.row_names) WITH ORDINALITY AS t (section, row_name, n)
WHERE s.ends_at > clock_timestamp() AND c.layout_id = s.layout_id AND p.show_id = s.show_id AND p.seat_no = c.first_no + t.n - 1;

-- Made anew behind the migrations, with two more parameters.
DROP FUNCTION IF EXISTS show.show_seats_add(int, int, text[], text[]);
