/*
 * Judge: whether a configuration is right, for the program that asks, on this host. Every program
 * reads its configuration here, at its start and at a reload, and so does --check: what one of them
 * accepts, the others accept. All problems of a file are told at once.
 *
 * Access to files is judged with the eyes of the service: root becomes the account server.user for
 * it, in a child that ends with the verdict.
 */
#ifndef RUN_JUDGE_H
#define RUN_JUDGE_H

#include <stdbool.h>

#include "base/fail.h"

struct buf;
struct config;
struct secrets;

/* What is judged beside the file itself and its connection strings. */
enum judge_part {
	JUDGE_LOG = 1,      /* log.file, of a program that writes it */
	JUDGE_SERVICE = 2,  /* all that boxofficed is asked about: log, folders, pools, secrets */
	JUDGE_ACCOUNTS = 4, /* user and group exist; a running master does not ask: it could hang */
};

struct judge {
	const char *path; /* of the configuration */
	unsigned parts;
	const char *const *pools; /* JUDGE_SERVICE: those that nginx maps, up to a NULL */
	struct secrets *secrets;  /* storage of the caller, to be filled; NULL: they are not read */
};

/* Reads the configuration, and the secrets where there is a place for them. Returns ERR_INVALID
 * with a line of `errors` for each problem, and keeps nothing then. */
MUST_USE enum err
judge_read(const struct judge *judge, struct buf *errors, struct config **config_r);

#endif
