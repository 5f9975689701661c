-- Which grades a run has seats of: the search for one grade passes by the runs without.
ALTER TABLE show.seat_runs ADD COLUMN grades text[];
COMMENT ON COLUMN show.seat_runs.grades IS 'grades of its seats; null until the show is published';

CREATE FUNCTION show.runs_grade(p_show_ids int[]) RETURNS void
LANGUAGE sql AS $$
	UPDATE show.seat_runs AS r SET grades = ARRAY(SELECT DISTINCT grade FROM show.seat_places AS p
		WHERE p.show_id = r.show_id AND p.seat_no BETWEEN r.first_no AND r.last_no ORDER BY grade)
	WHERE show_id = ANY (p_show_ids)
$$;
COMMENT ON FUNCTION show.runs_grade IS 'notes the grades of the runs of shows whose seats are all there';

DO $$ BEGIN PERFORM show.runs_grade(ARRAY(SELECT show_id FROM show.shows WHERE published_at IS NOT NULL)); END $$;
