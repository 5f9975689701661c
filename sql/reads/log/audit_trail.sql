-- What admins and commands did, newest first. $1 id below which (null: from the newest), $2 limit
SELECT id, util.unix(at) AS at, actor, action, object, detail, trace_id FROM log.audit_trail
WHERE ($1::bigint IS NULL OR id < $1::bigint)
ORDER BY id DESC LIMIT $2::int
