/* Seatmap: the live state of every seat of a show, two bits a seat. The layout has the geometry. */
#ifndef CORE_SHOW_SEATMAP_H
#define CORE_SHOW_SEATMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;

/* {show_id, capacity, as_of, states}. The ETag (quoted, in the arena) is made of the states alone,
 * so that it stays the same while the event log moves on. */
MUST_USE enum err
seatmap_read(struct core *core, int64_t show_id, const char **etag_r, struct buf *body);

/* The states alone, two bits a seat (base/seatbits.h), in memory that the caller may change. They
 * are at most `age_ms` old, or as old as while another process reads them anew; 0: read now from
 * the primary. */
MUST_USE enum err
seatmap_bits(struct core *core, int64_t show_id, int64_t age_ms, size_t *seats_r, uint8_t **bits_r);

#endif
