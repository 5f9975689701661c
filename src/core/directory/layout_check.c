#include "config.h"

#include "core/directory/layout_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fail.h"

static size_t
check_sections(const struct layout_check *check)
{
	size_t found = 0;

	for (size_t i = 1; i < check->section_count && found < check->limit; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(check->sections[i], check->sections[j]) == 0) {
				(void)fail_field(
					check->failure,
					arena_printf(check->arena, "sections[%zu].name", i),
					"is the name of another section");
				found++;
				break;
			}
	return found;
}

/* Both orders put equal seats beside each other, the earlier first: places lie in one array. */
static int
compare_positions(const struct layout_place *left, const struct layout_place *right)
{
	return left < right ? -1 : left > right;
}

static int
compare_names(const struct layout_place *left, const struct layout_place *right)
{
	int order;

	if (left->section != right->section)
		return left->section < right->section ? -1 : 1;
	order = strcmp(left->row_name, right->row_name);
	return order != 0 ? order : strcmp(left->label, right->label);
}

static int
compare_points(const struct layout_place *left, const struct layout_place *right)
{
	if (left->x != right->x)
		return left->x < right->x ? -1 : 1;
	if (left->y != right->y)
		return left->y < right->y ? -1 : 1;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct layout_place *const *left = a, *const *right = b;
	int order = compare_names(*left, *right);

	return order != 0 ? order : compare_positions(*left, *right);
}

static int
by_point(const void *a, const void *b)
{
	const struct layout_place *const *left = a, *const *right = b;
	int order = compare_points(*left, *right);

	return order != 0 ? order : compare_positions(*left, *right);
}

static size_t
check_seats(const struct layout_check *check, int (*by)(const void *, const void *),
	    int (*compare)(const struct layout_place *, const struct layout_place *),
	    const char *member, const char *message, size_t limit)
{
	const struct layout_place **sorted =
		arena_calloc(check->arena, check->count, sizeof(*sorted));
	bool *is_double = arena_calloc(check->arena, check->count, sizeof(*is_double));
	size_t found = 0;

	for (size_t i = 0; i < check->count; i++)
		sorted[i] = &check->places[i];
	qsort(sorted, check->count, sizeof(*sorted), by);
	for (size_t i = 1; i < check->count; i++)
		if (compare(sorted[i - 1], sorted[i]) == 0)
			is_double[sorted[i] - check->places] = true;
	for (size_t i = 0; i < check->count && found < limit; i++) {
		const struct layout_place *place = &check->places[i];

		if (!is_double[i])
			continue;
		(void)fail_field(check->failure,
				 arena_printf(check->arena, "sections[%zu].rows[%zu].seats[%zu]%s",
					      place->section, place->row, place->seat, member),
				 "%s", message);
		found++;
	}
	return found;
}

size_t
layout_check(const struct layout_check *check)
{
	size_t found = check_sections(check);

	found += check_seats(check, by_name, compare_names, ".label",
			     "is the label of another seat in a row of this name",
			     check->limit - found);
	found += check_seats(check, by_point, compare_points, "",
			     "lies on the point of another seat", check->limit - found);
	return found;
}
