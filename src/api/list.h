/* Lists: the parameters that every list takes. */
#ifndef API_LIST_H
#define API_LIST_H

#include <stddef.h>

#include "core/list.h"
#include "json/jin.h"

/* The fields of a query that fill the struct list_page at `place` of its struct. */
#define LIST_FIELDS(place)                                                             \
	{.name = "limit",                                                              \
	 .type = JIN_I64,                                                              \
	 .offset = (place) + offsetof(struct list_page, limit),                        \
	 .min = 1,                                                                     \
	 .max = /* guard: most */ LIST_LIMIT_MAX,                                      \
	 .otherwise = LIST_LIMIT_DEFAULT,                                              \
	 .doc = "Number of rows in a page."},                                          \
	{                                                                              \
		.name = "cursor", .type = JIN_CURSOR,                                  \
		.offset = (place) + offsetof(struct list_page, cursor),                \
		.doc = "The next_cursor of the previous page, however short that was." \
	}

/* Query of a list without other parameters. Fills a struct list_page. */
extern const struct jin_shape api_list_query;

#endif
