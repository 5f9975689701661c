-- A trace may span many requests, so the trail tells one from another by its span: a request leaves one row for what it did
-- to an object, however often it was asked again because an answer was lost.

ALTER TABLE log.audit_trail ADD COLUMN span_id text;
COMMENT ON COLUMN log.audit_trail.span_id IS 'of the request inside its trace, made by the program; null for commands, and before it was kept';
CREATE UNIQUE INDEX audit_trail_request_idx ON log.audit_trail (trace_id, span_id, action, object) WHERE trace_id IS NOT NULL;
DROP INDEX log.audit_trail_trace_idx;

-- A draft is not in the trail before it is published, by its request or by whoever finds it.
ALTER TABLE show.shows ADD COLUMN created_by uuid, ADD COLUMN created_trace text;
COMMENT ON COLUMN show.shows.created_by IS 'user id of the admin who entered it; null: nobody by a request';
COMMENT ON COLUMN show.shows.created_trace IS 'W3C traceparent of his request';

-- Made anew behind the migrations, with other arguments.
DROP FUNCTION IF EXISTS log.audit_add(text, text, text, jsonb);
DROP FUNCTION IF EXISTS log.audit_write(uuid, text, text, jsonb, text, bool);
