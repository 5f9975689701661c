-- Which of these shows there are, drafts too, by number. $1 shows → show_id
SELECT show_id FROM show.shows WHERE show_id = ANY ($1::int[]) ORDER BY show_id
