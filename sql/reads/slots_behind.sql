-- Shows that have a hall, by number. $1 show behind which, $2 limit → show_id
SELECT show_id FROM directory.show_slots WHERE show_id > $1::int ORDER BY show_id LIMIT $2::int
