#include "config.h"

#include "base/thing.h"

#include <stdio.h>
#include <sys/types.h>

#include <ini.h>

static const char *const words[] = {
	"select a seat first",
	"update the order",
	"with the ticket",
	"begin with a letter",
	"DELETE",
	"delete the cookie",
	"system(1) is a shell",
	"set by the show's home",
	"// no comment",
};

int
thing_count(const struct thing *thing)
{
	char text[8];

	/* snprintf ends in sprintf, subsystem() in system(). */
	return snprintf(text, sizeof(text), "%d%s", thing->pending, words[0]);
}
