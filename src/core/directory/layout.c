#include "config.h"

#include "core/directory/layout.h"

#include "base/buf.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/directory/layout_build.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

#define HARD_S 86400 /* it never changes; unused ones need not stay */

struct filling {
	struct core *core;
	int64_t layout_id;
};

static enum err
fill(void *context, struct buf *body)
{
	const struct filling *filling = context;
	struct core *core = filling->core;
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, filling->layout_id);
	err = read_one(core, core->read_db, "layout", &params, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", db_i64(rows, 0, "id"));
	jout_key_i64(&out, "hall_id", db_i64(rows, 0, "hall_id"));
	jout_key_raw(&out, "sections", db_text(rows, 0, "sections"));
	jout_end(&out);
	return ERR_OK;
}

enum err
layout_read(struct core *core, int64_t layout_id, struct buf *body)
{
	struct filling filling = {.core = core, .layout_id = layout_id};
	const struct read_age age = {.soft_ms = core->config->cache_layout_soft_s * 1000,
				     .hard_s = HARD_S};
	struct read_key key;

	read_key_init(&key, core, "layout");
	read_key_i64(&key, layout_id);
	return read_cached(core, &key, age, fill, &filling, body);
}

enum err
layout_create(struct core *core, const struct uuid *actor, int64_t hall_id,
	      const struct jval *sections, struct buf *body)
{
	struct layout_built built;
	struct db_params params;
	struct outcome outcome;
	struct jout out;
	enum err err;

	err = layout_build(core->arena, sections, core->failure, &built);
	if (err != ERR_OK)
		return err;
	db_params_init(&params, core->arena);
	db_put_uuid(&params, actor);
	db_put_i64(&params, hall_id);
	db_put_text(&params, built.sections);
	db_put_texts(&params, built.labels, built.seats);
	db_put_texts(&params, built.grades, built.seats);
	db_put_text(&params, core->traceparent);
	err = outcome_call(core, "directory.layout_create", &params, &outcome);
	if (err != ERR_OK)
		return err;
	if (outcome_is(&outcome, "not_found"))
		return fail_field(core->failure, "hall_id", "is no hall");
	err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", jin_get_i64(outcome.result, "id"));
	jout_key_i64(&out, "hall_id", jin_get_i64(outcome.result, "hall_id"));
	jout_key_i64(&out, "capacity", jin_get_i64(outcome.result, "capacity"));
	jout_end(&out);
	return ERR_OK;
}
