/* Writes a configuration as a file that config_read() accepts, with explanations for its
 * readers. */
#include <config.h>

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/config.h"
#include "conf/param.h"

#define SHOW_MEMORY ((size_t)4 << 20)
#define MASK "***"

static bool
is_secret(const char *keyword, size_t len)
{
	return (len == 8 && strncmp(keyword, "password", len) == 0) ||
	       (len == 11 && strncmp(keyword, "sslpassword", len) == 0);
}

/* postgresql://user:password@host/name?password=… */
static void
mask_uri(struct buf *out, const char *uri)
{
	const char *authority = strstr(uri, "://") + 3;
	const char *query = authority + strcspn(authority, "?");
	const char *at = memrchr(authority, '@', (size_t)(query - authority));
	const char *colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;

	if (colon) {
		buf_put(out, uri, (size_t)(colon - uri) + 1);
		buf_puts(out, MASK);
		buf_put(out, at, (size_t)(query - at));
	} else {
		buf_put(out, uri, (size_t)(query - uri));
	}
	while (*query != '\0') {
		size_t key = 1 + strcspn(query + 1, "=&"); /* with the ? or & in front */
		size_t end = 1 + strcspn(query + 1, "&");

		if (is_secret(query + 1, key - 1)) {
			buf_put(out, query, key);
			buf_puts(out, "=" MASK);
		} else {
			buf_put(out, query, end);
		}
		query += end;
	}
}

/* Length of a value: 'quoted', or up to a space. A backslash escapes the next character. */
static size_t
value_length(const char *value)
{
	bool is_quoted = value[0] == '\'';
	size_t len = is_quoted;

	while (value[len] != '\0') {
		if (value[len] == '\\' && value[len + 1] != '\0')
			len++;
		else if (is_quoted && value[len] == '\'')
			return len + 1;
		else if (!is_quoted && strchr(" \t", value[len]))
			return len;
		len++;
	}
	return len;
}

/* host=… password='…' */
static void
mask_keywords(struct buf *out, const char *dsn)
{
	while (*dsn != '\0') {
		size_t spaces = strspn(dsn, " \t");
		size_t key = strcspn(dsn + spaces, "= \t");
		size_t equals = spaces + key + strspn(dsn + spaces + key, "= \t");
		size_t len = value_length(dsn + equals);

		buf_put(out, dsn, equals);
		if (is_secret(dsn + spaces, key))
			buf_puts(out, MASK);
		else
			buf_put(out, dsn + equals, len);
		dsn += equals + len;
	}
}

static void
put_value(struct buf *out, const struct param *param, const char *text)
{
	if (param->type != PARAM_DSN)
		buf_puts(out, text);
	else if (strncmp(text, "postgres", 8) == 0 && strstr(text, "://"))
		mask_uri(out, text);
	else
		mask_keywords(out, text);
}

/* Prints the comment and the line of one parameter. A `source` of NULL prints its default. */
static void
show_param(struct buf *out, const struct param *param, const void *source, const char *mark)
{
	const char *value = source ? param_get(param, source, out->arena) : param->value;

	buf_printf(out, "\n# %s\n#", param->why);
	if (param->type == PARAM_INT)
		buf_printf(out, " %" PRId64 " to %" PRId64 "%s%s,", param->min, param->max,
			   param->unit[0] != '\0' ? " " : "", param->unit);
	else if (param->type == PARAM_BOOL)
		buf_puts(out, " yes or no,");
	if (param->value[0] != '\0')
		buf_printf(out, " default %s\n", param->value);
	else
		buf_puts(out, " default: empty\n");
	buf_printf(out, "%s%s = ", mark, param->name);
	put_value(out, param, value);
	buf_putc(out, '\n');
}

static void
show_pools(struct buf *out, const struct config *config)
{
	struct param_table table = param_pool_table();

	for (size_t i = 0; config && i < config->pool_count; i++) {
		buf_printf(out, "\n[pool %s]\n", config->pools[i].name);
		for (size_t j = 0; j < table.count; j++)
			show_param(out, &table.rows[j], &config->pools[i], "");
	}
	if (!config) {
		buf_puts(out, "\n# Each pool of workers is a section of its own.\n#[pool NAME]\n");
		for (size_t j = 0; j < table.count; j++)
			show_param(out, &table.rows[j], NULL, "#");
	}
}

void
config_show(const struct config *config, struct buf *out)
{
	struct arena *arena = arena_new(SHOW_MEMORY);
	struct param_table table = param_table();
	const char *section = "";
	struct buf text;

	buf_init(&text, arena);
	if (config)
		buf_printf(&text, "# %s\n", config->path);
	for (size_t i = 0; i < table.count; i++) {
		const struct param *param = &table.rows[i];

		if (strcmp(section, param->section) != 0) {
			section = param->section;
			buf_printf(&text, "\n[%s]\n", section);
		}
		show_param(&text, param, config, "");
	}
	show_pools(&text, config);
	buf_put(out, text.data, text.len);
	arena_free_wiped(arena);
}
