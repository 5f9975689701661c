/*
 * boxofficectl: shared by its commands. A command is a row of the table in main.c and a function in
 * the file of its group. It prints its answer to standard output and the reason of a failure to
 * standard error, and returns the exit status.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "core/core.h"
#include "run/options.h"

struct buf;
struct config;
struct secrets;

struct ctl_options {
	const char *config;         /* --config */
	const char *name;           /* --name */
	const char *role;           /* --role */
	const char *key;            /* --key */
	const char *layout;         /* --layout */
	const char *show;           /* --show */
	const char *from;           /* --from */
	const char *to;             /* --to */
	bool is_json;               /* --json */
	bool is_yes;                /* --yes */
	int64_t timeout_s;          /* --timeout, 0: not given */
	struct option_words except; /* --except */
};

struct ctl {
	struct ctl_options options;
	const char *config_path;
	struct config *config; /* NULL for commands that need no configuration */
	size_t dsn;            /* RUN_DSN() of the command: with whose rights it works */
	bool is_any_schema;    /* the command looks at the schema itself */
	struct core core;      /* arena and failure are always set */
};

/* Prints "boxofficectl: …" and returns 1, so that `return ctl_fail(…)` reads well. */
int
ctl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Does the same, and appends the reason in the recorded failure. */
int
ctl_fail_recorded(const struct ctl *ctl, const char *what);

/* Connects core with the rights of the command. Each statement must end within `timeout_ms`, and
 * all of them within --timeout when it was given. Returns 0 or the exit status. */
int
ctl_connect(struct ctl *ctl, int64_t timeout_ms);

/* Does the same for a command that must answer at once: within database.statement_timeout_ms. */
int
ctl_connect_briefly(struct ctl *ctl);

/* Was --except given with this name? */
bool
ctl_is_excepted(const struct ctl *ctl, const char *name);

/* A name of --except that is none of `names`; NULL: all are. With a misspelt exception the command
 * would look as if it had none. */
const char *
ctl_unknown_exception(const struct ctl *ctl, const char *const *names, size_t count);

/* Name of the system account that runs the command, for the audit trail. */
const char *
ctl_actor(struct ctl *ctl);

/* Reads the id of a show from a word of the command; 0 when the word is not an id. */
int64_t
ctl_show_id(const char *word);

/* Adds a row to the audit trail: the account that runs the command did `action` to `object`. */
MUST_USE enum err
ctl_audit_add(struct ctl *ctl, const char *action, const char *object);

/* --- password.c --- */

/* Asks at the terminal, without an echo, or reads the first line of standard input. NULL: what came
 * cannot be a password, and the reason was printed. */
const char *
ctl_password(struct ctl *ctl);

/* Makes one that nobody can guess. */
const char *
ctl_password_make(struct ctl *ctl);

/* Hashes it as the configuration says. Returns 0 or the exit status. */
int
ctl_password_hash(struct ctl *ctl, const char *password, const char **hash_r);

/* --- show.c --- */
int
ctl_show_status(struct ctl *ctl, char **args);
int
ctl_payments_stuck(struct ctl *ctl, char **args);
int
ctl_payments_retry(struct ctl *ctl, char **args);

/* --- events.c --- */
int
ctl_events_parked(struct ctl *ctl, char **args);
int
ctl_events_retry(struct ctl *ctl, char **args);
int
ctl_events_skip(struct ctl *ctl, char **args);
int
ctl_events_rebase(struct ctl *ctl, char **args);

/* --- config.c --- */
int
ctl_config_show(struct ctl *ctl, char **args);
int
ctl_config_check(struct ctl *ctl, char **args);
int
ctl_secrets_create(struct ctl *ctl, char **args);

/* --- db.c --- */
int
ctl_db_migrate(struct ctl *ctl, char **args);
int
ctl_db_status(struct ctl *ctl, char **args);
int
ctl_db_check(struct ctl *ctl, char **args);
int
ctl_demo_load(struct ctl *ctl, char **args);

/* --- audit.c --- */
int
ctl_audit(struct ctl *ctl, char **args);

/* --- user.c --- */
int
ctl_token(struct ctl *ctl, char **args);
int
ctl_user_create(struct ctl *ctl, char **args);
int
ctl_user_passwd(struct ctl *ctl, char **args);
int
ctl_user_role(struct ctl *ctl, char **args);

/* --- table.c --- */
int
ctl_codes(struct ctl *ctl, char **args);
int
ctl_states(struct ctl *ctl, char **args);

/* --- export.c --- */
int
ctl_export_orders(struct ctl *ctl, char **args);
int
ctl_export_ledger(struct ctl *ctl, char **args);

/* --- ticket.c --- */
int
ctl_tickets_public_key(struct ctl *ctl, char **args);
int
ctl_tickets_verify(struct ctl *ctl, char **args);

/* --- routes.c --- */
int
ctl_routes(struct ctl *ctl, char **args);
int
ctl_openapi(struct ctl *ctl, char **args);

#endif
