/*
 * Handlers: the functions that the rows of the route table call, by file, with the shapes of the
 * bodies and queries that they read. Each translates a request, already parsed and checked, into
 * one call of core/, and the result into an answer. The user always comes from the token, never
 * from the body.
 */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "base/fail.h"

struct core;
struct core_key;
struct jin_shape;
struct request;
struct response;
struct session_client;

#define HANDLER(noun_verb)                                                         \
	enum err api_##noun_verb(struct core *core, const struct request *request, \
				 struct response *response)
#define BODY(noun_verb) extern const struct jin_shape api_##noun_verb##_shape
#define QUERY(noun_verb) extern const struct jin_shape api_##noun_verb##_query

/* --- signup.c, login.c, user.c, session.c, wallet.c --- */

BODY(signup_make);
HANDLER(signup_make);

BODY(login_make);
HANDLER(login_make);

BODY(user_change);
HANDLER(user_read);
HANDLER(user_change);

BODY(session_refresh);
HANDLER(session_refresh);
HANDLER(session_close);
HANDLER(session_list);
HANDLER(session_close_others);

BODY(wallet_charge);
HANDLER(wallet_read);
HANDLER(wallet_charge);
HANDLER(wallet_entries);

/* --- venue.c, hall.c, layout.c, event.c, show.c, seatmap.c --- */

BODY(venue_create);
HANDLER(venue_create);

BODY(hall_create);
HANDLER(hall_create);

HANDLER(layout_create);
HANDLER(layout_read);

BODY(event_create);
BODY(event_change);
QUERY(event_list);
QUERY(event_dates);
HANDLER(event_list);
HANDLER(event_read);
HANDLER(event_dates);
HANDLER(event_create);
HANDLER(event_change);

BODY(show_create);
BODY(show_change);
BODY(show_cancel);
QUERY(show_list);
HANDLER(show_list);
HANDLER(show_read);
HANDLER(show_create);
HANDLER(show_change);
HANDLER(show_cancel);

HANDLER(seatmap_read);

/* --- hold.c, order.c, payment.c --- */

BODY(hold_take);
HANDLER(hold_take);
HANDLER(hold_list);
HANDLER(hold_read);
HANDLER(hold_extend);
HANDLER(hold_release);

BODY(order_create);
QUERY(order_list); /* of the own list and of the list of a show */
HANDLER(order_create);
HANDLER(order_read);
HANDLER(order_list);
HANDLER(order_list_of_show);
HANDLER(order_cancel);

BODY(payment_pay);
HANDLER(payment_pay);

/* --- checkin.c, block.c, audit.c --- */

BODY(checkin_make);
HANDLER(checkin_make);

BODY(block); /* of block_add and block_remove */
HANDLER(block_add);
HANDLER(block_remove);
HANDLER(block_list);

HANDLER(audit_list);

/* --- health.c --- */

HANDLER(health_live);
HANDLER(health_ready);
HANDLER(health_metrics);
HANDLER(health_openapi);

/* --- reference.c --- */

HANDLER(reference_routes);
HANDLER(reference_codes);
HANDLER(reference_code);
HANDLER(reference_style);

#undef HANDLER
#undef BODY
#undef QUERY

/* The caller and the Idempotency-Key, for routes with ROUTE_IDEMPOTENT. */
struct core_key
api_key(const struct request *request);

/* Where the request comes from, as its session keeps it. */
struct session_client
api_client(const struct request *request);

/* Adds the row of the audit trail with which every read by staff ends. The object is `thing` with
 * the id of the path, if there is one. The query goes into the trail as the detail, so it must not
 * take personal data. If the row cannot be written, the read is not answered. */
MUST_USE enum err
api_audit_add(struct core *core, const struct request *request, const char *action,
	      const char *thing);

/* Records that the caller was refused a route of staff: once a day for each route. */
MUST_USE enum err
api_audit_refused(struct core *core, const struct request *request);

#endif
