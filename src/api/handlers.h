/*
 * Handlers: what the rows of the route table call, by file, with the bodies they read. Each
 * translates a request, already parsed and checked, into one call of core/ and the result into an
 * answer. The user is the token's, never the body's.
 */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"
#include "json/jin.h"

struct core;
struct core_key;
struct request;
struct response;

#define HANDLER(name) \
	enum err name(struct core *core, const struct request *request, struct response *response)

/* --- auth.c --- */

struct auth_signup_input {
	const char *email;
	const char *password;
	const char *name;
	const char *phone;
};
struct auth_login_input {
	const char *email;
	const char *password;
};
struct auth_refresh_input {
	const char *refresh_token;
};
extern const struct jin_shape auth_signup_shape, auth_login_shape, auth_refresh_shape;

HANDLER(auth_signup);
HANDLER(auth_login);
HANDLER(auth_refresh);
HANDLER(auth_logout);

/* --- me.c --- */

struct me_change_input {
	const char *name;
	const char *phone;
	bool phone_is_given;
};
extern const struct jin_shape me_change_shape;

HANDLER(me_read);
HANDLER(me_change);

/* --- catalogue.c --- */

HANDLER(catalogue_events);
HANDLER(catalogue_event);
HANDLER(catalogue_dates);
HANDLER(catalogue_shows);
HANDLER(catalogue_show);
HANDLER(catalogue_layout);
HANDLER(catalogue_availability);

/* --- holds.c --- */

struct holds_take_input {
	struct jin_i64s seats; /* either these */
	bool has_seats;
	const struct jval *best; /* or this: {count, grade?} */
};
extern const struct jin_shape holds_take_shape;

HANDLER(holds_take);
HANDLER(holds_read);
HANDLER(holds_extend);
HANDLER(holds_release);

/* --- orders.c --- */

struct orders_create_input {
	struct uuid hold_id;
};
struct orders_pay_input {
	const char *method;
};
extern const struct jin_shape orders_create_shape, orders_pay_shape;

HANDLER(orders_create);
HANDLER(orders_read);
HANDLER(orders_list);
HANDLER(orders_of_show);
HANDLER(orders_pay);

/* --- wallets.c --- */

struct wallets_charge_input {
	int64_t amount;
};
extern const struct jin_shape wallets_charge_shape;

HANDLER(wallets_read);
HANDLER(wallets_charge);
HANDLER(wallets_entries);

/* --- admin.c --- */

struct admin_hall_input {
	int64_t venue_id;
	const char *name;
};
struct admin_layout_input {
	int64_t hall_id;
	const struct jval *sections;
};
extern const struct jin_shape admin_venue_shape; /* fills struct catalog_venue */
extern const struct jin_shape admin_hall_shape, admin_layout_shape;
extern const struct jin_shape admin_event_shape; /* fills struct catalog_event */
extern const struct jin_shape admin_show_shape;  /* fills struct show_new */

HANDLER(admin_venue);
HANDLER(admin_hall);
HANDLER(admin_layout);
HANDLER(admin_event);
HANDLER(admin_show);

/* --- cancel.c --- */

struct cancel_show_input {
	const char *reason; /* NULL: none given */
};
extern const struct jin_shape cancel_show_shape;

HANDLER(cancel_order_route);
HANDLER(cancel_show_route);

/* --- checkins.c --- */

struct checkins_make_input {
	const char *code;
};
extern const struct jin_shape checkins_make_shape;

HANDLER(checkins_make);

/* --- blocks.c --- */

struct blocks_input {
	struct jin_i64s seats;
	const char *reason;
};
extern const struct jin_shape blocks_shape;

HANDLER(blocks_add);
HANDLER(blocks_remove);
HANDLER(blocks_read);

/* --- changes.c --- */

extern const struct jin_shape change_event_shape; /* fills struct catalog_event_change */
extern const struct jin_shape change_show_shape;  /* fills struct show_change */

HANDLER(change_event);
HANDLER(change_show);

/* --- audit.c --- */

HANDLER(audit_read);

/* --- health.c --- */

HANDLER(health_live);
HANDLER(health_ready);
HANDLER(health_metrics);
HANDLER(health_openapi);

#undef HANDLER

/* Who asks, and under which key: for routes with ROUTE_IDEMPOTENT. */
struct core_key
handler_key(const struct request *request);

/* What a read of staff ends with: its row of the audit trail. The object is `thing` with the id of the
 * path, if there is one; the query is the detail, so it takes nothing personal. A read that is not in
 * the trail is not answered. */
MUST_USE enum err
handler_audit_read(struct core *core, const struct request *request, const char *action,
		   const char *thing);

#endif
