-- Shows that have a hall, each once, by number.
-- $1 above_show_id int, $2 limit int → show_id
SELECT DISTINCT show_id FROM directory.show_slots WHERE show_id > $1::int ORDER BY show_id LIMIT $2::int
