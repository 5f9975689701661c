#include "config.h"

#include "api/list.h"

static const struct jin_field list_fields[] = {LIST_FIELDS(0), {.name = NULL}};

const struct jin_shape api_list_query = {
	.name = "ListQuery", .fields = list_fields, .size = sizeof(struct list_page)};
