-- The layout of a new show. Null: the newest of the hall.
-- $1 hall_id int, $2 layout_id int or null → layout_id, capacity, is_ambiguous, grades [{code, capacity}]
SELECT l.layout_id, l.capacity, l.is_ambiguous,
	(SELECT json_agg(json_build_object('code', g.code, 'capacity', g.n) ORDER BY g.code)
		FROM (SELECT code, count(*) AS n FROM unnest(l.grades) AS code GROUP BY code) AS g) AS grades
FROM directory.layouts AS l
WHERE l.hall_id = $1::int AND ($2::int IS NULL OR l.layout_id = $2::int)
ORDER BY l.layout_id DESC LIMIT 1
