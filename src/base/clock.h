/*
 * Time. Durations come from the monotonic clock, which also counts the time that the machine is
 * suspended (CLOCK_BOOTTIME): the database's clock runs on meanwhile. Instants that decide anything
 * come from the database (hostmem_db_now_us()). The text form is RFC 3339: any offset is read, and
 * "Z" and whole seconds are written.
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

void
clock_pause_ms(int64_t ms);

/* The wall clock, only for log lines, and to compare with stamps of this host: of nginx, of a
 * cached value. */
int64_t
clock_wall_us(void);

/* Writes Unix seconds as "2026-11-21T10:00:00Z", for the years 0001–9999. */
void
clock_format(int64_t unix_s, char text_r[CLOCK_RFC3339_SIZE]);

/* Reads an RFC 3339 date-time with offset and drops fractions. Returns false on any other text,
 * leap seconds included. */
bool
clock_parse(const char *text, size_t len, int64_t *unix_s_r);

/* Reads an existing day such as "2026-11-21". Stores the days since 1970-01-01. */
bool
clock_parse_date(const char *text, size_t len, int32_t *days_r);

#endif
