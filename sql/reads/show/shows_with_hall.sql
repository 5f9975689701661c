-- Which of these shows are to have a hall, by number: all that there are, drafts too, but those that were cancelled.
-- $1 show_ids int[] → show_id
SELECT show_id FROM show.shows WHERE show_id = ANY ($1::int[]) AND cancelled_at IS NULL ORDER BY show_id
