/* Reads a configuration: the defaults first, then each entry of the file, then the rules between
 * parameters. All errors are collected, so that one run shows everything to fix. */
#include <config.h>

#include "conf/config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdarg.h>
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
#define REPORTED (-1) /* in place of a line: the parameter has been reported */
#define WORKERS_SPARE \
	12 /* slots of host memory for the mirror and for workers that replace others */

struct reader {
	struct config *config;
	struct buf *errors;
};

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

/* --- reports --- */

/* Place of the line at which a parameter was given. NULL: there is no such parameter or pool. */
static int *
line_of(const struct config *config, const char *section, const char *name)
{
	const bool of_pool = is_pool(section);
	const struct param_table table = of_pool ? param_pool_table() : param_table();
	const struct param *param = name ? param_find(table, of_pool ? NULL : section, name) : NULL;
	const size_t pool = of_pool ? find_pool(config, section + strlen(POOL_PREFIX)) : 0;

	if (!param || (of_pool && pool == config->pool_count))
		return NULL;
	return (of_pool ? config->pool_lines + pool * table.count : config->lines) +
	       (param - table.rows);
}

/* A line of the report. `line` 0: it is not known. */
static void
report(struct config *config, struct buf *errors, int line, const char *section, const char *name,
       const char *reason)
{
	const bool of_pool = is_pool(section);

	config->problems++;
	buf_puts(errors, config->path);
	if (line > 0)
		buf_printf(errors, ":%d", line);
	if (!name)
		buf_printf(errors, ": [%s]: %s\n", section, reason);
	else if (section[0] == '\0')
		buf_printf(errors, ": %s: %s\n", name, reason);
	else
		buf_printf(errors, of_pool ? ": [%s] %s: %s\n" : ": %s.%s: %s\n", section, name,
			   reason);
}

static void
report_entry(struct reader *reader, const struct inifile_entry *entry, const char *reason)
{
	int *line = entry->key ? line_of(reader->config, entry->section, entry->key) : NULL;

	report(reader->config, reader->errors, entry->line, entry->section, entry->key, reason);
	if (line)
		*line = REPORTED;
}

void
config_problem(struct config *config, struct buf *errors, const char *section, const char *name,
	       const char *format, ...)
{
	int *line = line_of(config, section, name);
	va_list args;

	if (line && *line == REPORTED)
		return;
	va_start(args, format);
	report(config, errors, line ? *line : 0, section, name,
	       arena_vprintf(config->arena, format, args));
	va_end(args);
	if (line)
		*line = REPORTED;
}

bool
config_is_given(const struct config *config, const char *section, const char *name)
{
	const int *line = line_of(config, section, name);

	return line && *line > 0;
}

/* --- entries --- */

static void
set_defaults(struct param_table table, void *target, struct arena *arena)
{
	for (size_t i = 0; i < table.count; i++) {
		const char *reason = param_set(&table.rows[i], table.rows[i].value, target, arena);

		assert(!reason); /* param.def contradicts itself */
	}
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
		report_entry(reader, entry, "expected a name of a-z, 0-9 and dashes");
		return;
	}
	if (find_pool(config, name) < config->pool_count) {
		report_entry(reader, entry, "the pool is there twice");
		return;
	}
	if (config->pool_count == CONFIG_POOLS_MAX) {
		report_entry(reader, entry, "too many pools");
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
		report_entry(reader, entry, "unknown section");
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
		report_entry(reader, entry, "before the first section");
		return;
	}
	if (of_pool ? pool == config->pool_count : !is_section(entry->section))
		return; /* reported with the section */
	param = param_find(table, of_pool ? NULL : entry->section, entry->key);
	if (!param) {
		report_entry(reader, entry, "unknown key");
		return;
	}
	line = line_of(config, entry->section, entry->key);
	if (*line != 0) {
		if (*line != REPORTED)
			report_entry(reader, entry,
				     arena_printf(config->arena, "given twice, first in line %d",
						  *line));
		return;
	}
	*line = entry->line;
	reason = param_set(param, entry->value, target, config->arena);
	if (reason)
		report_entry(reader, entry, reason);
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
check_addresses(struct reader *reader)
{
	struct config *config = reader->config;
	char *rest = arena_strdup(config->arena, config->server_trusted_addresses);
	const char *list = config->cache_servers, *wrong, *reason;
	struct address_server server;
	char address[16];
	char *word;
	size_t len;

	wrong = address_no_network(config->booking_till_networks, &len);
	if (wrong != NULL)
		config_problem(config, reader->errors, "booking", "till_networks",
			       "\"%.*s\" is no network", (int)len, wrong);
	while ((word = strsep(&rest, " \t"))) {
		if (word[0] != '\0' && inet_pton(AF_INET, word, address) != 1 &&
		    inet_pton(AF_INET6, word, address) != 1)
			config_problem(config, reader->errors, "server", "trusted_addresses",
				       "\"%s\" is no address", word);
	}
	for (; *(list += strspn(list, " \t")) != '\0'; list += len) {
		len = strcspn(list, " \t");
		reason = address_server(list, len, &server);
		if (reason)
			config_problem(config, reader->errors, "cache", "servers", "\"%.*s\": %s",
				       (int)len, list, reason);
	}
}

static void
check_texts(struct reader *reader)
{
	struct config *config = reader->config;
	enum log_level level;

	if (!log_level_by_name(config->log_level, &level))
		config_problem(config, reader->errors, "log", "level",
			       "expected debug, info, warn or error");
	if (strcmp(config->log_address, "whole") != 0 && strcmp(config->log_address, "cut") != 0 &&
	    strcmp(config->log_address, "hashed") != 0 && strcmp(config->log_address, "none") != 0)
		config_problem(config, reader->errors, "log", "address",
			       "expected whole, cut, hashed or none");
	if (strspn(config->cache_prefix, "abcdefghijklmnopqrstuvwxyz0123456789_-") <
	    strlen(config->cache_prefix))
		config_problem(config, reader->errors, "cache", "prefix",
			       "expected a-z, 0-9, underscores and dashes");
	check_addresses(reader);
}

static void
check_pools(struct reader *reader)
{
	struct config *config = reader->config;
	struct sockaddr_un address;
	int64_t workers = 0;

	for (size_t i = 0; i < config->pool_count; i++) {
		const struct config_pool *pool = &config->pools[i];
		const char *section = arena_printf(config->arena, POOL_PREFIX "%s", pool->name);

		workers += pool->workers;
		if (strlen(pool->socket) >= sizeof(address.sun_path))
			config_problem(config, reader->errors, section, "socket",
				       "longer than the %zu bytes that the system allows",
				       sizeof(address.sun_path) - 1);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(config->pools[j].socket, pool->socket) == 0)
				config_problem(config, reader->errors, section, "socket",
					       "the same as of [pool %s]", config->pools[j].name);
		}
	}
	if (workers > HOSTMEM_WORKERS_MAX - WORKERS_SPARE)
		config_problem(config, reader->errors, "", "workers",
			       "%d in all pools are too many, at most %d", (int)workers,
			       HOSTMEM_WORKERS_MAX - WORKERS_SPARE);
}

/* Checks the rules between parameters. */
static void
check_sums(struct reader *reader)
{
	struct config *config = reader->config;
	const struct {
		bool is_wrong;
		const char *section, *name, *reason;
	} rules[] = {
		{config->server_stuck_after_ms <= config->server_request_deadline_ms, "server",
		 "stuck_after_ms", "must be above request_deadline_ms"},
		{config->database_statement_timeout_ms >= config->server_request_deadline_ms,
		 "database", "statement_timeout_ms", "must be below server.request_deadline_ms"},
		{config->database_lock_timeout_ms >= config->database_statement_timeout_ms,
		 "database", "lock_timeout_ms", "must be below statement_timeout_ms"},
		{config->database_connect_timeout_ms >= config->server_request_deadline_ms,
		 "database", "connect_timeout_ms", "must be below server.request_deadline_ms"},
		{config->auth_refresh_ttl_s <= config->auth_access_ttl_s, "auth", "refresh_ttl_s",
		 "must be above access_ttl_s"},
		{config->server_test_routes != config_has_test_routes(config), "server",
		 "test_routes", "this build has no routes for tests"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].is_wrong)
			config_problem(config, reader->errors, rules[i].section, rules[i].name,
				       "%s", rules[i].reason);
	}
}

static enum err
read_into(struct config *config, struct buf *errors)
{
	struct reader reader = {.config = config, .errors = errors};
	struct inifile_entry *entries;
	enum err err;
	char *text;

	config->lines = arena_calloc(config->arena, param_table().count, sizeof(int));
	config->pool_lines = arena_calloc(config->arena,
					  CONFIG_POOLS_MAX * param_pool_table().count, sizeof(int));
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
	return ERR_OK;
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

const char *
config_waiting(const struct config *before, const struct config *after, struct arena *arena)
{
	const struct param_table table = param_table();
	const char *list = "";

	for (size_t i = 0; i < table.count; i++) {
		const struct param *row = &table.rows[i];

		if (row->taken == PARAM_START && (row->readers & BY_SERVER) != 0 &&
		    strcmp(param_get(row, before, arena), param_get(row, after, arena)) != 0)
			list = arena_printf(arena, "%s%s%s.%s", list, list[0] ? ", " : "",
					    row->section, row->name);
	}
	return list;
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
