/*
 * Relay report: how far each consumer is behind and what waits for it, in a file
 * boxoffice-relay.prom beside the files of the jobs (run/report.h).
 */
#ifndef RELAY_RELAY_REPORT_H
#define RELAY_RELAY_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct run;

struct relay_reader {
	const char *consumer;
	int64_t from; /* first transaction of which it has not handled all */
};

/* With a `count` of 0 it only says that this relay does not lead. A file that cannot be written
 * is logged and harms nothing. */
MUST_USE enum err
relay_report(struct run *run, const struct relay_reader *readers, size_t count);

#endif
