#include "config.h"

#include "api/routes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/list.h"
#include "api/test.h"
#include "conf/config.h"
#include "core/directory/layout_build.h"
#include "host/hostmem.h"

#define BODY_LAYOUT_MAX ((size_t)8 << 20)

/* The handler, whose noun and verb also name the operation in OpenAPI. */
#define CALLS(noun_verb) .handle = api_##noun_verb, .name = #noun_verb

static const struct route rows[] = {
	/* --- accounts --- */
	{.method = METHOD_POST,
	 .path = "/api/auth/signup",
	 CALLS(signup_make),
	 /* guard: sign-up */ .flags = ROUTE_LOGIN | ROUTE_SIGNUP,
	 .shape = &api_signup_make_shape,
	 .pool = "login",
	 .doc = "Makes an account with an empty wallet.",
	 .answers = {{201, "Profile"}},
	 .codes = {CODE_EMAIL_TAKEN}},
	{.method = METHOD_POST,
	 .path = "/api/auth/login",
	 CALLS(login_make),
	 /* guard: log-in */ .flags = ROUTE_LOGIN,
	 .shape = &api_login_make_shape,
	 .pool = "login",
	 .doc = "Opens a session. After too many failures of one account within five minutes the "
		"answer is 429. An address from which the account was used within 30 days is "
		"counted by itself, and is served when others have waited too long and are "
		"answered 503.",
	 .answers = {{200, "Tokens"}},
	 .codes = {CODE_BAD_CREDENTIALS}},
	{.method = METHOD_POST,
	 .path = "/api/auth/refresh",
	 CALLS(session_refresh),
	 .shape = &api_session_refresh_shape,
	 .pool = "account",
	 .doc = "Exchanges a refresh token for the next one. While no successor is used, a used "
		"token gives another: within ten seconds beside the first, for a second tab, and "
		"later in its place, because the answer was lost. A token whose successor was "
		"used, and any other secret, ends the session.",
	 .answers = {{200, "Tokens"}},
	 .codes = {CODE_REFRESH_INVALID, CODE_RATE_LIMITED}},
	{.method = METHOD_POST,
	 .path = "/api/auth/logout",
	 CALLS(session_close),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Ends the session of the token. All its tokens are refused from now on.",
	 .answers = {{204, NULL}}},
	{.method = METHOD_GET,
	 .path = "/api/me",
	 CALLS(user_read),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Returns the caller's account.",
	 .answers = {{200, "Profile"}}},
	{.method = METHOD_PATCH,
	 .path = "/api/me",
	 CALLS(user_change),
	 .who = ROLE_USER,
	 .shape = &api_user_change_shape,
	 .pool = "account",
	 .doc = "Changes the name or the phone number.",
	 .answers = {{200, "Profile"}}},
	{.method = METHOD_GET,
	 .path = "/api/me/sessions",
	 CALLS(session_list),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Lists the caller's live sessions, the one used last first. used_at is the last "
		"log-in or refresh, with the address and the agent of that moment.",
	 .answers = {{200, "SessionList"}}},
	{.method = METHOD_DELETE,
	 .path = "/api/me/sessions",
	 CALLS(session_close_others),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Ends all sessions of the caller but the one of the token. Their tokens are "
		"refused from now on.",
	 .answers = {{204, NULL}}},

	/* --- for the public --- */
	{.method = METHOD_GET,
	 .path = "/api/events",
	 CALLS(event_list),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Lists events with a coming show, by (first_show_at, id). A page that looked at "
		"5000 events or shows in vain is short or empty, and has a next_cursor.",
	 .answers = {{200, "EventList"}},
	 .query = &api_event_list_query},
	{.method = METHOD_GET,
	 .path = "/api/events/{id:int}",
	 CALLS(event_read),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Returns one event.",
	 .answers = {{200, "Event"}}},
	{.method = METHOD_GET,
	 .path = "/api/events/{id:int}/dates",
	 CALLS(event_dates),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Lists days with a show on sale and seats left. It covers the next 92 days unless "
		"from and to are given, at most 366 days, and at most 10000 shows of the event.",
	 .answers = {{200, "DateList"}},
	 .query = &api_event_dates_query},
	{.method = METHOD_GET,
	 .path = "/api/events/{id:int}/shows",
	 CALLS(show_list),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Lists the shows of an event, by (starts_at, id).",
	 .answers = {{200, "ShowList"}},
	 .query = &api_show_list_query},
	{.method = METHOD_GET,
	 .path = "/api/shows/{id:int}",
	 CALLS(show_read),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Returns one show with its grades.",
	 .answers = {{200, "Show"}}},
	{.method = METHOD_GET,
	 .path = "/api/layouts/{id:int}",
	 CALLS(layout_read),
	 .cache = ROUTE_IMMUTABLE,
	 .pool = "catalog",
	 .doc = "Returns the positions of the seats of a hall. The answer never changes.",
	 .answers = {{200, "Layout"}}},
	{.method = METHOD_GET,
	 .path = "/api/shows/{id:int}/availability",
	 CALLS(seatmap_read),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Returns the state of every seat, two bits per seat.",
	 .answers = {{200, "Availability"}, {304, NULL}}},

	/* --- holds --- */
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/holds",
	 CALLS(hold_take),
	 .who = ROLE_USER,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .shape = &api_hold_take_shape,
	 .pool = "booking",
	 .doc = "Holds the named seats, all or none, or the best free ones, also in place of a "
		"live hold. 200 if the caller already holds exactly the named seats, or for a key "
		"that has taken them.",
	 .answers = {{200, "Hold"}, {201, "Hold"}},
	 .codes = {CODE_SEATS_TAKEN, CODE_NOT_ENOUGH_SEATS, CODE_NOT_ON_SALE, CODE_SEAT_LIMIT,
		   CODE_HOLD_EXPIRED, CODE_HOLD_PAYING, CODE_ORDER_CLOSED, CODE_RATE_LIMITED}},
	{.method = METHOD_GET,
	 .path = "/api/shows/{id:int}/holds",
	 CALLS(hold_list),
	 .who = ROLE_USER,
	 .pool = "booking",
	 .doc = "Lists the caller's live holds of the show, oldest first.",
	 .answers = {{200, "HoldsOfShow"}}},
	{.method = METHOD_GET,
	 .path = "/api/shows/{id:int}/holds/{hold:uuid}",
	 CALLS(hold_read),
	 /* guard: user of a hold */ .who = ROLE_USER,
	 /* guard: owner of a hold */ .is_owned = true,
	 .pool = "booking",
	 .doc = "Returns a hold of the caller.",
	 .answers = {{200, "Hold"}}},
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/holds/{hold:uuid}/extend",
	 CALLS(hold_extend),
	 .who = ROLE_USER,
	 .is_owned = true,
	 .pool = "booking",
	 .doc = "Extends the hold to hold_seconds from now, but to no more than three times "
		"hold_seconds in all.",
	 .answers = {{200, "Hold"}},
	 .codes = {CODE_HOLD_EXPIRED, CODE_EXTENSION_LIMIT, CODE_HOLD_PAYING, CODE_HOLD_CONFIRMED,
		   CODE_SHOW_CLOSED}},
	{.method = METHOD_DELETE,
	 .path = "/api/shows/{id:int}/holds/{hold:uuid}",
	 CALLS(hold_release),
	 .who = ROLE_USER,
	 .is_owned = true,
	 .pool = "booking",
	 .doc = "Releases the hold and its seats.",
	 .answers = {{204, NULL}},
	 .codes = {CODE_HOLD_EXPIRED, CODE_HOLD_PAYING, CODE_HOLD_CONFIRMED}},

	/* --- orders and payments --- */
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/orders",
	 CALLS(order_create),
	 .who = ROLE_USER,
	 .flags = ROUTE_IDEMPOTENT,
	 .shape = &api_order_create_shape,
	 .pool = "booking",
	 .doc = "Makes the order of a live hold. 200 with the existing order if the hold already "
		"has one. A buyer may make at most 1000 orders of a show, cancelled ones too: 422 "
		"then.",
	 .answers = {{200, "Order"}, {201, "Order"}},
	 .codes = {CODE_NOT_FOUND, CODE_HOLD_EXPIRED, CODE_SHOW_CLOSED, CODE_RATE_LIMITED}},
	{.method = METHOD_GET,
	 .path = "/api/shows/{id:int}/orders/{order:uuid}",
	 CALLS(order_read),
	 .who = ROLE_USER,
	 .is_owned = true,
	 .pool = "booking",
	 .doc = "Returns an order of the caller.",
	 .answers = {{200, "Order"}}},
	{.method = METHOD_GET,
	 .path = "/api/me/orders",
	 CALLS(order_list),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Lists the caller's orders, newest first. Pages of one state may be short.",
	 .answers = {{200, "OrderList"}},
	 .query = &api_order_list_query},
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/orders/{order:uuid}/payments",
	 CALLS(payment_pay),
	 .who = ROLE_USER,
	 .is_owned = true,
	 /* guard: key of a payment */ .flags = ROUTE_IDEMPOTENT,
	 .shape = &api_payment_pay_shape,
	 .pool = "booking",
	 .doc = "Pays the order and issues its tickets. 100 payments in vain close the order.",
	 .answers = {{200, "Paid"}},
	 .codes = {CODE_INSUFFICIENT_BALANCE, CODE_ALREADY_PAID, CODE_PAYMENT_IN_PROGRESS,
		   CODE_ORDER_CLOSED, CODE_HOLD_EXPIRED, CODE_CURRENCY_MISMATCH, CODE_SHOW_CLOSED}},
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/orders/{order:uuid}/cancel",
	 CALLS(order_cancel),
	 .who = ROLE_USER,
	 .is_owned = true,
	 .flags = ROUTE_IDEMPOTENT,
	 .pool = "booking",
	 .doc = "Cancels the order. Money that was paid goes back to the wallet.",
	 .answers = {{200, "Order"}},
	 .codes = {CODE_TOO_LATE, CODE_ALREADY_CANCELLED, CODE_ALREADY_USED,
		   CODE_PAYMENT_IN_PROGRESS, CODE_ORDER_CLOSED}},

	/* --- the door --- */
	{.method = METHOD_POST,
	 .path = "/api/shows/{id:int}/checkins",
	 CALLS(checkin_make),
	 /* guard: door */ .who = ROLE_OPERATOR,
	 .shape = &api_checkin_make_shape,
	 .pool = "booking",
	 .doc = "Admits the holder of a ticket of this show, once per ticket.",
	 .answers = {{200, "Checkin"}},
	 .codes = {CODE_NOT_FOUND, CODE_ALREADY_USED}},

	/* --- wallet --- */
	{.method = METHOD_GET,
	 .path = "/api/me/wallet",
	 CALLS(wallet_read),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Returns the balance of the caller's wallet.",
	 .answers = {{200, "Wallet"}}},
	{.method = METHOD_POST,
	 .path = "/api/me/wallet/charges",
	 CALLS(wallet_charge),
	 .who = ROLE_USER,
	 .flags = ROUTE_IDEMPOTENT,
	 .shape = &api_wallet_charge_shape,
	 .pool = "account",
	 .doc = "Adds money to the caller's wallet, at most 1000 times a day.",
	 .answers = {{201, "Charge"}},
	 .codes = {CODE_RATE_LIMITED}},
	{.method = METHOD_GET,
	 .path = "/api/me/wallet/entries",
	 CALLS(wallet_entries),
	 .who = ROLE_USER,
	 .pool = "account",
	 .doc = "Lists the entries of the wallet, newest first. Their amounts add up to the "
		"balance.",
	 .answers = {{200, "EntryList"}},
	 .query = &api_list_query},

	/* --- staff --- */
	{.method = METHOD_POST,
	 .path = "/api/admin/venues",
	 CALLS(venue_create),
	 .who = ROLE_ADMIN,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .shape = &api_venue_create_shape,
	 .pool = "admin",
	 .doc = "Enters a venue.",
	 .answers = {{201, "Venue"}}},
	{.method = METHOD_POST,
	 .path = "/api/admin/halls",
	 CALLS(hall_create),
	 .who = ROLE_ADMIN,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .shape = &api_hall_create_shape,
	 .pool = "admin",
	 .doc = "Enters a hall of a venue.",
	 .answers = {{201, "NewHall"}}},
	{.method = METHOD_POST,
	 .path = "/api/admin/layouts",
	 CALLS(layout_create),
	 .who = ROLE_ADMIN,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .body_max = BODY_LAYOUT_MAX,
	 .shape = &layout_shape,
	 .pool = "admin",
	 .doc = "Enters a new revision of the seats of a hall. It becomes the current layout of "
		"the hall.",
	 .answers = {{201, "NewLayout"}}},
	{.method = METHOD_POST,
	 .path = "/api/admin/events",
	 CALLS(event_create),
	 /* guard: admin */ .who = ROLE_ADMIN,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .shape = &api_event_create_shape,
	 .pool = "admin",
	 .doc = "Enters an event. It is listed once it has a coming show.",
	 .answers = {{201, "Event"}}},
	{.method = METHOD_POST,
	 .path = "/api/admin/shows",
	 CALLS(show_create),
	 .who = ROLE_ADMIN,
	 .flags = ROUTE_KEY_OPTIONAL,
	 .shape = &api_show_create_shape,
	 .pool = "admin",
	 .doc = "Enters a show. One of more than 20000 seats is published some seconds later.",
	 .answers = {{201, "Show"}, {202, "ShowPreparing"}},
	 .codes = {CODE_HALL_BUSY, CODE_IDEMPOTENCY_IN_FLIGHT}},
	{.method = METHOD_POST,
	 .path = "/api/admin/shows/{id:int}/cancel",
	 CALLS(show_cancel),
	 .who = ROLE_ADMIN,
	 .shape = &api_show_cancel_shape,
	 .pool = "admin",
	 .doc = "Cancels the show. Its orders are refunded in the background.",
	 .answers = {{200, "ShowCancelled"}},
	 .codes = {CODE_NOT_FOUND, CODE_SHOW_CLOSED}},

	{.method = METHOD_PATCH,
	 .path = "/api/admin/events/{id:int}",
	 CALLS(event_change),
	 .who = ROLE_ADMIN,
	 .shape = &api_event_change_shape,
	 .pool = "admin",
	 .doc = "Changes the given members of an event. Existing shows keep their ends.",
	 .answers = {{200, "Event"}}},
	{.method = METHOD_PATCH,
	 .path = "/api/admin/shows/{id:int}",
	 CALLS(show_change),
	 .who = ROLE_ADMIN,
	 .shape = &api_show_change_shape,
	 .pool = "admin",
	 .doc = "Changes the given members of a show. Prices and times change only while nobody "
		"has seats in it.",
	 .answers = {{200, "Show"}},
	 .codes = {CODE_SHOW_CLOSED, CODE_HALL_BUSY}},
	{.method = METHOD_GET,
	 .path = "/api/admin/shows/{id:int}/blocks",
	 CALLS(block_list),
	 .who = ROLE_ADMIN,
	 .pool = "admin",
	 .doc = "Lists the seats that are off sale, with reasons. The audit trail records this "
		"read.",
	 .answers = {{200, "BlockList"}},
	 .query = &api_list_query},
	{.method = METHOD_POST,
	 .path = "/api/admin/shows/{id:int}/blocks",
	 CALLS(block_add),
	 .who = ROLE_ADMIN,
	 .shape = &api_block_shape,
	 .pool = "admin",
	 .doc = "Takes seats off sale, all or none. A seat that is already off sale gets the new "
		"reason.",
	 .answers = {{201, "BlocksChanged"}},
	 .codes = {CODE_SEATS_TAKEN}},
	{.method = METHOD_DELETE,
	 .path = "/api/admin/shows/{id:int}/blocks",
	 CALLS(block_remove),
	 .who = ROLE_ADMIN,
	 .shape = &api_block_shape,
	 .pool = "admin",
	 .doc = "Puts blocked seats back on sale, all or none. A seat that is already on sale "
		"stays on sale.",
	 .answers = {{200, "BlocksChanged"}},
	 .codes = {CODE_SEATS_TAKEN}},
	{.method = METHOD_GET,
	 .path = "/api/admin/shows/{id:int}/orders",
	 CALLS(order_list_of_show),
	 .who = ROLE_ADMIN,
	 .pool = "admin",
	 .doc = "Lists the orders of a show with their owners, newest first. The audit trail "
		"records this read.",
	 .answers = {{200, "OwnedOrderList"}},
	 .query = &api_order_list_query},
	{.method = METHOD_GET,
	 .path = "/api/admin/audit",
	 CALLS(audit_list),
	 .who = ROLE_ADMIN,
	 .pool = "admin",
	 .doc = "Lists what admins and commands did and read, newest first, without check-ins. The "
		"audit trail records this read.",
	 .answers = {{200, "AuditList"}},
	 .query = &api_list_query},

	/* --- machines --- */
	{.method = METHOD_GET,
	 .path = "/healthz",
	 CALLS(health_live),
	 .pool = "catalog",
	 .doc = "Answers while a worker runs.",
	 .answers = {{200, "Health"}}},
	{.method = METHOD_GET,
	 .path = "/readyz",
	 CALLS(health_ready),
	 .pool = "catalog",
	 .doc = "Answers 200 when the database answers and has the right schema.",
	 .answers = {{200, "Ready"}}},
	{.method = METHOD_GET,
	 .path = "/metrics",
	 CALLS(health_metrics),
	 /* guard: metrics */ .flags = ROUTE_LOOPBACK,
	 .pool = "catalog",
	 .doc = "Returns metrics for Prometheus, only to this machine.",
	 .answers = {{200, "Metrics"}}},
	{.method = METHOD_GET,
	 .path = "/api/openapi.json",
	 CALLS(health_openapi),
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Returns this document.",
	 .answers = {{200, "OpenApi"}}},

	/* --- for people who write clients --- */
	{.method = METHOD_GET,
	 .path = "/api/",
	 CALLS(reference_routes),
	 .flags = ROUTE_PAGE,
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Shows the routes.",
	 .answers = {{200, NULL}}},
	{.method = METHOD_GET,
	 .path = "/problems/",
	 CALLS(reference_codes),
	 .flags = ROUTE_PAGE,
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Shows the codes of errors.",
	 .answers = {{200, NULL}}},
	{.method = METHOD_GET,
	 .path = "/problems/{code:code}",
	 CALLS(reference_code),
	 .flags = ROUTE_PAGE,
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "Shows what a code means and what to do.",
	 .answers = {{200, NULL}}},
	{.method = METHOD_GET,
	 .path = "/problems/style.css",
	 CALLS(reference_style),
	 .flags = ROUTE_PAGE,
	 .cache = ROUTE_PUBLIC,
	 .pool = "catalog",
	 .doc = "The looks of these pages.",
	 .answers = {{200, NULL}}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The table with and without the rows for tests, and the labels of the metrics. */
static struct {
	struct route rows[HOSTMEM_ROUTES_MAX];
	struct route_table table;
	const char *names[HOSTMEM_ROUTES_MAX];
} tables[2];

/* The text has static life: it is made once per process and table. */
static const char *
name_of(const struct route *route)
{
	const char *method = method_name(route->method);
	const size_t size = strlen(method) + strlen(route->path) + 2;
	char *name = malloc(size);

	assert(name != NULL);
	snprintf(name, size, "%s %s", method, route->path);
	return name;
}

static void
make_table(bool with_test)
{
	const struct route *test_rows = NULL;
	size_t test_count = 0, count = ROWS;

#ifdef ENABLE_TEST_ROUTES
	if (with_test)
		test_rows = api_test_rows(&test_count);
#endif
	assert(ROWS + test_count < HOSTMEM_ROUTES_MAX);
	memcpy(tables[with_test].rows, rows, sizeof(rows));
	for (size_t i = 0; i < test_count; i++)
		tables[with_test].rows[count++] = test_rows[i];
	for (size_t i = 0; i < count; i++)
		tables[with_test].names[i] = name_of(&tables[with_test].rows[i]);
	tables[with_test].names[count] = "none";
	tables[with_test].table =
		(struct route_table){.rows = tables[with_test].rows, .count = count};
}

const struct route_table *
api_routes(bool with_test)
{
	if (tables[with_test].table.count == 0)
		make_table(with_test);
	return &tables[with_test].table;
}

const char *const *
api_routes_names(bool with_test)
{
	(void)api_routes(with_test);
	return tables[with_test].names;
}

const char *const *
api_routes_pools(void)
{
	static const char *pools[CONFIG_POOLS_MAX + 1];
	size_t count = 0;

	for (size_t i = 0; i < ROWS; i++) {
		size_t known = 0;

		while (known < count && strcmp(pools[known], rows[i].pool) != 0)
			known++;
		if (known < count)
			continue;
		assert(count < CONFIG_POOLS_MAX);
		pools[count++] = rows[i].pool;
	}
	pools[count] = NULL;
	return pools;
}
