-- The plan of a show for the best seats. Null: a show that is older than the plans has none yet.
-- $1 show_id int → layout_id, plan
SELECT s.layout_id, p.plan FROM show.shows AS s LEFT JOIN show.plans AS p ON p.show_id = s.show_id WHERE s.show_id = $1::int
