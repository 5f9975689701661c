/* Files of SQL below paths_sql_dir: listed in order of their names, read whole, with checksums. */
#ifndef CTL_SQLFILE_H
#define CTL_SQLFILE_H

#include <stddef.h>

#include "base/fail.h"

struct arena;
struct failure;

struct sqlfile {
	const char *name; /* without the folder */
	const char *text;
	const char *checksum; /* BLAKE2b-256 in hex */
};

struct sqlfiles {
	struct sqlfile *files;
	size_t count;
};

/* Reads all DIR/FOLDER/ *.sql. A folder that is missing or has no such file is an error. */
MUST_USE enum err
sqlfiles_read(struct arena *arena, struct failure *failure, const char *dir, const char *folder,
	      struct sqlfiles *files_r);

/* Reads DIR/NAME alone. */
MUST_USE enum err
sqlfile_read(struct arena *arena, struct failure *failure, const char *dir, const char *name,
	     struct sqlfile *file_r);

/* Joins all files to one text with one checksum, under its own name. */
struct sqlfile
sqlfiles_join(struct arena *arena, const struct sqlfiles *files, const char *name);

#endif
