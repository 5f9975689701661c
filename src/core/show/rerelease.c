#include "config.h"

#include "core/show/rerelease.h"

#include <stddef.h>

#include "core/core.h"
#include "json/jin.h"
#include "json/jout.h"

static const struct jin_field fields[] = {
	{.name = "every_s",
	 .type = JIN_I64,
	 .offset = offsetof(struct rerelease, every_s),
	 .is_required = true,
	 .min = 1,
	 .max = RERELEASE_EVERY_MAX_S,
	 .says = "must be an integer from 1 to 2592000",
	 .doc = "seconds from one moment to the next"},
	{.name = "at",
	 .type = JIN_TIME,
	 .offset = offsetof(struct rerelease, at),
	 .is_nullable = true,
	 .otherwise = RERELEASE_NO_AT,
	 .says = "must be a time such as 2026-11-21T19:30:00+09:00",
	 .doc = "the first moment, before sales close; when sales open unless given"},
	{.name = NULL},
};

const struct jin_shape rerelease_shape = {
	.name = "Rerelease", .fields = fields, .size = sizeof(struct rerelease)};

enum err
rerelease_check(struct core *core, const struct rerelease *rerelease, int64_t sales_close_at)
{
	if (rerelease->every_s > 0 && rerelease->at >= sales_close_at)
		return fail_field(core->failure, "rerelease.at", "must be before sales close");
	return ERR_OK;
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
	if (rerelease->at != RERELEASE_NO_AT)
		jout_key_i64(out, "at", rerelease->at);
	jout_end(out);
}
