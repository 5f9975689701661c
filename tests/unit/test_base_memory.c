/* Arena, buffer and failure record. */
#include <config.h>

#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fail.h"
#include "base/text.h"
#include "test_base.h"

#ifdef BOXOFFICE_ASAN
#include <sanitizer/asan_interface.h>
#endif

/* --- arena --- */

static void
memory_is_zeroed_and_aligned(void)
{
	struct arena *arena = arena_new(1 << 20);

	for (size_t size = 0; size < 300; size++) {
		char *data = arena_alloc(arena, size);

		UNIT_I64(0, (uintptr_t)data % alignof(max_align_t));
		for (size_t i = 0; i < size; i++)
			UNIT_I64(0, data[i]);
		memset(data, 'x', size);
	}
	arena_free(arena);
}

static void
memory_of_a_reset_arena_is_zeroed_again(void)
{
	struct arena *arena = arena_new(1 << 20);

	for (int round = 0; round < 3; round++) {
		char *data = arena_alloc(arena, 4096);

		UNIT_I64(0, data[0]);
		UNIT_I64(0, data[4095]);
		memset(data, 'x', 4096);
		arena_reset(arena);
	}
	arena_free(arena);
}

static void
small_and_large_blocks_do_not_overlap(void)
{
	static const size_t sizes[] = {1, 40000, 7, 3000000, 64, 2000000, 9};
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	struct arena *arena = arena_new(8 << 20);
	char *blocks[COUNT];

	for (size_t i = 0; i < COUNT; i++) {
		blocks[i] = arena_alloc(arena, sizes[i]);
		memset(blocks[i], 'a' + (int)i, sizes[i]);
	}
	for (size_t i = 0; i < COUNT; i++) {
		UNIT_I64('a' + (int)i, blocks[i][0]);
		UNIT_I64('a' + (int)i, blocks[i][sizes[i] - 1]);
	}
	arena_free(arena);
}

static void
an_arena_past_its_soft_limit_says_so(void)
{
	struct arena *arena = arena_new(1000);

	arena_alloc(arena, 500);
	UNIT_FALSE(arena_is_over(arena));
	arena_alloc(arena, 600);
	UNIT_TRUE(arena_is_over(arena));
	arena_reset(arena);
	UNIT_FALSE(arena_is_over(arena));
	arena_free(arena);
}

static void
fill_forever(void *context)
{
	struct arena *arena = arena_new(1000);

	(void)context;
	for (int i = 0; i < 100; i++)
		arena_alloc(arena, 100);
}

static void
an_arena_at_eight_times_its_limit_aborts(void)
{
	UNIT_I64(SIGABRT, unit_ends_by(fill_forever, NULL));
}

static void
overflow_product(void *context)
{
	(void)context;
	arena_calloc(unit_arena(), SIZE_MAX / 2, 3);
}

static void
a_product_that_overflows_aborts(void)
{
	UNIT_I64(SIGABRT, unit_ends_by(overflow_product, NULL));
}

static char order[8];

static void
note(void *object)
{
	strncat(order, object, sizeof(order) - strlen(order) - 1);
}

static void
cleanups_run_once_newest_first(void)
{
	static char names[][2] = {"a", "b", "c"};
	struct arena *arena = arena_new(1 << 20);

	order[0] = '\0';
	arena_cleanup(arena, note, names[0]);
	arena_cleanup(arena, note, names[1]);
	arena_reset(arena);
	UNIT_TEXT("ba", order);
	arena_cleanup(arena, note, names[2]);
	arena_free(arena);
	UNIT_TEXT("bac", order);
}

static void
texts_are_copied_and_formatted(void)
{
	struct arena *arena = unit_arena();
	char long_text[5000];

	memset(long_text, 'y', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	UNIT_TEXT("seat", arena_strdup(arena, "seat"));
	UNIT_TEXT("se", arena_strndup(arena, "seat", 2));
	UNIT_TEXT("", arena_strndup(arena, NULL, 0));
	UNIT_TEXT("A-12", arena_printf(arena, "%c-%d", 'A', 12));
	UNIT_I64(sizeof(long_text), strlen(arena_printf(arena, "%s!", long_text)));
}

#ifdef BOXOFFICE_ASAN
static void
memory_behind_an_allocation_is_poisoned(void)
{
	struct arena *arena = arena_new(1 << 20);
	char *data = arena_alloc(arena, 16);

	UNIT_FALSE(__asan_address_is_poisoned(data + 15));
	UNIT_TRUE(__asan_address_is_poisoned(data + 16));
	arena_reset(arena);
	UNIT_TRUE(__asan_address_is_poisoned(data));
	arena_free(arena);
}
#endif

const struct unit_case arena_cases[] = {
	{"memory is zeroed and aligned", memory_is_zeroed_and_aligned},
	{"memory of a reset arena is zeroed again", memory_of_a_reset_arena_is_zeroed_again},
	{"small and large blocks do not overlap", small_and_large_blocks_do_not_overlap},
	{"an arena past its soft limit says so", an_arena_past_its_soft_limit_says_so},
	{"an arena at eight times its limit aborts", an_arena_at_eight_times_its_limit_aborts},
	{"a product that overflows aborts", a_product_that_overflows_aborts},
	{"cleanups run once, newest first", cleanups_run_once_newest_first},
	{"texts are copied and formatted", texts_are_copied_and_formatted},
#ifdef BOXOFFICE_ASAN
	{"memory behind an allocation is poisoned", memory_behind_an_allocation_is_poisoned},
#endif
	{NULL, NULL},
};

/* --- buf --- */

static void
a_new_buffer_is_an_empty_text(void)
{
	struct buf buf;

	buf_init(&buf, unit_arena());
	UNIT_TEXT("", buf_text(&buf));
	buf_put(&buf, NULL, 0);
	UNIT_TEXT("", buf_text(&buf));
	UNIT_I64(0, buf.len);
}

static void
puts_of_every_kind_are_joined(void)
{
	struct buf buf;

	buf_init(&buf, unit_arena());
	buf_puts(&buf, "seat ");
	buf_put_i64(&buf, -9223372036854775807 - 1);
	buf_putc(&buf, ',');
	buf_printf(&buf, "%s=%d", "row", 7);
	UNIT_TEXT("seat -9223372036854775808,row=7", buf_text(&buf));
	UNIT_I64(strlen(buf_text(&buf)), buf.len);
}

static void
a_buffer_keeps_its_bytes_while_it_grows(void)
{
	struct buf buf;
	size_t wrong = 0;

	buf_init(&buf, unit_arena());
	for (int i = 0; i < 100000; i++)
		buf_putc(&buf, (char)(i % 251));
	buf_printf(&buf, "%01000d", 5);
	for (int i = 0; i < 100000; i++)
		wrong += buf.data[i] != (char)(i % 251);
	UNIT_I64(0, wrong);
	UNIT_I64(101000, buf.len);
	UNIT_I64('5', buf.data[100999]);
	UNIT_I64('\0', buf.data[101000]);
}

const struct unit_case buf_cases[] = {
	{"a new buffer is an empty text", a_new_buffer_is_an_empty_text},
	{"puts of every kind are joined", puts_of_every_kind_are_joined},
	{"a buffer keeps its bytes while it grows", a_buffer_keeps_its_bytes_while_it_grows},
	{NULL, NULL},
};

/* --- fail --- */

static void
the_first_record_wins(void)
{
	struct failure failure;

	failure_init(&failure, unit_arena());
	UNIT_I64(ERR_CONFLICT, fail(&failure, CODE_SEATS_TAKEN, "seat %d is taken", 7));
	UNIT_I64(ERR_INTERNAL, fail(&failure, CODE_INTERNAL, "something"));
	UNIT_I64(ERR_RETRY, fail_log(&failure, CODE_UNAVAILABLE, "the database is away"));
	UNIT_I64(ERR_INVALID, fail_field(&failure, "seats", "must be there"));
	UNIT_I64(CODE_SEATS_TAKEN, failure.code);
	UNIT_TEXT("seat 7 is taken", failure.detail);
	UNIT_TEXT(NULL, failure.log_detail);
	UNIT_TRUE(failure.violations == NULL);
}

static void
a_reason_for_the_log_is_not_for_the_client(void)
{
	struct failure failure;

	failure_init(&failure, unit_arena());
	UNIT_I64(ERR_INTERNAL, fail_log(&failure, CODE_INTERNAL, "column %s", "x"));
	UNIT_TEXT(NULL, failure.detail);
	UNIT_TEXT("column x", failure.log_detail);
}

static void
violations_are_kept_in_order_up_to_twenty(void)
{
	struct failure failure;
	char field[32];
	int count = 0;

	failure_init(&failure, unit_arena());
	for (int i = 0; i < 30; i++) {
		snprintf(field, sizeof(field), "seats[%d]", i);
		UNIT_I64(ERR_INVALID, fail_field(&failure, field, "out of %d", i));
	}
	UNIT_I64(CODE_VALIDATION_FAILED, failure.code);
	for (struct violation *row = failure.violations; row; row = row->next) {
		snprintf(field, sizeof(field), "seats[%d]", count++);
		UNIT_TEXT(field, row->field);
	}
	UNIT_I64(20, count);
	UNIT_TEXT("out of 0", failure.violations->message);
}

static void
extra_members_are_joined(void)
{
	struct failure failure;

	failure_init(&failure, unit_arena());
	(void)fail(&failure, CODE_SEAT_LIMIT, "too many");
	fail_extra(&failure, "limit", "4");
	fail_extra(&failure, "taken", "[1,2]");
	UNIT_TEXT("\"limit\":4,\"taken\":[1,2]", failure.extra);
}

static void
without_a_record_the_class_is_still_returned(void)
{
	UNIT_I64(ERR_INVALID, fail(NULL, CODE_BAD_JSON, "no"));
	UNIT_I64(ERR_INVALID, fail_field(NULL, "a", "no"));
	UNIT_I64(ERR_RETRY, fail_log(NULL, CODE_UNAVAILABLE, "no"));
	fail_extra(NULL, "a", "1");
}

static void
every_code_is_found_by_its_name(void)
{
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		const struct code_info *info = code_info(code);

		unit_row(info->name);
		UNIT_I64(code, code_by_name(info->name));
		UNIT_TRUE(info->status >= 400 && info->status < 600);
		UNIT_TRUE(info->err > ERR_OK && info->err < ERR_MAX);
		UNIT_TRUE(strlen(info->title) > 0);
	}
	unit_row(NULL);
	UNIT_I64(CODE_NONE, code_by_name("no_such_code"));
	UNIT_I64(CODE_NONE, code_by_name("none"));
}

const struct unit_case fail_cases[] = {
	{"the first record wins", the_first_record_wins},
	{"a reason for the log is not for the client", a_reason_for_the_log_is_not_for_the_client},
	{"violations are kept in order up to twenty", violations_are_kept_in_order_up_to_twenty},
	{"extra members are joined", extra_members_are_joined},
	{"without a record the class is still returned",
	 without_a_record_the_class_is_still_returned},
	{"every code is found by its name", every_code_is_found_by_its_name},
	{NULL, NULL},
};
