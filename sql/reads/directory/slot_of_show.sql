-- One row if the show has its hall.
-- $1 show_id int → show_id
SELECT show_id FROM directory.show_slots WHERE show_id = $1::int
