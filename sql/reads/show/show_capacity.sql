-- The number of seats of a show, also while it is a draft.
-- $1 show_id int → capacity
SELECT capacity FROM show.shows WHERE show_id = $1::int
