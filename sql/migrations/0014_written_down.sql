-- What the clock has decided of a show, once it is written down; and how far its schedule of re-release has been carried out.
ALTER TABLE show.shows ADD COLUMN opened_at timestamptz, ADD COLUMN closed_at timestamptz, ADD COLUMN ended_at timestamptz,
	ADD COLUMN rereleased_at timestamptz;
COMMENT ON COLUMN show.shows.opened_at IS 'when it was written down that sales have opened; the times above decide, this only says that the event is written';
COMMENT ON COLUMN show.shows.closed_at IS 'the same of sales that have closed';
COMMENT ON COLUMN show.shows.ended_at IS 'the same of a show whose day is over: the midnight after its end at the venue';
COMMENT ON COLUMN show.shows.rereleased_at IS 'the moment of its schedule up to which all freed seats were put back';
COMMENT ON COLUMN show.shows.rerelease IS 'schedule by which freed seats come back, null: at once. {every_s, at?}: at (Unix seconds; when sales open unless given) and every every_s seconds from then on';
COMMENT ON COLUMN show.seats.held_until IS 'a held seat is free again from then on; infinity while it is paid. Of a resting one: since when it rests';

-- The midnight after a moment. Immutable as far as the zone's rules are: a changed rule moves it by an hour.
CREATE FUNCTION util.midnight_after(p_at timestamptz, p_zone text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN timezone(p_zone, date_trunc('day', timezone(p_zone, p_at)) + interval '1 day');
COMMENT ON FUNCTION util.midnight_after IS 'the first midnight behind a moment in a time zone';

-- Only those about which something is left to write: what is due is found without reading what was.
CREATE INDEX shows_to_open_idx ON show.shows (sales_open_at)
	WHERE opened_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX shows_to_close_idx ON show.shows (sales_close_at)
	WHERE closed_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX shows_to_end_idx ON show.shows (util.midnight_after(ends_at, hall #>> '{venue,time_zone}'))
	WHERE ended_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX shows_rerelease_idx ON show.shows (show_id)
	WHERE rerelease IS NOT NULL AND closed_at IS NULL AND published_at IS NOT NULL AND cancelled_at IS NULL;
