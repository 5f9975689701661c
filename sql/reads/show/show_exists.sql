-- One row if the show exists.
-- $1 show_id int → show_id
SELECT show_id FROM show.shows WHERE show_id = $1::int AND published_at IS NOT NULL
