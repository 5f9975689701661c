/* The harness of the unit tests; see unit.h. */
#include <config.h>

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "base/arena.h"

#define ARENA_LIMIT ((size_t)64 << 20)

static struct arena *case_arena;
static const char *row_name;
static char dir_path[64];
static pid_t dir_owner; /* a forked child must not remove the folder */

static void
die(const char *what)
{
	fprintf(stderr, "unit: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int
remove_entry(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
	(void)info;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
remove_dir(void)
{
	if (dir_path[0] != '\0' && getpid() == dir_owner)
		nftw(dir_path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void
before_case(void)
{
	row_name = NULL;
	arena_reset(case_arena);
}

static void
add_suite(const struct unit_suite *suite)
{
	CU_pSuite cu_suite =
		CU_add_suite_with_setup_and_teardown(suite->name, NULL, NULL, before_case, NULL);

	if (!cu_suite)
		die("cannot add a suite");
	for (const struct unit_case *row = suite->cases; row->name; row++) {
		if (!CU_add_test(cu_suite, row->name, row->run))
			die("cannot add a case");
	}
}

int
unit_run(const struct unit_suite *suites)
{
	const struct rlimit no_core = {0, 0};
	unsigned failures;

	/* Children that are meant to abort leave no core files. */
	setrlimit(RLIMIT_CORE, &no_core);
	setvbuf(stdout, NULL, _IOLBF, 0);
	case_arena = arena_new(ARENA_LIMIT);
	if (CU_initialize_registry() != CUE_SUCCESS)
		die("cannot start CUnit");
	for (; suites->name; suites++)
		add_suite(suites);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	if (CU_get_number_of_tests_run() == 0)
		failures++;
	CU_cleanup_registry();
	arena_free(case_arena);
	return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

void
unit_row(const char *name)
{
	row_name = name;
}

struct arena *
unit_arena(void)
{
	return case_arena;
}

const char *
unit_dir(void)
{
	if (dir_path[0] == '\0') {
		strncpy(dir_path, "/tmp/boxoffice-unit-XXXXXX", sizeof(dir_path) - 1);
		if (!mkdtemp(dir_path))
			die("cannot make a folder");
		dir_owner = getpid();
		atexit(remove_dir);
	}
	return dir_path;
}

const char *
unit_write(const char *name, const char *text)
{
	const char *path = arena_printf(case_arena, "%s/%s", unit_dir(), name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
		die(path);
	return path;
}

const char *
unit_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	const char *copy;

	if (!file)
		return NULL;
	len = getdelim(&text, &size, '\0', file);
	copy = arena_strndup(case_arena, text ? text : "", len > 0 ? (size_t)len : 0);
	free(text);
	fclose(file);
	return copy;
}

int
unit_ends_by(void (*fn)(void *context), void *context)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDERR_FILENO);
		fn(context);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("cannot wait");
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/* Says what happened and counts it at CUnit. */
static void
report(const char *what, const char *file, unsigned line, const char *expected, const char *got)
{
	printf("\n    %s:%u: %s%s%s%s\n      expected  %s\n      got       %s\n", file, line,
	       row_name ? "row \"" : "", row_name ? row_name : "", row_name ? "\": " : "", what,
	       expected, got);
	CU_assertImplementation(CU_FALSE, line, what, file, "", CU_FALSE);
}

bool
unit_check(bool is_held, const char *condition, const char *file, unsigned line)
{
	if (is_held)
		CU_assertImplementation(CU_TRUE, line, condition, file, "", CU_FALSE);
	else
		report(condition, file, line, "true", "false");
	return is_held;
}

bool
unit_check_i64(int64_t expected, int64_t got, const char *what, const char *file, unsigned line)
{
	char texts[2][24];

	if (expected == got)
		return unit_check(true, what, file, line);
	snprintf(texts[0], sizeof(texts[0]), "%" PRId64, expected);
	snprintf(texts[1], sizeof(texts[1]), "%" PRId64, got);
	report(what, file, line, texts[0], texts[1]);
	return false;
}

bool
unit_check_text(const char *expected, const char *got, const char *what, const char *file,
		unsigned line)
{
	if (expected == got || (expected && got && strcmp(expected, got) == 0))
		return unit_check(true, what, file, line);
	report(what, file, line, expected ? expected : "(null)", got ? got : "(null)");
	return false;
}

bool
unit_check_contains(const char *part, const char *got, const char *what, const char *file,
		    unsigned line)
{
	if (got && strstr(got, part))
		return unit_check(true, what, file, line);
	report(what, file, line, part, got ? got : "(null)");
	return false;
}
