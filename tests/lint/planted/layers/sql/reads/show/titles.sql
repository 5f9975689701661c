SELECT title FROM show.shows JOIN directory.events USING (event_id)
