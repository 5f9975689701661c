#include "config.h"

#include "run/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/exit.h"

#define ROWS_MAX 16
#define VALUE_FIRST 256 /* options without a letter; greater than all letters */

/* The rows that every program has besides its own. */
static const struct option_row config_row = {
	.name = "config",
	.letter = 'c',
	.kind = OPTION_TEXT,
	.arg = "FILE",
	.help = "read FILE instead of $BOXOFFICE_CONF",
};
static const struct option_row version_row = {.name = "version", .help = "print the version"};
static const struct option_row help_row = {.name = "help", .letter = 'h', .help = "print this"};

static void
print_row(FILE *out, const struct option_row *row)
{
	char left[64];

	if (!row->help)
		return;
	snprintf(left, sizeof(left), "--%s%s%s", row->name, row->arg ? " " : "",
		 row->arg ? row->arg : "");
	if (row->letter)
		fprintf(out, "  -%c, ", row->letter);
	else
		fputs("      ", out);
	fprintf(out, "%-13s  %s\n", left, row->help);
}

void
options_print_usage(FILE *out, const struct options *options)
{
	fprintf(out, "Usage: %s [--config FILE]%s%s\n", options->program,
		options->synopsis[0] ? " " : "", options->synopsis);
	if (options->summary)
		fprintf(out, "%s\n", options->summary);
	if (options->print_summary)
		options->print_summary(out);
	fputc('\n', out);
	print_row(out, &config_row);
	for (const struct option_row *row = options->rows; row->name; row++)
		print_row(out, row);
	print_row(out, &version_row);
	print_row(out, &help_row);
	if (options->tail)
		fputs(options->tail, out);
}

void
options_refuse(const struct options *options, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", options->program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; %s --help says more\n", options->program);
	exit(EXIT_USAGE);
}

static int64_t
read_number(const struct options *options, int64_t most)
{
	int64_t number;

	if (!text_parse_i64(optarg, strlen(optarg), &number) || number < 1 || number > most)
		options_refuse(options, "%s is no number from 1 to %lld", optarg, (long long)most);
	return number;
}

static void
take(const struct options *options, const struct option_row *row)
{
	struct option_words *words;

	switch (row->kind) {
	case OPTION_FLAG:
		if (row->value)
			*(bool *)row->value = true;
		break;
	case OPTION_TEXT:
		*(const char **)row->value = optarg;
		break;
	case OPTION_NUMBER:
		*(int64_t *)row->value = read_number(options, row->most);
		break;
	case OPTION_ZERO:
		*(int64_t *)row->value = 0;
		break;
	case OPTION_WORDS:
		words = row->value;
		if (words->count == OPTION_WORDS_MAX)
			options_refuse(options, "--%s may be given %d times", row->name,
				       OPTION_WORDS_MAX);
		words->items[words->count++] = optarg;
		break;
	}
}

/* Puts all rows into the form of getopt_long(3); `rows_r[i]` is the row of the value VALUE_FIRST
 * + i. Returns their number. */
static size_t
prepare(const struct options *options, const struct option_row *rows_r[ROWS_MAX],
	struct option known_r[ROWS_MAX + 1], char letters_r[2 * ROWS_MAX + 2])
{
	size_t count = 0;

	*letters_r++ = ':'; /* a missing argument is told apart */
	rows_r[count++] = &config_row;
	rows_r[count++] = &version_row;
	rows_r[count++] = &help_row;
	for (const struct option_row *row = options->rows; row->name; row++) {
		assert(count < ROWS_MAX);
		rows_r[count++] = row;
	}
	for (size_t i = 0; i < count; i++) {
		const bool has_arg = rows_r[i]->kind == OPTION_TEXT ||
				     rows_r[i]->kind == OPTION_NUMBER ||
				     rows_r[i]->kind == OPTION_WORDS;

		known_r[i] = (struct option){
			.name = rows_r[i]->name,
			.has_arg = has_arg ? required_argument : no_argument,
			.val = VALUE_FIRST + (int)i,
		};
		if (rows_r[i]->letter)
			*letters_r++ = rows_r[i]->letter;
		if (rows_r[i]->letter && has_arg)
			*letters_r++ = ':';
	}
	known_r[count] = (struct option){.name = NULL};
	*letters_r = '\0';
	return count;
}

/* Finds the row of a value that getopt_long(3) returned; NULL: it is no option. */
static const struct option_row *
find_row(const struct option_row *const *rows, size_t count, int value)
{
	if (value >= VALUE_FIRST)
		return rows[value - VALUE_FIRST];
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->letter == value)
			return rows[i];
	}
	return NULL;
}

/* Says what getopt_long(3) did not take: `value` is what it returned. */
static void __attribute__((noreturn))
refuse_option(const struct options *options, char **argv, int value)
{
	if (value == ':')
		options_refuse(options, "%s needs an argument", argv[optind - 1]);
	if (optopt >= VALUE_FIRST)
		options_refuse(options, "%s takes no argument", argv[optind - 1]);
	if (optopt != 0)
		options_refuse(options, "there is no option -%c", optopt);
	options_refuse(options, "there is no option %s", argv[optind - 1]);
}

const char *
options_read(int argc, char **argv, const struct options *options)
{
	const struct option_row *rows[ROWS_MAX], *row;
	struct option known[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 2];
	const size_t count = prepare(options, rows, known, letters);
	const char *config = NULL;
	int value;

	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, known, NULL)) != -1) {
		row = find_row(rows, count, value);
		if (!row)
			refuse_option(options, argv, value);
		if (row == &config_row) {
			config = optarg;
		} else if (row == &version_row) {
			puts(PACKAGE_STRING);
			exit(EXIT_SUCCESS);
		} else if (row == &help_row) {
			options_print_usage(stdout, options);
			exit(EXIT_SUCCESS);
		} else {
			take(options, row);
		}
	}
	if (optind < argc && !options->has_words)
		options_refuse(options, "it takes no \"%s\"", argv[optind]);
	return config;
}
