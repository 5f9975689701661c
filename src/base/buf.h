/*
 * Growing byte buffer on an arena. Every body, header block and log line is built in one. `data` is
 * always NUL-terminated after the first put (`len` does not count the NUL).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct buf {
	struct arena *arena;
	char *data;      /* NULL until the first put */
	size_t len;      /* bytes used */
	size_t capacity; /* bytes reserved, without the NUL */
};

void
buf_init(struct buf *buf, struct arena *arena);

void
buf_put(struct buf *buf, const void *data, size_t len);

void
buf_puts(struct buf *buf, const char *text);

void
buf_putc(struct buf *buf, char c);

void
buf_put_i64(struct buf *buf, int64_t number);

void
buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far; "" before the first put. */
const char *
buf_text(const struct buf *buf);

#endif
