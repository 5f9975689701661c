/*
 * Probe, for `--check --connect`: connects to every database and cache that a configuration names,
 * with the rights of the account that will do so: the owner's as we are, the others as the service.
 */
#ifndef BOXOFFICED_PROBE_H
#define BOXOFFICED_PROBE_H

struct config;

/* Prints a line for each, what is wrong on standard error. Returns 0, or the exit status of the
 * first that is wrong. */
int
probe_run(const struct config *config);

#endif
