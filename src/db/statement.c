/* Looked up once per connection and statement. */
#include "config.h"

#include "db/statement.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct statement *)row)->name);
}

const char *
statement_find(const char *name)
{
	const struct statement *row =
		bsearch(name, statements, statement_count, sizeof(*statements), compare);

	return row ? row->text : NULL;
}
