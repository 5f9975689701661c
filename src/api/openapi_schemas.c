#include "config.h"

#include "api/openapi_schemas.h"

#include <assert.h>
#include <string.h>

#include "api/openapi_example.h"
#include "api/openapi_shape.h"
#include "api/problems.h"
#include "api/schemas.h"
#include "base/arena.h"
#include "base/buf.h"
#include "json/jin.h"
#include "json/jout.h"
#include "web/route.h"

#define SHAPES_MAX 64

/* Each shape is listed once, however many rows and shapes refer to it. */
struct shapes {
	const struct jin_shape *list[SHAPES_MAX];
	size_t count;
};

static void
add_shape(struct shapes *shapes, const struct jin_shape *shape)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (shapes->list[i] == shape)
			return;
	assert(shapes->count < SHAPES_MAX);
	shapes->list[shapes->count++] = shape;
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++)
		if (field->shape != NULL)
			add_shape(shapes, field->shape);
}

/* Is it the schema of a whole body? */
static bool
is_body(const struct route_table *table, const char *schema)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct route *route = &table->rows[i];

		if (route->shape != NULL && strcmp(route->shape->name, schema) == 0)
			return true;
		for (size_t j = 0; j < ROUTE_ANSWERS_MAX; j++)
			if (route->answers[j].schema != NULL &&
			    strcmp(route->answers[j].schema, schema) == 0)
				return true;
	}
	return problems_is_schema(schema);
}

void
openapi_schemas_examples(struct jout *out, const struct route_table *table, const char *text)
{
	const struct jval *schemas = jin_parse_own(out->buf->arena, text), *schema;
	size_t cursor = 0;
	const char *name;

	assert(schemas != NULL);
	jout_key(out, "examples");
	jout_object(out);
	while (jin_object_next(schemas, &cursor, &name, &schema)) {
		if (!is_body(table, name))
			continue;
		jout_key(out, name);
		jout_object(out);
		jout_key(out, "value");
		openapi_example(out, schemas, name);
		jout_end(out);
	}
	jout_end(out);
}

const char *
openapi_schemas(struct arena *arena, const struct route_table *table)
{
	struct shapes shapes = {.count = 0};
	struct buf made, all;
	struct jout members;

	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].shape != NULL)
			add_shape(&shapes, table->rows[i].shape);
	buf_init(&made, arena);
	jout_init(&members, &made);
	jout_object(&members);
	for (size_t i = 0; i < shapes.count; i++) {
		jout_key(&members, shapes.list[i]->name);
		openapi_shape(&members, shapes.list[i]);
	}
	problems_put_schemas(&members);
	jout_end(&members);
	buf_init(&all, arena);
	buf_put(&all, api_schemas, strlen(api_schemas) - 1);
	buf_putc(&all, ',');
	buf_puts(&all, buf_text(&made) + 1);
	return buf_text(&all);
}
