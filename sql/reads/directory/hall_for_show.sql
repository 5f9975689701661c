-- The facts of a hall that a show copies.
-- $1 hall_id int → hall
SELECT json_build_object('id', h.hall_id, 'name', h.name, 'venue',
	json_build_object('id', v.venue_id, 'name', v.name, 'region', v.region, 'time_zone', v.time_zone)) AS hall
FROM directory.halls AS h JOIN directory.venues AS v USING (venue_id) WHERE h.hall_id = $1::int
