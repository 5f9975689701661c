/*
 * Options of the command line. Each program takes --config FILE, --version and --help, and the rows
 * of its own table. The usage is printed from the same table.
 */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
	OPTION_FLAG,   /* sets a bool; without a value: accepted and ignored */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* int64_t from 1 to `most` */
	OPTION_ZERO,   /* no argument: sets an int64_t to 0 */
	OPTION_WORDS,  /* struct option_words: may be repeated */
};

#define OPTION_WORDS_MAX 64

struct option_words {
	const char *items[OPTION_WORDS_MAX];
	size_t count;
};

struct option_row {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* of the short form; 0: none */
	enum option_kind kind;
	void *value;      /* the variable to set, of the kind's type */
	const char *arg;  /* name of the argument in the usage; NULL: none */
	const char *help; /* NULL: not in the usage */
	int64_t most;     /* of a number */
};

/* The row of programs that work beside the workers. */
#define OPTION_ROW_VERBOSE(value_)                                    \
	{                                                             \
		.name = "verbose", .letter = 'v', .value = (value_),  \
		.help = "say what was done, not only what went wrong" \
	}

struct options {
	const char *program;
	const char *synopsis; /* the rest of the first line, after [--config FILE] */
	const char *summary;  /* a line about the program; NULL: print_summary() prints more */
	void (*print_summary)(FILE *out);
	const struct option_row *rows; /* of this program alone */
	const char *tail;              /* end of the usage; NULL: nothing */
	bool has_words;                /* words may follow: they start at argv[optind] */
};

/* Sets the values of the rows. Returns the argument of --config, NULL when it was not given.
 * --version and --help end the program. Wrong options end it with EXIT_USAGE. */
const char *
options_read(int argc, char **argv, const struct options *options);

void
options_print_usage(FILE *out, const struct options *options);

/* Says on one line of standard error what is wrong, and ends the program with EXIT_USAGE. */
void __attribute__((noreturn, format(printf, 2, 3)))
options_refuse(const struct options *options, const char *format, ...);

#endif
