#include "config.h"

#include "api/test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"
#include "web/route.h"

#define BYTES_MAX ((int64_t)8 << 20)

/* The query parameter as a number within the range; `otherwise` when it is absent. */
static enum err
query_number(const struct request *request, const char *name, int64_t max, int64_t otherwise,
	     int64_t *number_r)
{
	const char *text = request_query_text(request, name);
	int64_t number = otherwise;

	if (text != NULL &&
	    (!text_parse_i64(text, strlen(text), &number) || number < 0 || number > max))
		return fail_field(request->failure, name, "must be 0 to %lld", (long long)max);
	*number_r = number;
	return ERR_OK;
}

/* {"text":"xxx…"} of exactly `bytes` bytes, 11 at least. */
static enum err
handle_constant(struct core *core, const struct request *request, struct response *response)
{
	static const char head[] = "{\"text\":\"", tail[] = "\"}";
	const size_t frame = sizeof(head) + sizeof(tail) - 2;
	int64_t bytes;
	enum err err = query_number(request, "bytes", BYTES_MAX, 4096, &bytes);
	size_t fill;
	char *text;

	(void)core;
	if (err != ERR_OK)
		return err;
	fill = (size_t)bytes > frame ? (size_t)bytes - frame : 0;
	text = arena_alloc(request->arena, fill + 1);
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
	int64_t ms;
	enum err err = query_number(request, "ms", 600000, 0, &ms);
	struct timespec rest;

	(void)core;
	if (err != ERR_OK)
		return err;
	rest.tv_sec = ms / 1000;
	rest.tv_nsec = ms % 1000 * 1000000;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
	put_number(response, "slept_ms", ms);
	return ERR_OK;
}

static enum err
handle_crash(struct core *core, const struct request *request, struct response *response)
{
	int64_t signal_number, status;
	enum err err = query_number(request, "signal", 64, 0, &signal_number);

	(void)core;
	(void)response;
	if (err == ERR_OK)
		err = query_number(request, "exit", 255, 1, &status);
	if (err != ERR_OK)
		return err;
	if (signal_number > 0) {
		sigset_t mask;

		signal((int)signal_number, SIG_DFL);
		sigemptyset(&mask);
		sigaddset(&mask, (int)signal_number);
		sigprocmask(SIG_UNBLOCK, &mask, NULL);
		raise((int)signal_number);
	}
	_exit((int)status);
}

struct echo_input {
	const char *text;
};

static const struct jin_field echo_fields[] = {
	{.name = "text",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct echo_input, text),
	 .max = BYTES_MAX,
	 .doc = "anything"},
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
	 .doc = "a constant answer of so many bytes",
	 .query = {{"bytes", "{\"type\":\"integer\"}"}}},
	{.method = METHOD_GET,
	 .path = "/api/test/sleep",
	 .handle = handle_sleep,
	 .flags = ROUTE_TEST,
	 .pool = "catalog",
	 .doc = "an answer after so many milliseconds",
	 .query = {{"ms", "{\"type\":\"integer\"}"}}},
	{.method = METHOD_GET,
	 .path = "/api/test/crash",
	 .handle = handle_crash,
	 .flags = ROUTE_TEST,
	 .pool = "catalog",
	 .doc = "no answer: the worker ends by the signal or with the exit status",
	 .query = {{"signal", "{\"type\":\"integer\"}"}, {"exit", "{\"type\":\"integer\"}"}}},
	{.method = METHOD_POST,
	 .path = "/api/test/echo",
	 .handle = handle_echo,
	 .flags = ROUTE_TEST,
	 .body_max = (size_t)BYTES_MAX + 4096,
	 .shape = &echo_shape,
	 .pool = "catalog",
	 .doc = "the length of the body"},
};

const struct route *
api_test_rows(size_t *count_r)
{
	*count_r = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
