/* The buffer grows by doubling. The old memory stays in the arena until its reset. */
#include <config.h>

#include "base/buf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/size.h"

#define CAPACITY_MIN ((size_t)240)

/* Makes room for `more` bytes and the NUL. */
static void
reserve(struct buf *buf, size_t more)
{
	size_t need = size_add(buf->len, more);
	size_t capacity = buf->capacity ? buf->capacity : CAPACITY_MIN;
	char *data;

	if (buf->data && need <= buf->capacity)
		return;
	while (capacity < need)
		capacity = size_mul(capacity, 2);
	data = arena_alloc(buf->arena, size_add(capacity, 1));
	if (buf->len > 0)
		memcpy(data, buf->data, buf->len);
	buf->data = data;
	buf->capacity = capacity;
}

void
buf_init(struct buf *buf, struct arena *arena)
{
	buf->arena = arena;
	buf->data = NULL;
	buf->len = 0;
	buf->capacity = 0;
}

void
buf_put(struct buf *buf, const void *data, size_t len)
{
	reserve(buf, len);
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void
buf_put_i64(struct buf *buf, int64_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRId64, number);

	buf_put(buf, text, (size_t)len);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	reserve(buf, (size_t)len);
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
