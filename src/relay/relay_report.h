/*
 * Relay report: writes how far each consumer is behind, and how many events wait for it, to a file
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
	int64_t from; /* the first transaction that it has not fully handled */
};

/* A `count` of 0 reports only that this relay does not lead. A file that cannot be written is
 * logged and does no harm. */
MUST_USE enum err
relay_report(struct run *run, const struct relay_reader *readers, size_t count);

#endif
