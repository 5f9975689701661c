/* The table of parameters (param.def) as rows, for code that reads or shows a configuration. */
#ifndef CONF_PARAM_H
#define CONF_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum param_type { PARAM_INT, PARAM_BOOL, PARAM_TEXT, PARAM_PATH, PARAM_DSN };

/* The programs that read a parameter. */
enum param_reader { BY_SERVER = 1, BY_RELAY = 2, BY_JOBS = 4, BY_CTL = 8 };

/* When a new value takes effect: at a reload of boxofficed, or at the start of a reader alone. */
enum param_taken { PARAM_RELOAD, PARAM_START };

struct param {
	const char *section; /* NULL: in each [pool NAME] */
	const char *name;
	enum param_type type;
	int64_t min, max;  /* of INT; for TEXT, `max` is in characters */
	const char *value; /* the default, as text */
	const char *unit;  /* of INT, or "" */
	unsigned readers;  /* of enum param_reader */
	enum param_taken taken;
	const char *why; /* its purpose, and the reason for its default */
	size_t offset;   /* of the member in struct config or struct config_pool */
};

struct param_table {
	const struct param *rows;
	size_t count;
};

/* All parameters except those of pools. */
struct param_table
param_table(void);

/* The keys of one pool. */
struct param_table
param_pool_table(void);

/* Row of (section, name), or of a pool when `section` is NULL. NULL when there is none. */
const struct param *
param_find(struct param_table table, const char *section, const char *name);

/* Reads `text` into the member of `target` and copies texts to the arena. Returns NULL, or the
 * reason why the text does not fit. */
const char *
param_set(const struct param *param, const char *text, void *target, struct arena *arena);

/* The member of `source` as text, in the arena. */
const char *
param_get(const struct param *param, const void *source, struct arena *arena);

#endif
