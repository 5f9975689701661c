/*
 * INI file as a list of entries with their lines. inih splits and trims. What inih silently accepts
 * (long lines, text after a section, indented lines, lines without a value) is an error here.
 */
#ifndef CONF_INIFILE_H
#define CONF_INIFILE_H

#include <sys/stat.h>

#include "base/fail.h"

struct arena;
struct buf;

struct inifile_entry {
	const char *section; /* "" before the first section */
	const char *key;     /* NULL: the section begins here */
	char *value;         /* trimmed, without a comment; NULL when key is NULL */
	int line;            /* from 1 */
	struct inifile_entry *next;
};

/* Reads the whole text of a file of up to 1 MiB into the arena. `stat_r` (may be NULL) describes
 * the opened file. Errors go to `errors` as "file: reason". */
MUST_USE enum err
inifile_load(const char *path, struct arena *arena, struct buf *errors, struct stat *stat_r,
	     char **text_r);

/* Reads the entries in the order of the file. Returns ERR_INVALID when any line is wrong, and
 * reports each such line in `errors` as "file:line: reason". `path` is used only in these
 * reports. */
MUST_USE enum err
inifile_parse(const char *path, const char *text, struct arena *arena, struct buf *errors,
	      struct inifile_entry **entries_r);

#endif
