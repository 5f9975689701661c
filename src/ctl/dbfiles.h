/* The files of the schema, and whether they match what was applied to a database. */
#ifndef CTL_DBFILES_H
#define CTL_DBFILES_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/sqlfile.h"

struct ctl;
struct schema_row;
struct schema_rows;

struct dbfiles {
	struct sqlfile ops;     /* ops.sql */
	struct sqlfile applied; /* ops_applied.sql */
	struct sqlfiles migrations;
	struct sqlfiles functions; /* the last one is rights.sql */
};

enum dbfiles_state { DBFILES_DUE, DBFILES_APPLIED, DBFILES_CHANGED };

/* Reads them all. This and the functions below return 0 or the exit status, and print the reason
 * of a failure. */
int
dbfiles_read(struct ctl *ctl, struct dbfiles *files_r);

/* For commands that do not change the schema: reads the files, connects, and reads what was
 * applied. Each statement must end within `timeout_ms`. A database without the schema is a failure
 * (EXIT_SCHEMA_NONE). */
int
dbfiles_look(struct ctl *ctl, int64_t timeout_ms, struct dbfiles *files_r,
	     struct schema_rows *applied_r);

/* Refuses a database that cannot fold and compare Korean text. */
int
dbfiles_check_facts(struct ctl *ctl, bool *is_initialised_r);

/* The number in front of a migration's name: 0001_name.sql; 0: there is none. */
int64_t
dbfiles_number(const char *name);

/* The greatest number among the migrations; 0: none was applied. */
int64_t
dbfiles_newest(const struct schema_rows *applied);

/* 0001_name.sql, 0002_…: no number is missing or used twice. */
int
dbfiles_check_numbers(const struct sqlfiles *migrations);

/* The files must match what was applied, in the same order. */
int
dbfiles_check_unchanged(const struct dbfiles *files, const struct schema_rows *applied);

/* No migration may have been applied that has no file here. */
int
dbfiles_check_known(const struct dbfiles *files, const struct schema_rows *applied);

/* All of them must have been applied as they are. */
int
dbfiles_check_nothing_due(const struct dbfiles *files, const struct schema_rows *applied);

/* --- one file --- */

/* The row of an applied file; NULL: not applied. */
const struct schema_row *
dbfiles_row(const struct schema_rows *applied, const char *kind, const char *name);

bool
dbfiles_has(const struct sqlfiles *files, const char *name);

enum dbfiles_state
dbfiles_state(const struct schema_rows *applied, const char *kind, const struct sqlfile *file);

bool
dbfiles_is_any_due(const struct schema_rows *applied, const char *kind,
		   const struct sqlfiles *files);

#endif
