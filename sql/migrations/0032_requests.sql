-- What staff enter is entered once for each request: a lost answer, or an Idempotency-Key that comes again, finds it.

CREATE TABLE directory.requests (
	request_id uuid PRIMARY KEY,
	fingerprint bytea NOT NULL,
	result json,
	show_id int,
	trace text,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX requests_created_idx ON directory.requests (created_at);
COMMENT ON TABLE directory.requests IS 'answers to requests that enter something, kept for a day';
COMMENT ON COLUMN directory.requests.request_id IS 'made by the program, of the Idempotency-Key or at random';
COMMENT ON COLUMN directory.requests.fingerprint IS 'hash of the body';
COMMENT ON COLUMN directory.requests.result IS 'what was answered; null: it is still entering a show, or died';
COMMENT ON COLUMN directory.requests.show_id IS 'the number drawn for the show that it enters; null: it enters something else';
COMMENT ON COLUMN directory.requests.trace IS 'W3C traceparent of the request that enters the show';
COMMENT ON COLUMN directory.requests.created_at IS 'when it came';
GRANT SELECT ON directory.requests TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON directory.requests TO boxoffice_app;
-- UPDATE only for the locks of rows.
GRANT UPDATE, DELETE ON directory.requests TO boxoffice_batch;

-- These take the request as well from now on.
DROP FUNCTION IF EXISTS directory.venue_create(uuid, text, text, text, text, text);
DROP FUNCTION IF EXISTS directory.hall_create(uuid, int, text, text);
DROP FUNCTION IF EXISTS directory.layout_create(uuid, int, text, text[], text[], text);
DROP FUNCTION IF EXISTS directory.event_create(uuid, text, text, text, int, text, text);

-- A command has a trace of its own: its row in the trail tells that it was done when it is asked again.
DROP FUNCTION IF EXISTS account.user_change_by_staff(uuid, text, text, int, text);
DROP FUNCTION IF EXISTS log.retry_anew(text, text, text);
DROP FUNCTION IF EXISTS log.retry_skip(text, text, text);
DROP FUNCTION IF EXISTS log.cursors_rebase(text);
DROP FUNCTION IF EXISTS show.settle_tried(int, uuid, text);
COMMENT ON COLUMN log.audit_trail.trace_id IS 'of the request, as its answer and the logs name it, or of the command';
COMMENT ON COLUMN log.audit_trail.span_id IS 'of the request or command inside its trace, made by the program; null before it was kept';
