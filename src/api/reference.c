/* Pages for people who call the API, made from its tables: the routes, and what each code means. */
#include "config.h"

#include "api/handlers.h"

#include <string.h>

#include "api/routes.h"
#include "core/core.h"
#include "web/request.h"
#include "web/response.h"
#include "web/route.h"

#define POLICY                                                                        \
	"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; " \
	"frame-ancestors 'none'"

static const char style[] =
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;"
	"color:#1a1a1a;background:#fff}"
	"h1{line-height:1.2}table{border-collapse:collapse;width:100%}"
	"th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}"
	"code{font-family:ui-monospace,monospace}td:first-child{white-space:nowrap}"
	"a{color:#0b57d0}dt{font-weight:600}"
	"@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}"
	"th,td{border-color:#444}a{color:#8ab4f8}}";

/* --- HTML --- */

static void
put_html(struct buf *buf, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};

	for (; *text != '\0'; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
			if (entities[i].c == *text)
				entity = entities[i].entity;
		if (entity != NULL)
			buf_puts(buf, entity);
		else
			buf_putc(buf, *text);
	}
}

static void
begin_page(struct response *response, const char *title)
{
	struct buf *body = &response->body;

	response->content_type = "text/html; charset=utf-8";
	response_header(response, "Content-Security-Policy", POLICY);
	response_header(response, "X-Content-Type-Options", "nosniff");
	buf_puts(body, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width\">\n"
		       "<link rel=\"stylesheet\" href=\"/problems/style.css\">\n<title>");
	put_html(body, title);
	buf_puts(body, "</title>\n</head>\n<body>\n<h1>");
	put_html(body, title);
	buf_puts(body, "</h1>\n");
}

static void
end_page(struct response *response)
{
	buf_puts(&response->body, "</body>\n</html>\n");
}

static void
put_cell(struct buf *buf, const char *text)
{
	buf_puts(buf, "<td>");
	put_html(buf, text);
	buf_puts(buf, "</td>");
}

/* --- routes --- */

/* Those of the row alone; what any request may get is on the page of codes. */
static void
put_codes(struct buf *buf, const struct route *route)
{
	buf_puts(buf, "<td>");
	for (size_t i = 0; i < ROUTE_CODES_MAX && route->codes[i] != CODE_NONE; i++) {
		const char *name = code_info(route->codes[i])->name;

		buf_printf(buf, "%s<a href=\"/problems/%s\"><code>%s</code></a>", i > 0 ? " " : "",
			   name, name);
	}
	buf_puts(buf, "</td>");
}

static void
put_route(struct buf *buf, const struct route *route)
{
	const char *caller = route->is_owned           ? "the owner"
			     : route->who == ROLE_NONE ? "everybody"
						       : role_name(route->who);

	buf_printf(buf, "<tr><td><code>%s ", method_name(route->method));
	put_html(buf, route_plain_path(route, buf->arena));
	buf_puts(buf, "</code></td>");
	put_cell(buf, caller);
	put_cell(buf, route->doc);
	put_codes(buf, route);
	buf_puts(buf, "</tr>\n");
}

enum err
api_reference_routes(struct core *core, const struct request *request, struct response *response)
{
	const struct route_table *table = api_routes(false);
	struct buf *body = &response->body;

	(void)core;
	(void)request;
	begin_page(response, PACKAGE_NAME ": the HTTP interface");
	buf_puts(body,
		 "<p>JSON over HTTP. Programs read <a href=\"/api/openapi.json\">the same as "
		 "OpenAPI 3.1</a>, with the shape of every request and answer.</p>\n"
		 "<p>Log in with <code>POST /api/auth/login</code>, and send <code>Authorization: "
		 "Bearer</code> with the access token. Errors are <code>application/problem+json"
		 "</code> with one of <a href=\"/problems/\">these codes</a>. Repeat a write with "
		 "the same <code>Idempotency-Key</code>: it takes effect once.</p>\n"
		 "<table>\n<tr><th>Route</th><th>For</th><th>What it does</th><th>Its own "
		 "refusals</th></tr>\n");
	for (size_t i = 0; i < table->count; i++)
		if ((table->rows[i].flags & ROUTE_PAGE) == 0)
			put_route(body, &table->rows[i]);
	buf_puts(body, "</table>\n");
	end_page(response);
	return ERR_OK;
}

/* --- codes --- */

enum err
api_reference_codes(struct core *core, const struct request *request, struct response *response)
{
	struct buf *body = &response->body;

	(void)core;
	(void)request;
	begin_page(response, PACKAGE_NAME ": what can go wrong");
	buf_puts(body, "<p>The member <code>code</code> of an error is one of these. They never "
		       "change. See also <a href=\"/api/\">the routes</a>.</p>\n"
		       "<table>\n<tr><th>Status</th><th>Code</th><th>What is wrong</th>"
		       "<th>What to do</th></tr>\n");
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		const struct code_info *info = code_info(code);

		buf_printf(body,
			   "<tr><td>%d</td><td><a href=\"/problems/%s\"><code>%s</code></a></td>",
			   info->status, info->name, info->name);
		put_cell(body, info->title);
		put_cell(body, info->help);
		buf_puts(body, "</tr>\n");
	}
	buf_puts(body, "</table>\n");
	end_page(response);
	return ERR_OK;
}

static bool
has_code(const struct route *route, enum code code)
{
	enum code codes[CODE_MAX];
	const size_t count = route_codes(route, codes, CODE_MAX);

	for (size_t i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

enum err
api_reference_code(struct core *core, const struct request *request, struct response *response)
{
	const enum code code = (enum code)request->params[0].id;
	const struct route_table *table = api_routes(false);
	const struct code_info *info = code_info(code);
	struct buf *body = &response->body;
	size_t routes = 0;

	(void)core;
	begin_page(response, info->title);
	buf_printf(body, "<p><code>%s</code>, status %d</p>\n<p>", info->name, info->status);
	put_html(body, info->help);
	buf_puts(body, "</p>\n<h2>Where it comes from</h2>\n<ul>\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct route *route = &table->rows[i];

		if ((route->flags & ROUTE_PAGE) != 0 || !has_code(route, code))
			continue;
		routes++;
		buf_printf(body, "<li><code>%s ", method_name(route->method));
		put_html(body, route_plain_path(route, body->arena));
		buf_puts(body, "</code></li>\n");
	}
	if (routes == 0)
		buf_puts(body, "<li>the server in front, before a request reaches a route</li>\n");
	buf_puts(body, "</ul>\n<p><a href=\"/problems/\">All codes</a> · <a href=\"/api/\">All "
		       "routes</a></p>\n");
	end_page(response);
	return ERR_OK;
}

enum err
api_reference_style(struct core *core, const struct request *request, struct response *response)
{
	(void)core;
	(void)request;
	response->content_type = "text/css; charset=utf-8";
	response_header(response, "X-Content-Type-Options", "nosniff");
	buf_puts(&response->body, style);
	return ERR_OK;
}
