#ifndef UNIT_TEST_WEB_H
#define UNIT_TEST_WEB_H

#include <stdint.h>

#include "unit.h"

struct exchange;
struct route_table;

extern const struct unit_case web_route_cases[];
extern const struct unit_case web_guard_cases[];
extern const struct unit_case web_answer_cases[];
extern const struct unit_case web_address_cases[];

/* Query of GET /api/events. */
struct web_events {
	const char *kind;
	int64_t limit;
	const char *cursor;
};

/* A small table with a row of each kind. */
extern const struct route_table web_table;

/* An exchange in the case's arena: parameters as nginx passes them, ended by NULL, and a body. */
struct exchange *
web_exchange(const char *body, const char *const *params);

/* Status of the whole way through guards, handler and answer; the exchange is left for a look. */
int
web_run(struct exchange *exchange);

/* Whether the client of the next requests has hung up. */
void
web_client_goes(bool goes);

/* An Authorization parameter with a token of this role, valid for so many seconds. */
const char *
web_token(const char *role, int ttl_s);

/* Ends the session of web_token()'s tokens. */
void
web_revoke(void);

/* Fills the table of ended sessions, without the one of web_token()'s tokens, or empties it. */
void
web_revoked_fill(bool is_full);

/* What the database says when it is asked whether a session has ended. */
void
web_database_says(bool is_revoked);

/* Makes the database's clock so old. */
void
web_clock(int64_t age_us);

#endif
