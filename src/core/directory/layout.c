#include "config.h"

#include "core/directory/layout.h"

#include "base/buf.h"
#include "call/directory.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/directory/layout_build.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jout.h"

#define HARD_S 86400 /* a layout never changes, but an unused one need not stay */

static enum err
fill(struct core *core, const void *wanted, struct buf *body)
{
	const int64_t *layout_id = wanted;
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_directory_layout(core, core->read_db, *layout_id, &rows);

	err = read_found(core, err, &rows);
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
	const struct read_age age = {.soft_ms = core->config->cache_layout_soft_s * 1000,
				     .hard_s = HARD_S};
	struct read_key key;

	read_key_init(&key, core, "layout");
	read_key_i64(&key, layout_id);
	return read_cached(core, &key, age, fill, &layout_id, body);
}

enum err
layout_create(struct core *core, const struct core_key *key, const struct layout_new *layout,
	      bool *is_replay_r, struct buf *body)
{
	static const char *const members[] = {"id", "hall_id", "capacity", NULL};
	struct layout_built built;
	struct outcome outcome;
	enum err err;

	err = layout_build(core->arena, &layout->sections, core->failure, &built);
	if (err != ERR_OK)
		return err;
	err = call_directory_layout_create(core, key, layout->hall_id, built.sections, built.labels,
					   built.seats, built.grades, built.seats, built.plan.data,
					   built.plan.len, built.section_names, built.seats,
					   built.row_names, built.seats, &outcome);
	if (err == ERR_OK && outcome_is(&outcome, "not_found"))
		return fail_field(core->failure, "hall_id", "is no hall");
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is_replay(&outcome, key);
	outcome_render(&outcome, members, body);
	return ERR_OK;
}

enum err
layout_plan(struct core *core, int64_t layout_id, struct buf *plan)
{
	const struct db_rows *rows;
	const struct jval *sections;
	struct outcome outcome;
	enum err err = read_directory_layout_plan(core, core->db, layout_id, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0)
		return fail_log(core->failure, CODE_INTERNAL, "layout %lld is gone",
				(long long)layout_id);
	if (!db_is_null(rows, 0, "plan"))
		return read_bytes(core, rows, "plan", plan);
	err = read_json(core, rows, 0, "sections", &sections);
	if (err != ERR_OK)
		return err;
	layout_build_plan(core->arena, sections, plan);
	err = call_directory_plan_add(core, layout_id, plan->data, plan->len, &outcome);
	return outcome_expect_ok(core, err, &outcome);
}
