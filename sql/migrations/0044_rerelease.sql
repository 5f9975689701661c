-- A schedule of re-release can be taken off. What rests then comes back.
ALTER TABLE show.shows ADD COLUMN rerelease_off_at timestamptz;
COMMENT ON COLUMN show.shows.rerelease_off_at IS 'when its schedule was taken off, while seats may still rest; null: none do';
DROP INDEX show.shows_rerelease_idx;
CREATE INDEX shows_rerelease_idx ON show.shows (show_id)
	WHERE (rerelease IS NOT NULL OR rerelease_off_at IS NOT NULL) AND closed_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL;

-- Everybody sees on which schedule freed seats of a show come back.
ALTER TABLE listing.shows ADD COLUMN rerelease jsonb;
COMMENT ON COLUMN listing.shows.rerelease IS 'schedule by which freed seats come back, as in show.shows; null: at once';
UPDATE listing.shows AS l SET rerelease = s.rerelease FROM show.shows AS s
WHERE s.show_id = l.show_id AND s.rerelease IS NOT NULL;
