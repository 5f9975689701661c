-- The event log and its readers, and the audit trail. Both are append only for every role but the owner.
CREATE SEQUENCE log.event_ids CACHE 1;

CREATE TABLE log.event_log (
	id bigint NOT NULL DEFAULT nextval('log.event_ids'),
	tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
	home text NOT NULL,
	entity text NOT NULL,
	kind text NOT NULL,
	payload jsonb NOT NULL,
	traceparent text,
	at timestamptz NOT NULL DEFAULT clock_timestamp()
) PARTITION BY RANGE (at);
CREATE INDEX event_log_window_idx ON log.event_log (tx, id);
COMMENT ON TABLE log.event_log IS 'every change, written in its transaction; read in windows of transactions, ordered by id inside each';
COMMENT ON COLUMN log.event_log.id IS 'drawn under the lock of what changed: orders the events of an entity';
COMMENT ON COLUMN log.event_log.tx IS 'transaction that wrote it; final once below the oldest running one';
COMMENT ON COLUMN log.event_log.home IS 'directory, account or show';
COMMENT ON COLUMN log.event_log.entity IS 'key in that home: show number or user id';
COMMENT ON COLUMN log.event_log.kind IS 'what happened: hold.taken, order.paid, …';
COMMENT ON COLUMN log.event_log.payload IS 'facts; seats as [{no, state, v}], order as its document';
COMMENT ON COLUMN log.event_log.traceparent IS 'of the request that caused it';
COMMENT ON COLUMN log.event_log.at IS 'when; the day decides the partition';

CREATE TABLE log.cursors (
	consumer text PRIMARY KEY,
	from_xmin xid8 NOT NULL,
	to_xmin xid8 NOT NULL,
	id bigint NOT NULL DEFAULT 0,
	updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE log.cursors IS 'how far each consumer has read';
COMMENT ON COLUMN log.cursors.consumer IS 'its name';
COMMENT ON COLUMN log.cursors.from_xmin IS 'first transaction of the window being read';
COMMENT ON COLUMN log.cursors.to_xmin IS 'first transaction behind the window';
COMMENT ON COLUMN log.cursors.id IS 'last event handled inside the window';
COMMENT ON COLUMN log.cursors.updated_at IS 'when it last moved';

CREATE TABLE log.audit_trail (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	actor text NOT NULL,
	action text NOT NULL,
	object text NOT NULL,
	detail jsonb NOT NULL DEFAULT '{}',
	at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE log.audit_trail IS 'what staff and operators did';
COMMENT ON COLUMN log.audit_trail.id IS 'in the order of writing';
COMMENT ON COLUMN log.audit_trail.actor IS 'user id, or the system account that ran a command';
COMMENT ON COLUMN log.audit_trail.action IS 'what: venue.create, token.make, …';
COMMENT ON COLUMN log.audit_trail.object IS 'to what';
COMMENT ON COLUMN log.audit_trail.detail IS 'facts; no secret, no personal data';
COMMENT ON COLUMN log.audit_trail.at IS 'when';

GRANT SELECT ON ALL TABLES IN SCHEMA log TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON log.event_log, log.audit_trail TO boxoffice_app, boxoffice_batch;
GRANT INSERT, UPDATE ON log.cursors TO boxoffice_batch;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA log TO boxoffice_app, boxoffice_batch;

INSERT INTO log.cursors (consumer, from_xmin, to_xmin)
SELECT 'summaries', x, x FROM pg_snapshot_xmin(pg_current_snapshot()) AS x;
