/*
 * Verdict: what came of a reload. The master writes it into a file beside its pid file, and
 * `boxofficed --reload` waits for it there.
 *
 * The file counts the reloads that have begun and those that are done. Who asks for a reload reads
 * it first, and then waits for one that began after that: its number is above every number that was
 * in the file. A reload that had begun before may have read the old configuration, so its verdict
 * does not count. Two who ask at once may get the verdict of one reload, which began after both had
 * asked.
 */
#ifndef BOXOFFICED_VERDICT_H
#define BOXOFFICED_VERDICT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

/* The master's side. */
struct verdict_file {
	char path[PATH_MAX];
	int64_t begun, done;
	bool is_taken; /* the last that is done; it stays in the file while the next is under way */
	char *text;
};

/* Removes what a former master left. */
void
verdict_init(struct verdict_file *file, const char *run_dir);

/* Call this before anything of the new configuration is read. */
void
verdict_begin(struct verdict_file *file);

/* `text` has the problems of a refused configuration, or notes about one that was taken; a line
 * each. A file that cannot be written is logged. */
void
verdict_end(struct verdict_file *file, bool is_taken, const char *text);

void
verdict_drop(struct verdict_file *file);

/* The other side. */
struct verdict {
	int64_t begun, done;
	bool is_taken;    /* of the last that is done */
	const char *text; /* in the arena */
};

/* Reads the verdict of the master `pid` in `run_dir`. Returns false when it has given none. */
bool
verdict_read(const char *run_dir, long pid, struct arena *arena, struct verdict *verdict_r);

#endif
