/*
 * Configuration: one INI file and one typed table (param.def). It is read once before the fork and
 * again on SIGHUP. A file with an error is refused as a whole, and the old values stay.
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fail.h"

struct arena;
struct buf;

#define CONFIG_POOLS_MAX 16
#define CONFIG_TYPE_INT int64_t
#define CONFIG_TYPE_BOOL bool
#define CONFIG_TYPE_TEXT const char *
#define CONFIG_TYPE_PATH const char *
#define CONFIG_TYPE_DSN const char *

struct config_pool {
	const char *name; /* [pool NAME]: a–z, 0–9, dash */
#define PARAM(section, name, type, min, max, value, unit, by, taken, why)
#define PARAM_POOL(name, type, min, max, value, unit, by, taken, why) CONFIG_TYPE_##type name;
#include "conf/param.def"
#undef PARAM
};

/* One member per row of param.def, named section_name. Strings live as long as the config. */
struct config {
	struct arena *arena;
	const char *path; /* of the file that was read */
#define PARAM(section, name, type, min, max, value, unit, by, taken, why) \
	CONFIG_TYPE_##type section##_##name;
#include "conf/param.def"
#undef PARAM
	struct config_pool pools[CONFIG_POOLS_MAX];
	size_t pool_count;
	/* for the reports of config_problem() */
	int *lines;      /* at which each row of param_table() was given; 0: not in the file */
	int *pool_lines; /* the same by pool and row of param_pool_table() */
	size_t problems; /* reported so far */
};

/* Are the routes for tests served? A build without them never serves them, whatever the
 * configuration says. */
static inline bool
config_has_test_routes(const struct config *config)
{
#ifdef ENABLE_TEST_ROUTES
	return config->server_test_routes;
#else
	(void)config;
	return false;
#endif
}

/*
 * Reads `path` and judges each value by itself and with the others. Every problem is a line of
 * `errors` ("file:line: section.parameter: reason"): unknown sections and keys, duplicates, wrong
 * types, values out of range, and combinations that make no sense (stuck_after_ms ≤
 * request_deadline_ms). A wrong value leaves the default in its place, so that run/judge.h can go on
 * and tell every problem at once: only when `problems` is 0 may the configuration be used.
 *
 * Returns ERR_INVALID, and no configuration, when the file cannot be read or is no INI file.
 *
 * An empty pool socket and an empty paths_sql_dir are replaced with the values that they stand for.
 * An empty database_read_dsn stays empty.
 */
MUST_USE enum err
config_read(const char *path, struct buf *errors, struct config **config_r);

/* Reports a problem of a parameter, once: a parameter that was reported already is not reported
 * again. The section of a pool is "pool NAME". A `name` of NULL reports the section. */
void __attribute__((format(printf, 5, 6)))
config_problem(struct config *config, struct buf *errors, const char *section, const char *name,
	       const char *format, ...);

/* Is the parameter in the file, and has no problem of it been reported? */
bool
config_is_given(const struct config *config, const char *section, const char *name);

/* The parameters of boxofficed that differ and take effect with its next start alone, as
 * "section.name, section.name"; "" when there are none. */
const char *
config_waiting(const struct config *before, const struct config *after, struct arena *arena);

void
config_free(struct config *config);

/* `--config FILE` if given, else $BOXOFFICE_CONF, else the installed default. */
const char *
config_path(const char *option);

/* Prints the whole configuration as an INI text, with units, ranges and reasons as comments.
 * Passwords in a DSN appear as ***. A `config` of NULL prints the defaults: the example file to
 * start from. */
void
config_show(const struct config *config, struct buf *out);

/* Secrets, read from auth_secrets_file. The file is refused when others may read it. In [token]
 * each key id has 64 hex digits, and `current` names the key that signs. [ticket] has the same form
 * with Ed25519 seeds. */
#define CONFIG_KEYS_MAX 8
#define CONFIG_KEY_ID_MAX 32
#define CONFIG_KEY_ID_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"
struct config_key {
	const char *id;
	uint8_t bytes[32];
};
struct secrets {
	struct config_key token_keys[CONFIG_KEYS_MAX];
	size_t token_key_count;
	size_t token_current; /* index of the key that signs */
	struct config_key ticket_keys[CONFIG_KEYS_MAX];
	size_t ticket_key_count;
	size_t ticket_current;
};

/* Fills `secrets_r`, static storage of the caller. Wipe it with secrets_wipe(). Only the account
 * that reads the file, root, or `owner` may own it: whoever owns it can give it to others. */
MUST_USE enum err
secrets_read(const char *path, uid_t owner, struct buf *errors, struct secrets *secrets_r);

void
secrets_wipe(struct secrets *secrets);

/* Writes a new secrets file, mode 0640, with fresh keys. Refuses to overwrite a file. */
MUST_USE enum err
secrets_create(const char *path, struct buf *errors);

#endif
