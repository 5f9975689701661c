/*
 * Blocks of growing size, newest first. A small request stays in the first block, which survives a
 * reset. So a warm worker does not call malloc at all.
 */
#include <config.h>

#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BOXOFFICE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#include "base/size.h"

#define BLOCK_MIN ((size_t)32 << 10)
#define BLOCK_MAX ((size_t)1 << 20)
#define ALIGNMENT alignof(max_align_t)
#define ABORT_FACTOR 8 /* times the limit: only a bug gets there */
#ifdef BOXOFFICE_ASAN
#define GAP ALIGNMENT /* poisoned bytes after each allocation, to catch an overrun by one */
#else
#define GAP 0
#endif

struct block {
	struct block *next; /* older */
	size_t size;        /* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

struct cleanup {
	struct cleanup *next; /* older */
	void (*fn)(void *object);
	void *object;
};

struct arena {
	struct block *blocks;     /* newest first */
	struct cleanup *cleanups; /* newest first; live in the blocks */
	size_t used;              /* bytes handed out since the last reset */
	size_t limit;             /* soft, in bytes */
};

static void
die_out_of_memory(size_t size)
{
	fprintf(stderr, "boxoffice: no memory for %zu bytes\n", size);
	_Exit(EXIT_FAILURE);
}

static struct block *
block_new(size_t size)
{
	struct block *block = malloc(size_add(sizeof(*block), size));

	if (!block)
		die_out_of_memory(size);
	block->next = NULL;
	block->size = size;
	block->used = 0;
	ASAN_POISON_MEMORY_REGION(block->data, size);
	return block;
}

static void
block_free(struct block *block)
{
	ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
	free(block);
}

/* A block with room for `need` bytes in front of the list. */
static struct block *
grow(struct arena *arena, size_t need)
{
	size_t size = BLOCK_MIN;
	struct block *block;

	if (arena->blocks && arena->blocks->size < BLOCK_MAX / 2)
		size = size_mul(arena->blocks->size, 2);
	else if (arena->blocks)
		size = BLOCK_MAX;
	block = block_new(need > size ? need : size);
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

struct arena *
arena_new(size_t limit)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		die_out_of_memory(sizeof(*arena));
	arena->limit = limit;
	return arena;
}

static void
run_cleanups(struct arena *arena)
{
	/* A cleanup may register another one, so each turn reads the list again. */
	while (arena->cleanups) {
		struct cleanup *cleanup = arena->cleanups;

		arena->cleanups = cleanup->next;
		cleanup->fn(cleanup->object);
	}
}

void
arena_free(struct arena *arena)
{
	if (!arena)
		return;
	run_cleanups(arena);
	while (arena->blocks) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		block_free(block);
	}
	free(arena);
}

void
arena_free_wiped(struct arena *arena)
{
	if (!arena)
		return;
	run_cleanups(arena);
	for (struct block *block = arena->blocks; block; block = block->next) {
		ASAN_UNPOISON_MEMORY_REGION(block->data, block->used);
		explicit_bzero(block->data, block->used);
	}
	arena_free(arena);
}

void
arena_reset(struct arena *arena)
{
	run_cleanups(arena);
	/* The oldest block is kept, unless one huge allocation came first. */
	while (arena->blocks && (arena->blocks->next || arena->blocks->size > BLOCK_MAX)) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		block_free(block);
	}
	if (arena->blocks) {
		arena->blocks->used = 0;
		ASAN_POISON_MEMORY_REGION(arena->blocks->data, arena->blocks->size);
	}
	arena->used = 0;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t need = size_add(size_add(size, GAP), ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	struct block *block = arena->blocks;
	char *data;

	arena->used = size_add(arena->used, need);
	if (arena->used / ABORT_FACTOR > arena->limit) {
		fprintf(stderr, "boxoffice: arena of %zu bytes grew to %zu: aborting\n",
			arena->limit, arena->used);
		abort();
	}
	if (!block || block->size - block->used < need)
		block = grow(arena, need);
	data = block->data + block->used;
	block->used += need;
	ASAN_UNPOISON_MEMORY_REGION(data, size);
	return memset(data, 0, size);
}

void *
arena_calloc(struct arena *arena, size_t count, size_t size)
{
	return arena_alloc(arena, size_mul(count, size));
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, size_add(len, 1));

	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(len >= 0);
	text = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void
arena_cleanup(struct arena *arena, void (*fn)(void *object), void *object)
{
	struct cleanup *cleanup = arena_alloc(arena, sizeof(*cleanup));

	cleanup->fn = fn;
	cleanup->object = object;
	cleanup->next = arena->cleanups;
	arena->cleanups = cleanup;
}

bool
arena_is_over(const struct arena *arena)
{
	return arena->used > arena->limit;
}
