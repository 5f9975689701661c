/* The context: the connections of one process and the members of the request in hand. */
#include "config.h"

#include "core/core.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cache/cache.h"
#include "call/ops.h"
#include "conf/config.h"
#include "core/ready.h"
#include "crypt/crypt.h"
#include "db/db.h"

static struct db *
connection(const struct config *config, const char *dsn, const struct core_access *access)
{
	struct db_options options = {
		.dsn = dsn,
		.application = access->application,
		.connect_timeout_ms = config->database_connect_timeout_ms,
		.statement_timeout_ms = config->database_statement_timeout_ms,
		.lock_timeout_ms = config->database_lock_timeout_ms,
		.retries = access->is_tried_once ? 0 : config->database_retries,
		.schema_version = access->is_any_schema ? 0 : READY_SCHEMA_VERSION,
	};

	if (access->lock_timeout_ms > 0)
		options.lock_timeout_ms = access->lock_timeout_ms;
	if (access->statement_timeout_ms > 0) {
		options.statement_timeout_ms = access->statement_timeout_ms;
		if (options.connect_timeout_ms > access->statement_timeout_ms)
			options.connect_timeout_ms = access->statement_timeout_ms;
	}
	return db_new(&options);
}

static struct cache_options
cache_options(const struct config *config)
{
	return (struct cache_options){
		.servers = config->cache_servers,
		.prefix = config->cache_prefix,
		.timeout_ms = config->cache_timeout_ms,
		.retry_after_ms = config->cache_retry_after_ms,
	};
}

const char *
core_cache_trouble(const struct core *core)
{
	const struct cache_options cache = cache_options(core->config);

	return cache_trouble(&cache, core->arena);
}

void
core_init(struct core *core, const struct config *config, const struct secrets *secrets,
	  const struct core_access *access)
{
	const struct cache_options cache = cache_options(config);

	memset(core, 0, sizeof(*core));
	core->config = config;
	core->secrets = secrets;
	core->db = connection(config, access->dsn, access);
	core->read_db = core->db;
	if (access->read_dsn != NULL && access->read_dsn[0] != '\0')
		core->read_db = connection(config, access->read_dsn, access);
	core->cache = cache_new(&cache);
}

struct core
core_aside(const struct core *core, struct failure *aside)
{
	struct core copy = *core;

	failure_init(aside, core->arena);
	copy.failure = aside;
	return copy;
}

enum err
core_connect(struct core *core)
{
	return db_connect(core->db, core->failure);
}

bool
core_is_connected(const struct core *core)
{
	return db_is_connected(core->db);
}

bool
core_is_database_missing(const struct core *core)
{
	return strcmp(db_refusal(core->db), "3D000") == 0; /* invalid_catalog_name */
}

bool
core_is_schema_older(const struct core *core)
{
	return db_is_schema_older(core->db);
}

void
core_fini(struct core *core)
{
	cache_free(core->cache);
	if (core->read_db != core->db)
		db_free(core->read_db);
	db_free(core->db);
}

enum err
core_now_us(struct core *core, int64_t *now_us_r)
{
	const struct db_rows *rows;
	enum err err = read_ops_now(core, core->db, &rows);

	if (err == ERR_OK)
		*now_us_r = db_i64(rows, 0, "db_us");
	return err;
}

enum err
core_lock(struct core *core, const char *name, bool *is_taken_r)
{
	const struct db_rows *rows;
	enum err err = read_ops_session_lock(core, core->db, name, &rows);

	if (err == ERR_OK)
		*is_taken_r = db_bool(rows, 0, "is_taken");
	return err;
}

uint32_t
core_session(const struct core *core)
{
	return db_session(core->db);
}

void
core_begin(struct core *core, struct arena *arena, struct failure *failure, const char *traceparent,
	   int64_t deadline_ms)
{
	core->arena = arena;
	core->failure = failure;
	core->traceparent = traceparent;
	core->is_till = false;
	db_set_deadline(core->db, deadline_ms);
	db_stat_reset(core->db);
	if (core->read_db != core->db) {
		db_set_deadline(core->read_db, deadline_ms);
		db_stat_reset(core->read_db);
	}
}

void
core_trace(struct core *core)
{
	char trace[33], span[17];
	uint8_t random[24];

	text_random(random, sizeof(random));
	text_hex(random, 16, trace);
	text_hex(random + 16, 8, span);
	core->traceparent = arena_printf(core->arena, "00-%s-%s-01", trace, span);
}

/* The hash needs no secret: the user is part of it, and only a token names him. Neither a path nor
 * a key contains a space. */
void
core_key_name(struct core_key *key, struct arena *arena)
{
	uint8_t hash[CRYPT_HASH_SIZE];
	char user[UUID_TEXT_SIZE] = "";
	const char *path = "", *text;

	if (key->key == NULL) {
		uuid_new(&key->request_id);
		return;
	}
	/* guard: user */
	uuid_format(&key->user_id, user);
	/* guard: path */
	path = key->path;
	text = arena_printf(arena, "request %s %s %s", user, path, key->key);
	crypt_hash(text, strlen(text), hash);
	uuid_of_hash(hash, &key->request_id);
}

void
core_stat(const struct core *core, uint32_t *calls_r, int64_t *us_r)
{
	struct db_stat stat = db_stat(core->db);

	*calls_r = stat.calls;
	*us_r = stat.us;
	if (core->read_db != core->db) {
		stat = db_stat(core->read_db);
		*calls_r += stat.calls;
		*us_r += stat.us;
	}
}
