-- Where seats lie side by side, copied from the layout when a show is made: what the search for the best seats reads.
CREATE TABLE show.seat_runs (
	show_id int NOT NULL,
	run_no int NOT NULL,
	section int NOT NULL,
	row_no int NOT NULL,
	first_no int NOT NULL,
	last_no int NOT NULL,
	middle real NOT NULL,
	PRIMARY KEY (show_id, run_no)
);
COMMENT ON TABLE show.seat_runs IS 'seats side by side in one row, with no aisle between them';
COMMENT ON COLUMN show.seat_runs.show_id IS 'show';
COMMENT ON COLUMN show.seat_runs.run_no IS 'order of preference, 1 is the best: by the distance of its row from the stage, then of itself from the middle';
COMMENT ON COLUMN show.seat_runs.section IS 'section, counted from 1';
COMMENT ON COLUMN show.seat_runs.row_no IS 'row of the section, counted from 1';
COMMENT ON COLUMN show.seat_runs.first_no IS 'first seat';
COMMENT ON COLUMN show.seat_runs.last_no IS 'last seat; those between are numbered without a gap';
COMMENT ON COLUMN show.seat_runs.middle IS 'its seat nearest the middle of the hall; between two that are equally near';
GRANT SELECT ON show.seat_runs TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON show.seat_runs TO boxoffice_app, boxoffice_batch;

-- Here and not with the functions, for shows that exist get theirs now. A step half as wide again as the row's usual one is
-- an aisle; steps are lengths and not differences of x, for rows may be curved. The stage is at y = 0.
CREATE FUNCTION util.layout_runs(p_sections json)
RETURNS TABLE (run_no int, section int, row_no int, first_no int, last_no int, middle real)
LANGUAGE sql IMMUTABLE AS $$
	WITH seat AS (
		SELECT s.n AS section, r.n AS row_no, (t.v ->> 'no')::int AS no, (t.v ->> 'x')::float8 AS x, (t.v ->> 'y')::float8 AS y
		FROM json_array_elements(p_sections) WITH ORDINALITY AS s (v, n),
			json_array_elements(s.v -> 'rows') WITH ORDINALITY AS r (v, n), json_array_elements(r.v -> 'seats') AS t (v)),
	placed AS (
		SELECT seat.*, x - (min(x) OVER () + max(x) OVER ()) / 2 AS off, no - lag(no) OVER w AS number_step,
			sqrt((x - lag(x) OVER w) ^ 2 + (y - lag(y) OVER w) ^ 2) AS step
		FROM seat WINDOW w AS (PARTITION BY section, row_no ORDER BY no)),
	usual AS (
		SELECT section, row_no, percentile_cont(0.5) WITHIN GROUP (ORDER BY step) AS step,
			min(sqrt(off ^ 2 + y ^ 2)) AS distance
		FROM placed GROUP BY section, row_no),
	numbered AS (
		SELECT p.*, u.distance, count(*) FILTER (WHERE p.number_step <> 1 OR p.step > 1.5 * u.step)
			OVER (PARTITION BY p.section, p.row_no ORDER BY p.no) AS part
		FROM placed AS p JOIN usual AS u USING (section, row_no)),
	nearest AS (
		SELECT numbered.*, min(abs(off)) OVER (PARTITION BY section, row_no, part) AS least FROM numbered)
	SELECT (row_number() OVER (ORDER BY min(distance), min(least), min(no)))::int, section::int, row_no::int, min(no), max(no),
		(avg(no) FILTER (WHERE abs(off) <= least + 0.001))::real
	FROM nearest GROUP BY section, row_no, part
$$;
COMMENT ON FUNCTION util.layout_runs IS 'seats side by side of a layout''s document, in order of preference';

INSERT INTO show.seat_runs
SELECT s.show_id, r.* FROM directory.layouts AS l CROSS JOIN LATERAL util.layout_runs(l.sections) AS r
JOIN show.shows AS s USING (layout_id);
