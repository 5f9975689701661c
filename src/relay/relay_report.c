#include "config.h"

#include "relay/relay_report.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "core/log/retry.h"
#include "run/report.h"
#include "run/run.h"

enum figure { FIGURE_LAG, FIGURE_WAITING, FIGURE_PARKED, FIGURE_MAX };

static const struct {
	const char *name;
	const char *help;
} kinds[FIGURE_MAX] = {
	[FIGURE_LAG] = {"boxoffice_relay_lag_seconds",
			"Age of the oldest event that the consumer has not handled."},
	[FIGURE_WAITING] = {"boxoffice_relay_waiting",
			    "Entities of which an event failed and is to be tried again."},
	[FIGURE_PARKED] = {"boxoffice_relay_parked",
			   "Entities of which an event was given up: boxofficectl events parked."},
};

/* Figures are in thousandths. */
static enum err
read_figures(struct run *run, const struct relay_reader *reader, int64_t figures[FIGURE_MAX])
{
	struct core *core = &run->core;
	int64_t waiting, parked;
	enum err err = eventlog_lag_ms(core, reader->from, &figures[FIGURE_LAG]);

	if (err == ERR_OK)
		err = retry_count(core, reader->consumer, &waiting, &parked);
	if (err != ERR_OK)
		return err;
	figures[FIGURE_WAITING] = waiting * 1000;
	figures[FIGURE_PARKED] = parked * 1000;
	return ERR_OK;
}

enum err
relay_report(struct run *run, const struct relay_reader *readers, size_t count)
{
	int64_t(*figures)[FIGURE_MAX] = arena_calloc(run->core.arena, count + 1, sizeof(*figures));
	struct buf buf;

	for (size_t i = 0; i < count; i++) {
		enum err err = read_figures(run, &readers[i], figures[i]);

		if (err != ERR_OK)
			return err;
	}
	buf_init(&buf, run->core.arena);
	buf_printf(&buf,
		   "# HELP boxoffice_relay_leads Whether this host's relay leads.\n"
		   "# TYPE boxoffice_relay_leads gauge\nboxoffice_relay_leads %d\n",
		   count > 0);
	for (int kind = 0; kind < FIGURE_MAX && count > 0; kind++) {
		buf_printf(&buf, "# HELP %s %s\n# TYPE %s gauge\n", kinds[kind].name,
			   kinds[kind].help, kinds[kind].name);
		for (size_t i = 0; i < count; i++)
			buf_printf(&buf, "%s{consumer=\"%s\"} %" PRId64 ".%03d\n", kinds[kind].name,
				   readers[i].consumer, figures[i][kind] / 1000,
				   (int)(figures[i][kind] % 1000));
	}
	report_write(run->name, run->config->batch_textfile_dir, buf_text(&buf));
	return ERR_OK;
}
