/* Host memory as Prometheus text (exposition format 0.0.4). */
#include <config.h>

#include "host/hostmem_shared.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

static const struct {
	const char *name;
	const char *help;
} metrics[METRIC_MAX] = {
#define METRIC(suffix, name, help) [METRIC_##suffix] = {name, help},
#include "host/metric.def"
#undef METRIC
};

/* Sums over all processes. */
struct sums {
	uint64_t metrics[METRIC_MAX];
	uint64_t statuses[HOSTMEM_ROUTES_MAX][HOSTMEM_STATUSES_MAX];
	uint64_t buckets[HOSTMEM_ROUTES_MAX][HOSTMEM_BUCKETS];
	uint64_t us[HOSTMEM_ROUTES_MAX];
	uint32_t workers[HOSTMEM_POOLS_MAX];
	uint32_t busy[HOSTMEM_POOLS_MAX];
};

static void
add_counters(uint64_t *sums, const _Atomic uint64_t *counters, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += atomic_load_explicit(&counters[i], memory_order_relaxed);
}

static void
add_counts(struct sums *sums, const struct hostmem_counts *counts)
{
	add_counters(sums->metrics, counts->metrics, METRIC_MAX);
	add_counters(sums->statuses[0], counts->statuses[0],
		     HOSTMEM_ROUTES_MAX * HOSTMEM_STATUSES_MAX);
	add_counters(sums->buckets[0], counts->buckets[0], HOSTMEM_ROUTES_MAX * HOSTMEM_BUCKETS);
	add_counters(sums->us, counts->us, HOSTMEM_ROUTES_MAX);
}

static void
add_all(struct sums *sums)
{
	memset(sums, 0, sizeof(*sums));
	add_counts(sums, &hostmem_shared->base.counts);
	for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++) {
		const struct hostmem_slot *slot = &hostmem_shared->slots[i];
		uint32_t pool = atomic_load(&slot->pool);

		if (pool == 0)
			continue;
		add_counts(sums, &slot->counts);
		sums->workers[pool - 1]++;
		sums->busy[pool - 1] += atomic_load(&slot->busy_since_us) != 0;
	}
}

/* Sums that count each slot exactly once. */
static void
read_sums(struct sums *sums)
{
	int64_t until_ms = 0;
	uint32_t folds;

	do {
		folds = atomic_load(&hostmem_shared->folds);
		add_all(sums);
	} while (!hostmem_is_whole(folds, &until_ms));
}

static void
put_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* {name="value", escaped, without the closing brace. */
static void
put_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "{%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_putc(out, '\\');
		if (*value == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, *value);
	}
	buf_putc(out, '"');
}

static void
put_metrics(struct buf *out, const struct sums *sums)
{
	for (size_t i = 0; i < METRIC_MAX; i++) {
		put_head(out, metrics[i].name, "counter", metrics[i].help);
		buf_printf(out, "%s %" PRIu64 "\n", metrics[i].name, sums->metrics[i]);
	}
}

static void
put_requests(struct buf *out, const struct sums *sums, size_t route, const char *name)
{
	for (size_t i = 0; i < HOSTMEM_STATUSES_MAX; i++) {
		uint64_t count = sums->statuses[route][i];
		int status = hostmem_status_of(i);

		if (count == 0)
			continue;
		buf_puts(out, "boxoffice_requests_total");
		put_label(out, "route", name);
		if (status != 0)
			buf_printf(out, ",status=\"%d\"} %" PRIu64 "\n", status, count);
		else
			buf_printf(out, ",status=\"other\"} %" PRIu64 "\n", count);
	}
}

static void
put_latencies(struct buf *out, const struct sums *sums, size_t route, const char *name)
{
	uint64_t count = 0;

	for (size_t i = 0; i < HOSTMEM_BUCKETS; i++)
		count += sums->buckets[route][i];
	if (count == 0)
		return;
	count = 0;
	for (size_t i = 0; i < HOSTMEM_BUCKETS; i++) {
		count += sums->buckets[route][i];
		buf_puts(out, "boxoffice_request_seconds_bucket");
		put_label(out, "route", name);
		if (i < HOSTMEM_BUCKETS - 1)
			buf_printf(out, ",le=\"%g\"} %" PRIu64 "\n", hostmem_bounds_ms[i] / 1000.0,
				   count);
		else
			buf_printf(out, ",le=\"+Inf\"} %" PRIu64 "\n", count);
	}
	buf_puts(out, "boxoffice_request_seconds_sum");
	put_label(out, "route", name);
	buf_printf(out, "} %.6f\n", (double)sums->us[route] / 1e6);
	buf_puts(out, "boxoffice_request_seconds_count");
	put_label(out, "route", name);
	buf_printf(out, "} %" PRIu64 "\n", count);
}

typedef void
put_route_fn(struct buf *out, const struct sums *sums, size_t route, const char *name);

static void
put_routes(struct buf *out, const struct sums *sums, const char *const *names, size_t count,
	   put_route_fn *put)
{
	for (size_t i = 0; i < count && i < HOSTMEM_ROUTE_OTHER; i++)
		put(out, sums, i, names[i]);
	put(out, sums, HOSTMEM_ROUTE_OTHER, "other");
}

static void
put_pools(struct buf *out, const uint32_t *numbers, const char *name, const char *help)
{
	uint32_t count = atomic_load(&hostmem_shared->pool_count);

	put_head(out, name, "gauge", help);
	for (uint32_t i = 0; i < count; i++) {
		buf_puts(out, name);
		put_label(out, "pool", hostmem_shared->pools[i]);
		buf_printf(out, "} %" PRIu32 "\n", numbers[i]);
	}
}

static void
put_clock(struct buf *out)
{
	int64_t age_us = 0;

	if (hostmem_db_now_us(&age_us) == 0)
		return; /* absent: never read */
	put_head(out, "boxoffice_db_clock_age_seconds", "gauge",
		 "age of the last reading of the database's clock");
	buf_printf(out, "boxoffice_db_clock_age_seconds %.3f\n", (double)age_us / 1e6);
}

static void
put_revoked(struct buf *out)
{
	put_head(out, "boxoffice_revoked_sessions", "gauge",
		 "sessions whose access tokens are refused");
	buf_printf(out, "boxoffice_revoked_sessions %" PRIu32 "\n",
		   atomic_load(&hostmem_shared->revoked_count));
	put_head(out, "boxoffice_revoked_full", "gauge",
		 "1 while the table of revoked sessions is full and the database is asked");
	buf_printf(out, "boxoffice_revoked_full %d\n", hostmem_revoked_is_full());
}

void
hostmem_metrics(struct buf *out, const char *const *route_names, size_t route_count)
{
	struct sums *sums;

	if (!hostmem_shared)
		return;
	sums = arena_alloc(out->arena, sizeof(*sums));
	read_sums(sums);
	put_metrics(out, sums);
	put_head(out, "boxoffice_requests_total", "counter", "requests answered");
	put_routes(out, sums, route_names, route_count, put_requests);
	put_head(out, "boxoffice_request_seconds", "histogram", "time to answer a request");
	put_routes(out, sums, route_names, route_count, put_latencies);
	put_pools(out, sums->workers, "boxoffice_workers", "workers that run");
	put_pools(out, sums->busy, "boxoffice_workers_busy", "workers with a request in flight");
	put_clock(out);
	put_revoked(out);
}
