-- The few shows that are not published yet: batches look for those whose request died.
CREATE INDEX shows_drafts_idx ON show.shows (created_at) WHERE published_at IS NULL;
