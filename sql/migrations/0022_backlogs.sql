-- What has waited long is read in the windows that would have been read at the time: each event says where one ended.
ALTER TABLE log.event_log ADD COLUMN written_xmin xid8;
ALTER TABLE log.event_log ALTER COLUMN written_xmin SET DEFAULT pg_snapshot_xmin(pg_current_snapshot());
COMMENT ON COLUMN log.event_log.written_xmin IS 'below which all transactions had ended when it was written: a window may end there; null: not known';

-- An event is called what it is called now.
ALTER TABLE show.shows DROP COLUMN event_title;
ALTER TABLE listing.shows DROP COLUMN event_title;
