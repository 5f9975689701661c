/* Rows of param.def, and the text form of each type. */
#include <config.h>

#include "conf/param.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"

#define ROW(section, name, type, min, max, value, unit, by, taken, why, place) \
	{section, name, type, min, max, value, unit, by, taken, why, place},

static const struct param rows[] = {
#define PARAM(section, name, type, min, max, value, unit, by, taken, why)                 \
	ROW(#section, #name, PARAM_##type, min, max, value, unit, by, PARAM_##taken, why, \
	    offsetof(struct config, section##_##name))
#include "conf/param.def"
#undef PARAM
};

static const struct param pool_rows[] = {
#define PARAM(section, name, type, min, max, value, unit, by, taken, why)
#define PARAM_POOL(name, type, min, max, value, unit, by, taken, why)                 \
	ROW(NULL, #name, PARAM_##type, min, max, value, unit, by, PARAM_##taken, why, \
	    offsetof(struct config_pool, name))
#include "conf/param.def"
#undef PARAM
};

struct param_table
param_table(void)
{
	return (struct param_table){rows, sizeof(rows) / sizeof(rows[0])};
}

struct param_table
param_pool_table(void)
{
	return (struct param_table){pool_rows, sizeof(pool_rows) / sizeof(pool_rows[0])};
}

const struct param *
param_find(struct param_table table, const char *section, const char *name)
{
	for (size_t i = 0; i < table.count; i++) {
		const struct param *row = &table.rows[i];

		if (section && strcmp(row->section, section) != 0)
			continue;
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static const char *
set_int(const struct param *param, const char *text, int64_t *target, struct arena *arena)
{
	int64_t number;

	if (!text_parse_i64(text, strlen(text), &number) || number < param->min ||
	    number > param->max)
		return arena_printf(arena, "expected a whole number from %" PRId64 " to %" PRId64,
				    param->min, param->max);
	*target = number;
	return NULL;
}

static const char *
set_bool(const char *text, bool *target)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return "expected yes or no";
	*target = text[0] == 'y';
	return NULL;
}

/* The reason why a text of this type is refused; NULL when it is accepted. The default is always
 * accepted. */
static const char *
check_text(const struct param *param, const char *text, struct arena *arena)
{
	size_t len = strlen(text);

	if (strcmp(text, param->value) == 0)
		return NULL;
	if (param->type == PARAM_PATH && text[0] != '/')
		return "expected an absolute path";
	if (param->type == PARAM_PATH && len >= PATH_MAX)
		return "the path is too long";
	if (param->type == PARAM_DSN && len == 0)
		return "expected a connection string";
	if (param->type == PARAM_TEXT && param->max > 0 &&
	    text_utf8_length(text, len) > (uint64_t)param->max)
		return arena_printf(arena, "longer than %" PRId64 " characters", param->max);
	return NULL;
}

const char *
param_set(const struct param *param, const char *text, void *target, struct arena *arena)
{
	char *member = (char *)target + param->offset;
	const char *reason;

	if (param->type == PARAM_INT)
		return set_int(param, text, (int64_t *)(void *)member, arena);
	if (param->type == PARAM_BOOL)
		return set_bool(text, (bool *)member);
	reason = check_text(param, text, arena);
	if (!reason)
		*(const char **)(void *)member = arena_strdup(arena, text);
	return reason;
}

const char *
param_get(const struct param *param, const void *source, struct arena *arena)
{
	const char *member = (const char *)source + param->offset;

	if (param->type == PARAM_INT)
		return arena_printf(arena, "%" PRId64, *(const int64_t *)(const void *)member);
	if (param->type == PARAM_BOOL)
		return *(const bool *)member ? "yes" : "no";
	return *(const char *const *)(const void *)member;
}
