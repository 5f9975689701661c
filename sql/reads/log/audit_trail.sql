-- Actions of admins and commands, newest first. Key null: from the newest.
-- $1 below_id bigint or null, $2 limit int → id, at, actor, action, object, detail, trace_id
SELECT id, util.unix(at) AS at, actor, action, object, detail, trace_id FROM log.audit_trail
WHERE ($1::bigint IS NULL OR id < $1::bigint)
ORDER BY id DESC LIMIT $2::int
