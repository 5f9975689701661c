#include "config.h"

#include "core/directory/layout_seat.h"

#include <stdbool.h>

#include "json/jin.h"

/* Returns NULL when the member is missing or no array. */
static const struct jval *
array_of(const struct jval *object, const char *key)
{
	const struct jval *value = jin_is_object(object) ? jin_get(object, key) : NULL;

	return value != NULL && jin_is_array(value) ? value : NULL;
}

static const char *
text_of(const struct jval *object, const char *key)
{
	const struct jval *value = jin_get(object, key);

	return value != NULL && jin_is_text(value) ? jin_text(value) : NULL;
}

static bool
is_seat(const struct jval *seat, int64_t no)
{
	const struct jval *value = jin_is_object(seat) ? jin_get(seat, "no") : NULL;

	return value != NULL && jin_is_i64(value) && jin_i64(value) == no;
}

static const struct jval *
find_in_row(const struct jval *row, int64_t no)
{
	const struct jval *seats = array_of(row, "seats");

	for (size_t i = 0; seats != NULL && i < jin_array_length(seats); i++)
		if (is_seat(jin_array_at(seats, i), no))
			return jin_array_at(seats, i);
	return NULL;
}

static enum err
find_in_section(const struct jval *section, int64_t no, struct layout_seat_names *names_r)
{
	const struct jval *rows = array_of(section, "rows");

	for (size_t i = 0; rows != NULL && i < jin_array_length(rows); i++) {
		const struct jval *row = jin_array_at(rows, i);
		const struct jval *seat = find_in_row(row, no);

		if (seat == NULL)
			continue;
		*names_r = (struct layout_seat_names){.section = text_of(section, "name"),
						      .row = text_of(row, "name"),
						      .label = text_of(seat, "label")};
		return names_r->section != NULL && names_r->row != NULL && names_r->label != NULL
			       ? ERR_OK
			       : ERR_INVALID;
	}
	return ERR_NOTFOUND;
}

enum err
layout_seat_find(struct arena *arena, const char *text, size_t len, int64_t no,
		 struct layout_seat_names *names_r)
{
	const struct jval *document, *sections;
	struct layout_seat_names names;
	enum err err = jin_parse(arena, text, len, NULL, &document);

	if (err != ERR_OK)
		return ERR_INVALID;
	sections = array_of(document, "sections");
	if (sections == NULL)
		return ERR_INVALID;
	for (size_t i = 0; i < jin_array_length(sections); i++) {
		err = find_in_section(jin_array_at(sections, i), no, &names);
		if (err == ERR_OK)
			*names_r = names;
		if (err != ERR_NOTFOUND)
			return err;
	}
	return ERR_NOTFOUND;
}
