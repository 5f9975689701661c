#include "config.h"

#include <json-c/json.h>

#include "base/thing.h"

/* Calls of a library begin as the library does; what we define does not. */
static struct json_object *root;

void *
words_root(void)
{
	if (!root)
		root = json_object_new_object();
	return root;
}
