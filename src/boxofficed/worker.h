/* Worker: a disposable child that serves one request after another on its pool's socket. */
#ifndef BOXOFFICED_WORKER_H
#define BOXOFFICED_WORKER_H

#include <stdint.h>

struct config;
struct secrets;

struct worker {
	const struct config *config;
	const struct secrets *secrets;
	const char *pool;
	int listen_fd;
	int64_t max_requests; /* 0: never retires */
};

/* Runs in the child; returns its exit status. */
int
worker_run(const struct worker *worker);

#endif
