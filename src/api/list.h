/* Lists: the parameters that each of them takes. */
#ifndef API_LIST_H
#define API_LIST_H

#include <stddef.h>

#include "core/list.h"
#include "json/jin.h"

/* The rows of a query's shape that fill the struct list_page at `place` of its struct. */
#define LIST_FIELDS(place)                                              \
	{.name = "limit",                                               \
	 .type = JIN_I64,                                               \
	 .offset = (place) + offsetof(struct list_page, limit),         \
	 .min = 1,                                                      \
	 .max = LIST_LIMIT_MAX,                                         \
	 .otherwise = LIST_LIMIT_DEFAULT,                               \
	 .doc = "rows of a page"},                                      \
	{                                                               \
		.name = "cursor", .type = JIN_CURSOR,                   \
		.offset = (place) + offsetof(struct list_page, cursor), \
		.doc = "next_cursor of the page before"                 \
	}

/* Of a list that takes nothing else; fills a struct list_page. */
extern const struct jin_shape api_list_query;

#endif
