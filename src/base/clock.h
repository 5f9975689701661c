/*
 * Time. Durations come from CLOCK_MONOTONIC; instants that decide anything come from the database
 * (hostmem_db_now_us()). Text form is RFC 3339: any offset in, "Z" and whole seconds out.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_RFC3339_SIZE 21 /* "2026-11-21T10:00:00Z" and NUL */

int64_t
clock_mono_us(void);

int64_t
clock_mono_ms(void);

/* The wall clock, for log lines and Trace-Ids only. */
int64_t
clock_wall_us(void);

/* Unix seconds to "2026-11-21T10:00:00Z"; years 0001–9999. */
void
clock_format(int64_t unix_s, char text_r[CLOCK_RFC3339_SIZE]);

/* RFC 3339 date-time with offset; fractions are cut. False when it is none (leap seconds are none).
 */
bool
clock_parse(const char *text, size_t len, int64_t *unix_s_r);

/* "2026-11-21": a day that exists. Days since 1970-01-01. */
bool
clock_parse_date(const char *text, size_t len, int32_t *days_r);

#endif
