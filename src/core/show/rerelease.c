#include "config.h"

#include "core/show/rerelease.h"

#include <string.h>

#include "base/clock.h"
#include "core/core.h"
#include "json/jin.h"
#include "json/jout.h"

static bool
read_every(const struct jval *value, struct rerelease *rerelease)
{
	if (!jin_is_i64(value) || jin_i64(value) < 1 || jin_i64(value) > RERELEASE_EVERY_MAX_S)
		return false;
	rerelease->every_s = jin_i64(value);
	return true;
}

/* null is like absent, as everywhere in the request. */
static bool
read_at(const struct jval *value, struct rerelease *rerelease)
{
	if (jin_is_null(value))
		return true;
	rerelease->has_at = jin_is_text(value) &&
			    clock_parse(jin_text(value), jin_text_length(value), &rerelease->at);
	return rerelease->has_at;
}

enum err
rerelease_read(struct core *core, const struct jval *value, int64_t sales_close_at,
	       struct rerelease *rerelease_r)
{
	struct rerelease rerelease = {.every_s = 0};
	const struct jval *member;
	const char *name;
	size_t cursor = 0;
	bool is_every_bad = true;
	enum err err = ERR_OK;

	if (value != NULL && !jin_is_object(value))
		return fail_field(core->failure, "rerelease", "must be an object");
	while (value != NULL && jin_object_next(value, &cursor, &name, &member)) {
		if (strcmp(name, "every_s") == 0)
			is_every_bad = !read_every(member, &rerelease);
		else if (strcmp(name, "at") != 0)
			err = fail_field(core->failure, "rerelease", "has an unknown member");
		else if (!read_at(member, &rerelease))
			err = fail_field(core->failure, "rerelease.at",
					 "must be a time such as 2026-11-21T19:30:00+09:00");
	}
	if (value != NULL && is_every_bad)
		err = fail_field(core->failure, "rerelease.every_s",
				 "must be an integer from 1 to %d", RERELEASE_EVERY_MAX_S);
	if (rerelease.has_at && rerelease.at >= sales_close_at)
		err = fail_field(core->failure, "rerelease.at", "must be before sales close");
	if (err == ERR_OK)
		*rerelease_r = rerelease;
	return err;
}

void
rerelease_put(struct jout *out, const struct rerelease *rerelease)
{
	if (rerelease->every_s == 0) {
		jout_key_null(out, "rerelease");
		return;
	}
	jout_key(out, "rerelease");
	jout_object(out);
	jout_key_i64(out, "every_s", rerelease->every_s);
	if (rerelease->has_at)
		jout_key_i64(out, "at", rerelease->at);
	jout_end(out);
}
