-- Consumers of the event log, each with its own cursor, and the deliveries that failed.

CREATE TABLE log.retries (
	consumer text NOT NULL,
	endpoint text NOT NULL DEFAULT '',
	entity text NOT NULL,
	event_id bigint NOT NULL,
	kind text NOT NULL,
	payload jsonb NOT NULL,
	traceparent text,
	at timestamptz NOT NULL,
	tries int NOT NULL DEFAULT 0,
	error text,
	next_at timestamptz,
	parked_at timestamptz,
	PRIMARY KEY (consumer, endpoint, entity, event_id),
	CONSTRAINT retries_due_or_parked CHECK (next_at IS NULL OR parked_at IS NULL)
);
CREATE UNIQUE INDEX retries_first_idx ON log.retries (consumer, endpoint, entity)
	WHERE next_at IS NOT NULL OR parked_at IS NOT NULL;
CREATE INDEX retries_due_idx ON log.retries (next_at) WHERE next_at IS NOT NULL;
COMMENT ON TABLE log.retries IS 'deliveries that failed and those that wait behind them; copies, so that the log''s partitions can go';
COMMENT ON COLUMN log.retries.consumer IS 'who takes the event';
COMMENT ON COLUMN log.retries.endpoint IS 'where to, for a consumer that delivers to several';
COMMENT ON COLUMN log.retries.entity IS 'whose order is kept: one fails, the others of the same consumer, endpoint and entity wait';
COMMENT ON COLUMN log.retries.event_id IS 'event; they are tried in this order';
COMMENT ON COLUMN log.retries.kind IS 'of the event';
COMMENT ON COLUMN log.retries.payload IS 'of the event; empty when the consumer does not read it';
COMMENT ON COLUMN log.retries.traceparent IS 'of the event';
COMMENT ON COLUMN log.retries.at IS 'when the event happened';
COMMENT ON COLUMN log.retries.tries IS 'how often it failed';
COMMENT ON COLUMN log.retries.error IS 'why, the last time';
COMMENT ON COLUMN log.retries.next_at IS 'when to try again; only the first of an entity has it';
COMMENT ON COLUMN log.retries.parked_at IS 'when it was given up; an operator lets it be tried anew or skips it';
GRANT SELECT ON log.retries TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON log.retries TO boxoffice_batch;

-- Those who read along with the summaries begin where they are.
INSERT INTO log.cursors (consumer, from_xmin, to_xmin, id)
SELECT name, from_xmin, to_xmin, id FROM log.cursors, unnest(ARRAY['own-orders', 'slots']) AS name WHERE consumer = 'summaries';

-- Halls of shows that were cancelled before anybody gave them back.
DELETE FROM directory.show_slots WHERE show_id IN (SELECT show_id FROM show.shows WHERE cancelled_at IS NOT NULL);
