#include "config.h"

#include "web/serve.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "host/hostmem.h"
#include "web/answer.h"
#include "web/exchange.h"
#include "web/fcgi.h"
#include "web/guard.h"
#include "web/listener.h"

#define BODY_WITH_HEAD_MAX ((size_t)64 << 10) /* sent in one piece with the head */

static const struct exchange_source fcgi_source = {
	.read = fcgi_read, .is_at_end = fcgi_is_at_end, .is_gone = fcgi_is_gone};

static enum err
handle(struct exchange *exchange)
{
	const struct serve *serve = exchange->serve;
	enum err err = guard_run(exchange);

	if (err != ERR_OK || exchange->is_options || exchange->is_gone)
		return err;
	err = serve->hooks->handle(serve->core, &exchange->request, &exchange->response,
				   &exchange->cost);
	/* A write that has happened is answered as a success, whatever memory it took. */
	if (err == ERR_OK && exchange->request.route->method == METHOD_GET &&
	    arena_is_over(exchange->request.arena))
		return fail(&exchange->failure, CODE_BODY_TOO_LARGE,
			    "the answer needs more memory than one may have");
	return err;
}

/* The answer is counted and logged before it is sent: a client that has received it finds the
 * request in metrics and log. */
static void
count_and_log(const struct exchange *exchange)
{
	int status = exchange->response.status;

	if (status == 500)
		hostmem_add(METRIC_ERRORS, 1);
	answer_log(exchange, &exchange->cost);
	hostmem_request_count(exchange_route_index(exchange), status, exchange->cost.us);
}

static void
serve_request(const struct serve *serve, struct arena *arena, int64_t start_us)
{
	struct exchange exchange;
	struct buf head;

	exchange_init(&exchange, serve, arena, fcgi_params(), &fcgi_source, start_us);
	answer_finish(&exchange, handle(&exchange));
	exchange.cost.us = clock_mono_us() - start_us;
	buf_init(&head, arena);
	answer_head(&exchange, &exchange.cost, &head);
	if (answer_has_body(&exchange) && exchange.response.body.len <= BODY_WITH_HEAD_MAX)
		buf_put(&head, buf_text(&exchange.response.body), exchange.response.body.len);
	count_and_log(&exchange);
	fcgi_write(head.data, head.len);
	if (answer_has_body(&exchange) && exchange.response.body.len > BODY_WITH_HEAD_MAX)
		fcgi_write(exchange.response.body.data, exchange.response.body.len);
	if (!fcgi_close() && !exchange.is_gone)
		log_info("the answer of %s was not taken", exchange.request.trace_id);
}

int
serve_run(const struct serve *serve)
{
	struct arena *arena = arena_new((size_t)serve->config->server_request_memory_kib << 10);
	struct listener listener;
	int64_t served = 0;
	int fd;

	listener_init(&listener, serve->listen_fd);
	fcgi_init();
	hostmem_accept_begin();
	while (listener_next(&listener, &fd)) {
		int64_t start_us = clock_mono_us();

		/* The time-outs of the socket apply to one read or write. A peer that sends or
		 * takes a byte now and then keeps within them, and only the master ends that. */
		hostmem_request_begin();
		if (fcgi_open(fd, serve->config->server_request_deadline_ms)) {
			serve_request(serve, arena, start_us);
			arena_reset(arena);
			if (++served == serve->max_requests)
				listener_stop(&listener);
		}
		hostmem_request_end();
	}
	listener_fini(&listener);
	arena_free(arena);
	return 0;
}
