#include "config.h"

#include "api/test.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"
#include "web/route.h"

#define BYTES_MAX ((int64_t)8 << 20)

/* The numbers of all queries; each row takes its own. */
struct numbers {
	int64_t bytes;
	int64_t ms;
	int64_t signal;
	int64_t exit;
};

#define NUMBER(number, most)                                                                    \
	.name = #number, .type = JIN_I64, .offset = offsetof(struct numbers, number), .min = 0, \
	.max = (most), .doc = "A number."

static const struct jin_field constant_fields[] = {
	{NUMBER(bytes, BYTES_MAX), .otherwise = 4096},
	{.name = NULL},
};

static const struct jin_field sleep_fields[] = {
	{NUMBER(ms, 600000)},
	{.name = NULL},
};

static const struct jin_field crash_fields[] = {
	{NUMBER(signal, 64)},
	{NUMBER(exit, 255), .otherwise = 1},
	{.name = NULL},
};

static const struct jin_shape constant_query = {
	.name = "TestConstant", .fields = constant_fields, .size = sizeof(struct numbers)};
static const struct jin_shape sleep_query = {
	.name = "TestSleep", .fields = sleep_fields, .size = sizeof(struct numbers)};
static const struct jin_shape crash_query = {
	.name = "TestCrash", .fields = crash_fields, .size = sizeof(struct numbers)};

/* Answers {"text":"xxx…"} of exactly `bytes` bytes, at least 11. */
static enum err
handle_constant(struct core *core, const struct request *request, struct response *response)
{
	static const char head[] = "{\"text\":\"", tail[] = "\"}";
	const size_t frame = sizeof(head) + sizeof(tail) - 2;
	const struct numbers *query = request->query;
	const size_t bytes = (size_t)query->bytes, fill = bytes > frame ? bytes - frame : 0;
	char *text = arena_alloc(request->arena, fill + 1);

	(void)core;
	memset(text, 'x', fill);
	buf_puts(&response->body, head);
	buf_put(&response->body, text, fill);
	buf_puts(&response->body, tail);
	return ERR_OK;
}

static void
put_number(struct response *response, const char *name, int64_t number)
{
	struct jout out = response_json(response);

	jout_object(&out);
	jout_key_i64(&out, name, number);
	jout_end(&out);
}

static enum err
handle_sleep(struct core *core, const struct request *request, struct response *response)
{
	const struct numbers *query = request->query;

	(void)core;
	clock_pause_ms(query->ms);
	put_number(response, "slept_ms", query->ms);
	return ERR_OK;
}

static enum err
handle_crash(struct core *core, const struct request *request, struct response *response)
{
	const struct numbers *query = request->query;

	(void)core;
	(void)response;
	if (query->signal > 0) {
		sigset_t mask;

		signal((int)query->signal, SIG_DFL);
		sigemptyset(&mask);
		sigaddset(&mask, (int)query->signal);
		sigprocmask(SIG_UNBLOCK, &mask, NULL);
		raise((int)query->signal);
	}
	_exit((int)query->exit);
}

struct echo_input {
	const char *text;
};

static const struct jin_field echo_fields[] = {
	{.name = "text",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct echo_input, text),
	 .max = BYTES_MAX,
	 .doc = "Any text."},
	{.name = NULL},
};

static const struct jin_shape echo_shape = {
	.name = "TestEcho", .fields = echo_fields, .size = sizeof(struct echo_input)};

static enum err
handle_echo(struct core *core, const struct request *request, struct response *response)
{
	(void)core;
	put_number(response, "length", (int64_t)request->body_len);
	return ERR_OK;
}

static const struct route rows[] = {
	{.method = METHOD_GET,
	 .path = "/api/test/constant",
	 .handle = handle_constant,
	 .flags = ROUTE_TEST,
	 .pool = "catalog",
	 .doc = "Returns a constant answer of this many bytes.",
	 .query = &constant_query},
	{.method = METHOD_GET,
	 .path = "/api/test/sleep",
	 .handle = handle_sleep,
	 .flags = ROUTE_TEST,
	 .pool = "catalog",
	 .doc = "Returns an answer after this many milliseconds.",
	 .query = &sleep_query},
	{.method = METHOD_GET,
	 .path = "/api/test/crash",
	 .handle = handle_crash,
	 .flags = ROUTE_TEST,
	 .pool = "catalog",
	 .doc = "Gives no answer: the worker ends by the signal or with the exit status.",
	 .query = &crash_query},
	{.method = METHOD_POST,
	 .path = "/api/test/echo",
	 .handle = handle_echo,
	 .flags = ROUTE_TEST,
	 .body_max = (size_t)BYTES_MAX + 4096,
	 .shape = &echo_shape,
	 .pool = "catalog",
	 .doc = "Returns the length of the body."},
};

const struct route *
api_test_rows(size_t *count_r)
{
	*count_r = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
