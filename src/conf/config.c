/* Reads a configuration: the defaults first, then each entry of the file, then the rules between
 * parameters. All errors are collected, so that one run shows everything to fix. */
#include <config.h>

#include "conf/config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "conf/inifile.h"
#include "conf/param.h"
#include "host/hostmem.h"

#define CONFIG_MEMORY ((size_t)32 << 20)
#define POOL_PREFIX "pool "
#define POOL_NAME_MAX 24
#define WORKERS_SPARE \
	12 /* slots of host memory for the mirror and for workers that replace others */

struct reader {
	struct config *config;
	struct buf *errors;
	bool has_error;
	int *lines;      /* line at which each row of param_table() was given; 0: not yet */
	int *pool_lines; /* the same by pool and row of param_pool_table() */
};

static void
report(struct reader *reader, const struct inifile_entry *entry, const char *reason)
{
	reader->has_error = true;
	if (!entry)
		buf_printf(reader->errors, "%s: %s\n", reader->config->path, reason);
	else if (!entry->key)
		buf_printf(reader->errors, "%s:%d: [%s]: %s\n", reader->config->path, entry->line,
			   entry->section, reason);
	else
		buf_printf(reader->errors, "%s:%d: %s: %s\n", reader->config->path, entry->line,
			   entry->key, reason);
}

static void
set_defaults(struct param_table table, void *target, struct arena *arena)
{
	for (size_t i = 0; i < table.count; i++) {
		const char *reason = param_set(&table.rows[i], table.rows[i].value, target, arena);

		assert(!reason); /* param.def contradicts itself */
	}
}

static bool
is_pool(const char *section)
{
	return strncmp(section, POOL_PREFIX, strlen(POOL_PREFIX)) == 0;
}

static bool
is_section(const char *section)
{
	struct param_table table = param_table();

	for (size_t i = 0; i < table.count; i++) {
		if (strcmp(table.rows[i].section, section) == 0)
			return true;
	}
	return false;
}

/* Position of the pool; pool_count when there is none. */
static size_t
find_pool(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->pool_count; i++) {
		if (strcmp(config->pools[i].name, name) == 0)
			break;
	}
	return i;
}

static void
open_pool(struct reader *reader, const struct inifile_entry *entry)
{
	struct config *config = reader->config;
	const char *name = entry->section + strlen(POOL_PREFIX);
	size_t len = strlen(name);
	struct config_pool *pool;

	if (len == 0 || len > POOL_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") < len) {
		report(reader, entry, "expected a name of a-z, 0-9 and dashes");
		return;
	}
	if (find_pool(config, name) < config->pool_count) {
		report(reader, entry, "the pool is there twice");
		return;
	}
	if (config->pool_count == CONFIG_POOLS_MAX) {
		report(reader, entry, "too many pools");
		return;
	}
	pool = &config->pools[config->pool_count++];
	pool->name = name;
	set_defaults(param_pool_table(), pool, config->arena);
}

static void
open_section(struct reader *reader, const struct inifile_entry *entry)
{
	if (is_pool(entry->section))
		open_pool(reader, entry);
	else if (!is_section(entry->section))
		report(reader, entry, "unknown section");
}

static void
take_value(struct reader *reader, const struct inifile_entry *entry)
{
	struct config *config = reader->config;
	bool of_pool = is_pool(entry->section);
	struct param_table table = of_pool ? param_pool_table() : param_table();
	size_t pool = of_pool ? find_pool(config, entry->section + strlen(POOL_PREFIX)) : 0;
	void *target = of_pool ? (void *)&config->pools[pool] : (void *)config;
	const struct param *param;
	const char *reason;
	int *line;

	if (entry->section[0] == '\0') {
		report(reader, entry, "before the first section");
		return;
	}
	if (of_pool ? pool == config->pool_count : !is_section(entry->section))
		return; /* reported with the section */
	param = param_find(table, of_pool ? NULL : entry->section, entry->key);
	if (!param) {
		report(reader, entry, "unknown key");
		return;
	}
	line = (of_pool ? reader->pool_lines + pool * table.count : reader->lines) +
	       (param - table.rows);
	if (*line != 0) {
		report(reader, entry,
		       arena_printf(config->arena, "given twice, first in line %d", *line));
		return;
	}
	*line = entry->line;
	reason = param_set(param, entry->value, target, config->arena);
	if (reason)
		report(reader, entry, reason);
}

/* Replaces empty values with the values that they stand for. */
static void
fill_in(struct config *config)
{
	if (config->paths_sql_dir[0] == '\0')
		config->paths_sql_dir = BOXOFFICE_SQL_DIR;
	for (size_t i = 0; i < config->pool_count; i++) {
		struct config_pool *pool = &config->pools[i];

		if (pool->socket[0] == '\0')
			pool->socket = arena_printf(config->arena, "%s/%s.sock",
						    config->server_run_dir, pool->name);
	}
}

static void
check_texts(struct reader *reader)
{
	struct config *config = reader->config;
	char *rest = arena_strdup(config->arena, config->server_trusted_addresses);
	enum log_level level;
	const char *wrong;
	char address[16];
	char *word;
	size_t len;

	if (!log_level_by_name(config->log_level, &level))
		report(reader, NULL, "log level: expected debug, info, warn or error");
	if (strcmp(config->log_address, "whole") != 0 && strcmp(config->log_address, "cut") != 0 &&
	    strcmp(config->log_address, "hashed") != 0 && strcmp(config->log_address, "none") != 0)
		report(reader, NULL, "log address: expected whole, cut, hashed or none");
	if (strspn(config->cache_prefix, "abcdefghijklmnopqrstuvwxyz0123456789_-") <
	    strlen(config->cache_prefix))
		report(reader, NULL, "cache prefix: expected a-z, 0-9, underscores and dashes");
	wrong = address_no_network(config->booking_till_networks, &len);
	if (wrong != NULL)
		report(reader, NULL,
		       arena_printf(config->arena, "booking till_networks: \"%.*s\" is no network",
				    (int)len, wrong));
	while ((word = strsep(&rest, " \t"))) {
		if (word[0] != '\0' && inet_pton(AF_INET, word, address) != 1 &&
		    inet_pton(AF_INET6, word, address) != 1)
			report(reader, NULL,
			       arena_printf(config->arena,
					    "server trusted_addresses: \"%s\" is no address",
					    word));
	}
}

static void
check_pools(struct reader *reader)
{
	struct config *config = reader->config;
	struct sockaddr_un address;
	int64_t workers = 0;

	for (size_t i = 0; i < config->pool_count; i++) {
		const struct config_pool *pool = &config->pools[i];

		workers += pool->workers;
		if (strlen(pool->socket) >= sizeof(address.sun_path))
			report(reader, NULL,
			       arena_printf(config->arena,
					    "[pool %s] socket: longer than the %zu bytes that "
					    "the system allows",
					    pool->name, sizeof(address.sun_path) - 1));
		for (size_t j = 0; j < i; j++) {
			if (strcmp(config->pools[j].socket, pool->socket) == 0)
				report(reader, NULL,
				       arena_printf(config->arena,
						    "[pool %s] socket: the same as of [pool %s]",
						    pool->name, config->pools[j].name));
		}
	}
	if (workers > HOSTMEM_WORKERS_MAX - WORKERS_SPARE)
		report(reader, NULL,
		       arena_printf(config->arena,
				    "workers: %d in all pools are too many, at most %d",
				    (int)workers, HOSTMEM_WORKERS_MAX - WORKERS_SPARE));
}

/* Checks the rules between parameters. */
static void
check_sums(struct reader *reader)
{
	const struct config *config = reader->config;
	const struct {
		bool is_wrong;
		const char *reason;
	} rules[] = {
		{config->server_stuck_after_ms <= config->server_request_deadline_ms,
		 "server stuck_after_ms: must be above request_deadline_ms"},
		{config->database_statement_timeout_ms >= config->server_request_deadline_ms,
		 "database statement_timeout_ms: must be below server request_deadline_ms"},
		{config->database_lock_timeout_ms >= config->database_statement_timeout_ms,
		 "database lock_timeout_ms: must be below statement_timeout_ms"},
		{config->database_connect_timeout_ms >= config->server_request_deadline_ms,
		 "database connect_timeout_ms: must be below server request_deadline_ms"},
		{config->auth_refresh_ttl_s <= config->auth_access_ttl_s,
		 "auth refresh_ttl_s: must be above access_ttl_s"},
		{config->server_test_routes != config_has_test_routes(config),
		 "server test_routes: this build has no routes for tests"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].is_wrong)
			report(reader, NULL, rules[i].reason);
	}
}

static enum err
read_into(struct config *config, struct buf *errors)
{
	size_t pool_lines = CONFIG_POOLS_MAX * param_pool_table().count;
	struct reader reader = {
		.config = config,
		.errors = errors,
		.lines = arena_calloc(config->arena, param_table().count, sizeof(int)),
		.pool_lines = arena_calloc(config->arena, pool_lines, sizeof(int)),
	};
	struct inifile_entry *entries;
	enum err err;
	char *text;

	err = inifile_load(config->path, config->arena, errors, NULL, &text);
	if (err == ERR_OK)
		err = inifile_parse(config->path, text, config->arena, errors, &entries);
	if (err != ERR_OK)
		return err;
	set_defaults(param_table(), config, config->arena);
	for (const struct inifile_entry *entry = entries; entry; entry = entry->next) {
		if (entry->key)
			take_value(&reader, entry);
		else
			open_section(&reader, entry);
	}
	fill_in(config);
	check_texts(&reader);
	check_pools(&reader);
	check_sums(&reader);
	return reader.has_error ? ERR_INVALID : ERR_OK;
}

enum err
config_read(const char *path, struct buf *errors, struct config **config_r)
{
	struct arena *arena = arena_new(CONFIG_MEMORY);
	struct config *config = arena_alloc(arena, sizeof(*config));
	enum err err;

	config->arena = arena;
	config->path = arena_strdup(arena, path);
	err = read_into(config, errors);
	if (err != ERR_OK) {
		arena_free_wiped(arena);
		return err;
	}
	*config_r = config;
	return ERR_OK;
}

void
config_free(struct config *config)
{
	if (config)
		arena_free_wiped(config->arena); /* a DSN may hold a password */
}

const char *
config_path(const char *option)
{
	const char *value = option ? option : getenv("BOXOFFICE_CONF");

	return value && value[0] != '\0' ? value : BOXOFFICE_CONF;
}
