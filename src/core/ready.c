#include "config.h"

#include "core/ready.h"

#include "base/log.h"
#include "call/ops.h"
#include "core/core.h"
#include "db/db.h"
#include "json/jout.h"

/* What everybody may know; the log has more. */
static const char *
public_reason(const struct core *core)
{
	if (db_is_refused(core->db))
		return "the database does not let this service in";
	if (db_is_schema_older(core->db))
		return "the schema of the database is older than this service";
	return "the database does not answer";
}

enum err
ready_check(struct core *core, struct buf *body)
{
	struct core aside = *core;
	const struct db_rows *rows;
	int64_t version, partitions;
	struct failure failure;
	struct jout out;

	/* A failure of the database, whatever its kind, means "not ready" and never 500. */
	failure_init(&failure, core->arena);
	aside.failure = &failure;
	if (read_ops_ready(&aside, core->db, &rows) != ERR_OK) {
		enum err err =
			fail_log(core->failure, CODE_UNAVAILABLE, "%s", failure_reason(&failure));

		core->failure->detail = public_reason(core);
		return err;
	}
	version = db_i64(rows, 0, "schema_version");
	partitions = db_i64(rows, 0, "partitions_ahead");
	/* guard: older schema */
	if (version < READY_SCHEMA_VERSION)
		return fail_log(core->failure, CODE_UNAVAILABLE,
				"the schema is at %lld and must be at %d: boxofficectl db migrate",
				(long long)version, READY_SCHEMA_VERSION);
	if (partitions < READY_DAYS_LEAST)
		log_warn("the event log has partitions for %lld days ahead only",
			 (long long)partitions);
	jout_init(&out, body);
	jout_object(&out);
	jout_key_text(&out, "status", "ready");
	jout_key_i64(&out, "schema_version", version);
	jout_key_i64(&out, "partitions_ahead", partitions);
	jout_end(&out);
	return ERR_OK;
}

enum err
ready_days_ahead(struct core *core, int64_t *days_r)
{
	const struct db_rows *rows;
	enum err err = read_ops_ready(core, core->db, &rows);

	if (err == ERR_OK)
		*days_r = db_i64(rows, 0, "partitions_ahead");
	return err;
}
