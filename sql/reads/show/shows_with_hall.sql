-- Those of the given shows that need a hall, by number: all existing shows, drafts included, except cancelled ones.
-- $1 show_ids int[] → show_id
SELECT show_id FROM show.shows WHERE show_id = ANY ($1::int[]) AND cancelled_at IS NULL ORDER BY show_id
