/*
 * Arena: the memory of one request, or of one round or item of a job.
 *
 * Every allocation lives until arena_reset() or arena_free(). Allocation never returns NULL: when
 * the machine has no memory, the process ends and its parent replaces it. An arena has a soft
 * limit. Past it arena_is_over() returns true, and its caller answers the request with 413. At
 * eight times the limit the process aborts, because only a bug gets there.
 *
 * Under AddressSanitizer unused memory is poisoned.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Makes an arena. `limit` is the soft limit in bytes. Free it with arena_free(). */
struct arena *
arena_new(size_t limit);

void
arena_free(struct arena *arena);

/* Does the same as arena_free(), but first overwrites all memory: for an arena that held
 * secrets. */
void
arena_free_wiped(struct arena *arena);

/* Runs the cleanups, newest first, and frees everything. Keeps one block for the next use. */
void
arena_reset(struct arena *arena);

/* Zeroed memory, aligned for any type. */
void *
arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* `count` zeroed elements of `size`. The process aborts when the product overflows. */
void *
arena_calloc(struct arena *arena, size_t count, size_t size)
	__attribute__((malloc, returns_nonnull));

char *
arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));

/* Copy of `len` bytes with a NUL appended. */
char *
arena_strndup(struct arena *arena, const char *text, size_t len) __attribute__((returns_nonnull));

char *
arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), returns_nonnull));

/* Calls `fn(object)` at the next reset, so that a foreign object lives as long as the request. */
void
arena_cleanup(struct arena *arena, void (*fn)(void *object), void *object);

/* True when the arena has handed out more than the limit since the last reset. */
bool
arena_is_over(const struct arena *arena);

#endif
