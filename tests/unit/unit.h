/*
 * Unit: what the test programs of all layers share, on top of CUnit.
 *
 * A program is tables of cases, a table of suites and a main() that returns unit_run(). The name of
 * a case is a sentence that says what holds. In a test over a table call unit_row() with the name
 * of the row first: a failure prints it beside what was expected and what was got.
 *
 *	static const struct unit_case cases[] = {
 *		{"an empty text is no number", test_empty},
 *		{NULL, NULL},
 *	};
 *	static const struct unit_suite suites[] = {{"numbers", cases}, {NULL, NULL}};
 *
 *	int
 *	main(void)
 *	{
 *		return unit_run(suites);
 *	}
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct unit_case {
	const char *name; /* a sentence; NULL ends the table */
	void (*run)(void);
};

struct unit_suite {
	const char *name; /* NULL ends the table */
	const struct unit_case *cases;
};

/* Runs everything, prints CUnit's summary last. Returns the exit status of the program. */
int
unit_run(const struct unit_suite *suites);

/* Names the row of a table under test until the next call or the next case. */
void
unit_row(const char *name);

/* An arena that is reset before each case. */
struct arena *
unit_arena(void);

/* A folder of the program's own, removed when it ends. */
const char *
unit_dir(void);

/* Writes a file below unit_dir(), mode 0600; returns its path, in the arena. */
const char *
unit_write(const char *name, const char *text);

/* Content of a file, in the arena; NULL when it cannot be read. */
const char *
unit_read(const char *path);

/* Runs `fn` in a child without standard error: the signal that ended it, 0 when it ended by itself,
 * or minus its exit status. */
int
unit_ends_by(void (*fn)(void *context), void *context);

/* Each is true when it held. A failure is reported with row, expected and got; the case goes on. */
bool
unit_check(bool is_held, const char *condition, const char *file, unsigned line);
bool
unit_check_i64(int64_t expected, int64_t got, const char *what, const char *file, unsigned line);
bool
unit_check_text(const char *expected, const char *got, const char *what, const char *file,
		unsigned line);
bool
unit_check_contains(const char *part, const char *got, const char *what, const char *file,
		    unsigned line);

#define UNIT_TRUE(condition) unit_check((condition), #condition, __FILE__, __LINE__)
#define UNIT_FALSE(condition) unit_check(!(condition), "!(" #condition ")", __FILE__, __LINE__)
#define UNIT_I64(expected, got) \
	unit_check_i64((int64_t)(expected), (int64_t)(got), #got, __FILE__, __LINE__)
/* Both may be NULL. */
#define UNIT_TEXT(expected, got) unit_check_text((expected), (got), #got, __FILE__, __LINE__)
#define UNIT_CONTAINS(part, got) unit_check_contains((part), (got), #got, __FILE__, __LINE__)

#endif
