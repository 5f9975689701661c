-- Shows that have their hall at several times because a request died `age_s` seconds ago, by number.
-- $1 age_s int, $2 limit int, $3 above_show_id int → show_id
SELECT show_id FROM directory.show_slots WHERE show_id > $3::int GROUP BY show_id
HAVING count(*) > 1 AND max(taken_at) <= clock_timestamp() - make_interval(secs => $1::int)
ORDER BY show_id LIMIT $2::int
