/* Seatmap: the live state of every seat of a show, two bits a seat. The layout has the geometry. */
#ifndef CORE_SHOW_SEATMAP_H
#define CORE_SHOW_SEATMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "core/read.h"

struct buf;
struct core;

/* {show_id, capacity, as_of, states}. The ETag (quoted, in the arena) is made of the states alone,
 * so that it stays the same while the event log moves on. */
MUST_USE enum err
seatmap_read(struct core *core, int64_t show_id, const char **etag_r, struct buf *body);

/* The states alone, two bits a seat (base/seatbits.h), in memory that the caller may change. They
 * come from the primary and are as old as `age` (core/read.h) allows. A read forgets who asked for
 * seats before it (hostmem_crowd() by show). */
MUST_USE enum err
seatmap_bits(struct core *core, int64_t show_id, struct read_age age, size_t *seats_r,
	     uint8_t **bits_r);

#endif
