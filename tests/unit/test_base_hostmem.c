/* Host memory, alone and between processes. */
#include <config.h>

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "host/hostmem.h"
#include "host/hostmem_shared.h"
#include "test_base.h"

#define CHILDREN 8
#define ROUNDS 20000

static const char *const routes[] = {"GET /api/events", "POST /api/shows/{show:int}/holds"};

static const char *
metrics_text(void)
{
	struct buf out;

	buf_init(&out, unit_arena());
	hostmem_metrics(&out, routes, 2);
	return buf_text(&out);
}

/* A child that counts ROUNDS requests in its slot; the master's job before it is done by the
 * caller. */
static pid_t
start_worker(int slot)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	hostmem_slot_use(slot);
	for (int i = 0; i < ROUNDS; i++) {
		hostmem_request_begin();
		hostmem_add(METRIC_HOLDS_TAKEN, 1);
		hostmem_request_count(1, i % 4 == 0 ? 409 : 201, 1500);
		hostmem_request_end();
	}
	_exit(0);
}

static void
counts_of_many_processes_are_exact_while_slots_are_folded(void)
{
	pid_t pids[CHILDREN];
	int slots[CHILDREN];
	uint64_t last = 0;
	int left = CHILDREN, went_back = 0;

	hostmem_init();
	for (int i = 0; i < CHILDREN; i++) {
		slots[i] = hostmem_slot_take(i % 2 == 0 ? "booking" : "catalog");
		UNIT_TRUE(slots[i] >= 0);
		pids[i] = start_worker(slots[i]);
	}
	while (left > 0) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		uint64_t total = hostmem_total(METRIC_HOLDS_TAKEN);

		went_back += total < last;
		last = total;
		for (int i = 0; pid > 0 && i < CHILDREN; i++) {
			if (pids[i] == pid) {
				UNIT_I64(ROUNDS, hostmem_requests(slots[i]));
				hostmem_slot_fold(slots[i]);
				left--;
			}
		}
	}
	UNIT_I64(0, went_back);
	UNIT_I64(CHILDREN * ROUNDS, hostmem_total(METRIC_HOLDS_TAKEN));
	UNIT_CONTAINS("boxoffice_holds_taken_total 160000\n", metrics_text());
	UNIT_CONTAINS("boxoffice_requests_total{route=\"POST /api/shows/{show:int}/holds\","
		      "status=\"201\"} 120000\n",
		      metrics_text());
	UNIT_CONTAINS("status=\"409\"} 40000\n", metrics_text());
}

#define FOLD_ROUNDS 20

/* Reads until everything is there: 0, or 1 when a total went back or above what was counted. */
static int
watch_total(void)
{
	const uint64_t all = FOLD_ROUNDS * HOSTMEM_WORKERS_MAX;
	uint64_t last = 0;

	while (last < all) {
		uint64_t total = hostmem_total(METRIC_DB_CALLS);

		if (total < last || total > all)
			return 1;
		last = total;
	}
	return 0;
}

static void
a_reader_in_another_process_never_misses_a_folded_slot(void)
{
	int status = -1;
	pid_t reader;

	hostmem_init();
	reader = fork();
	if (reader == 0)
		_exit(watch_total());
	/* All slots of a round are full before the first is folded: a reader on its way from the
	 * base slot to the last one would miss what is folded behind its back. */
	for (int round = 0; round < FOLD_ROUNDS; round++) {
		for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++) {
			hostmem_slot_use(hostmem_slot_take("booking"));
			hostmem_add(METRIC_DB_CALLS, 1);
		}
		for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++) {
			hostmem_slot_fold(i);
			if (i % 16 == 0)
				usleep(200); /* a reader starts again while slots are folded */
		}
	}
	waitpid(reader, &status, 0);
	UNIT_I64(0, status);
}

/* As on a busy machine: the master is suspended between adding a count and clearing it. */
static void
a_reader_waits_while_the_master_is_suspended_in_a_fold(void)
{
	_Atomic uint64_t *count, *base;
	pid_t master;
	int slot;

	hostmem_init();
	slot = hostmem_slot_take("booking");
	count = &hostmem_shared->slots[slot].counts.metrics[METRIC_DB_CALLS];
	base = &hostmem_shared->base.counts.metrics[METRIC_DB_CALLS];
	atomic_store(count, 5);
	atomic_fetch_add(&hostmem_shared->folds, 1);
	atomic_store(base, 5);
	master = fork();
	if (master == 0) {
		usleep(100000);
		atomic_store(count, 0);
		atomic_fetch_add(&hostmem_shared->folds, 1);
		_exit(0);
	}
	UNIT_I64(5, hostmem_total(METRIC_DB_CALLS));
	waitpid(master, NULL, 0);
	atomic_store(count, 3);
	atomic_fetch_add(&hostmem_shared->folds, 1);
	unit_row("a master that died in a fold stops nobody");
	UNIT_I64(8, hostmem_total(METRIC_DB_CALLS));
	UNIT_CONTAINS("boxoffice_db_calls_total 8\n", metrics_text());
}

static void
the_master_sees_a_busy_worker_and_since_when(void)
{
	int64_t before_us = clock_mono_us();
	int slot;

	hostmem_init();
	slot = hostmem_slot_take("booking");
	hostmem_slot_use(slot);
	UNIT_I64(0, hostmem_busy_since_us(slot));
	hostmem_request_begin();
	UNIT_TRUE(hostmem_busy_since_us(slot) >= before_us);
	UNIT_CONTAINS("boxoffice_workers_busy{pool=\"booking\"} 1\n", metrics_text());
	UNIT_I64(0, hostmem_requests(slot));
	hostmem_request_count(0, 200, 10);
	UNIT_TRUE(hostmem_busy_since_us(slot) >= before_us);
	UNIT_I64(1, hostmem_requests(slot));
	hostmem_request_end();
	UNIT_I64(0, hostmem_busy_since_us(slot));
	UNIT_CONTAINS("boxoffice_workers{pool=\"booking\"} 1\n", metrics_text());
	UNIT_CONTAINS("boxoffice_workers_busy{pool=\"booking\"} 0\n", metrics_text());
}

static void
slots_run_out_and_come_back(void)
{
	hostmem_init();
	for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++)
		UNIT_I64(i, hostmem_slot_take("booking"));
	UNIT_I64(-1, hostmem_slot_take("booking"));
	hostmem_slot_fold(17);
	UNIT_I64(17, hostmem_slot_take("booking"));
}

static void
latencies_fall_into_their_buckets(void)
{
	const char *text;

	hostmem_init();
	hostmem_request_count(0, 200, 1000);
	hostmem_request_count(0, 200, 1001);
	hostmem_request_count(0, 200, 60000000);
	hostmem_request_count(0, 299, -5);
	hostmem_request_count(SIZE_MAX, 404, 0);
	text = metrics_text();
	UNIT_CONTAINS("# TYPE boxoffice_request_seconds histogram\n", text);
	UNIT_CONTAINS("_bucket{route=\"GET /api/events\",le=\"0.001\"} 2\n", text);
	UNIT_CONTAINS("_bucket{route=\"GET /api/events\",le=\"0.002\"} 3\n", text);
	UNIT_CONTAINS("_bucket{route=\"GET /api/events\",le=\"10\"} 3\n", text);
	UNIT_CONTAINS("_bucket{route=\"GET /api/events\",le=\"+Inf\"} 4\n", text);
	UNIT_CONTAINS("_sum{route=\"GET /api/events\"} 60.002001\n", text);
	UNIT_CONTAINS("_count{route=\"GET /api/events\"} 4\n", text);
	UNIT_CONTAINS("requests_total{route=\"GET /api/events\",status=\"other\"} 1\n", text);
	UNIT_CONTAINS("requests_total{route=\"other\",status=\"404\"} 1\n", text);
}

static void
the_database_clock_runs_on_from_its_reading(void)
{
	int64_t age_us = -1, now_us;

	hostmem_init();
	UNIT_I64(0, hostmem_db_now_us(NULL));
	UNIT_TRUE(strstr(metrics_text(), "clock_age") == NULL);
	hostmem_clock_set(1795255200000000, clock_mono_us() - 2000000);
	now_us = hostmem_db_now_us(&age_us);
	UNIT_TRUE(now_us >= 1795255202000000 && now_us < 1795255203000000);
	UNIT_TRUE(age_us >= 2000000 && age_us < 3000000);
	UNIT_CONTAINS("boxoffice_db_clock_age_seconds 2.", metrics_text());
}

/* db_us is always mono_us + OFFSET: a reader that mixes two readings sees another difference. */
#define OFFSET INT64_C(1700000000000000)

static void
a_reading_of_the_clock_is_never_torn(void)
{
	int64_t torn = 0;
	pid_t writer;

	hostmem_init();
	hostmem_clock_set(OFFSET + 1, 1);
	writer = fork();
	if (writer == 0) {
		for (int64_t i = 1;; i = i * 48271 % 2147483647)
			hostmem_clock_set(OFFSET + i, i);
	}
	for (int i = 0; i < 300000; i++) {
		int64_t age_us = 0, before_us = clock_mono_us();
		int64_t now_us = hostmem_db_now_us(&age_us);

		/* 0: the writer was faster a thousand times. */
		if (now_us != 0)
			torn += now_us < OFFSET + before_us || now_us > OFFSET + clock_mono_us();
	}
	UNIT_I64(0, torn);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	/* Killed anywhere, it leaves a clock that can be read. */
	UNIT_TRUE(hostmem_db_now_us(NULL) >= OFFSET);
}

static struct uuid
session_of(uint32_t number)
{
	uint64_t words[2] = {number, ~(uint64_t)number};
	struct uuid uuid;

	for (int i = 0; i < 4; i++) { /* spread as random ids are */
		words[i % 2] = (words[i % 2] ^ words[i % 2] >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
		words[i % 2] ^= words[i % 2] >> 32;
	}
	memcpy(uuid.bytes, words, sizeof(uuid.bytes));
	return uuid;
}

static void
a_revoked_session_is_refused_until_its_end(void)
{
	struct uuid first = session_of(1), second = session_of(2);

	hostmem_init();
	UNIT_FALSE(hostmem_is_revoked(&first));
	UNIT_TRUE(hostmem_revoke(&first, 100));
	UNIT_TRUE(hostmem_revoke(&second, 50));
	UNIT_TRUE(hostmem_is_revoked(&first));
	hostmem_revoked_expire(50);
	UNIT_TRUE(hostmem_is_revoked(&second));
	hostmem_revoked_expire(51);
	UNIT_FALSE(hostmem_is_revoked(&second));
	UNIT_TRUE(hostmem_is_revoked(&first));
	UNIT_CONTAINS("boxoffice_revoked_sessions 1\n", metrics_text());
}

static void
a_second_revocation_prolongs_and_never_shortens(void)
{
	struct uuid session = session_of(3);

	hostmem_init();
	UNIT_TRUE(hostmem_revoke(&session, 100));
	UNIT_TRUE(hostmem_revoke(&session, 200));
	UNIT_TRUE(hostmem_revoke(&session, 150));
	hostmem_revoked_expire(180);
	UNIT_TRUE(hostmem_is_revoked(&session));
	hostmem_revoked_expire(201);
	UNIT_FALSE(hostmem_is_revoked(&session));
}

/* Runs `fn` in CHILDREN processes at the same moment; returns when all have ended. */
static void
run_together(void (*fn)(uint32_t child))
{
	int gate[2];
	char byte;

	UNIT_I64(0, pipe(gate));
	for (uint32_t child = 0; child < CHILDREN; child++) {
		if (fork() != 0)
			continue;
		close(gate[1]);
		while (read(gate[0], &byte, 1) > 0) /* opens when the parent closes it */
			;
		fn(child);
		_exit(0);
	}
	close(gate[0]);
	close(gate[1]);
	while (wait(NULL) > 0)
		;
}

#define EACH 3000

/* The second half of each child's sessions is the first half of the next one's. */
static void
revoke_many(uint32_t child)
{
	for (uint32_t i = 0; i < EACH; i++) {
		struct uuid session = session_of(child * (EACH / 2) + i);

		hostmem_revoke(&session, 1000);
	}
}

static void
revocations_of_many_processes_all_arrive(void)
{
	int64_t missing = 0;

	hostmem_init();
	run_together(revoke_many);
	for (uint32_t i = 0; i < (CHILDREN + 1) * (EACH / 2); i++) {
		struct uuid session = session_of(i);

		missing += !hostmem_is_revoked(&session);
	}
	UNIT_I64(0, missing);
	UNIT_FALSE(hostmem_revoked_is_full());
}

static void
a_full_table_says_so_until_a_whole_round_fits(void)
{
	struct uuid session = session_of(0);
	uint32_t i = 0;

	hostmem_init();
	while (hostmem_revoke(&session, 100) && i < 2 * HOSTMEM_REVOKED_MAX)
		session = session_of(++i);
	UNIT_TRUE(i > HOSTMEM_REVOKED_MAX / 4 * 3);
	UNIT_TRUE(i < 2 * HOSTMEM_REVOKED_MAX);
	UNIT_TRUE(hostmem_revoked_is_full());
	/* Room is made, but what was refused is not in yet. */
	hostmem_revoked_expire(101);
	UNIT_TRUE(hostmem_revoked_is_full());
	UNIT_TRUE(hostmem_revoke(&session, 500));
	hostmem_revoked_expire(102);
	UNIT_FALSE(hostmem_revoked_is_full());
	UNIT_TRUE(hostmem_is_revoked(&session));
}

static void
a_claim_of_a_dead_process_is_taken_back(void)
{
	struct uuid session = session_of(9);

	hostmem_init();
	for (uint32_t i = 0; i < HOSTMEM_REVOKED_MAX; i++)
		atomic_store(&hostmem_shared->revoked[i].until_s, -1); /* second 0 */
	UNIT_FALSE(hostmem_revoke(&session, 100));
	UNIT_FALSE(hostmem_is_revoked(&session));
	hostmem_revoked_expire(1);
	UNIT_TRUE(hostmem_revoke(&session, 100));
}

/* Counts start anew with each minute of the clock: begin where there is enough of it left. */
static void
init_early_in_a_minute(void)
{
	int64_t left_ms = 60000 - clock_mono_ms() % 60000;

	if (left_ms < 2000)
		usleep((useconds_t)left_ms * 1000);
	hostmem_init();
}

static void
an_address_is_throttled_above_its_limit(void)
{
	init_early_in_a_minute();
	for (int i = 0; i < 30; i++)
		UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "127.0.0.2", 30));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "127.0.0.2", 30));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "127.0.0.3", 30));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "2001:db8:1:2::1", 2));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "2001:db8:1:2::ffff", 2));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "2001:db8:1:2:3:4:5:6", 2));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "2001:db8:1:3::1", 2));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "::ffff:192.0.2.8", 1));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "::ffff:192.0.2.9", 1));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "192.0.2.9", 1));
	UNIT_TRUE(hostmem_throttle(HOSTMEM_SIGNUPS, "192.0.2.9", 1));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_SIGNUPS, "192.0.2.9", 1));
	UNIT_TRUE(hostmem_throttle_wait_s(HOSTMEM_LOGINS) >= 1);
	UNIT_TRUE(hostmem_throttle_wait_s(HOSTMEM_LOGINS) <= 60);
	UNIT_TRUE(hostmem_throttle_wait_s(HOSTMEM_SIGNUPS) >= 1);
	UNIT_TRUE(hostmem_throttle_wait_s(HOSTMEM_SIGNUPS) <= 3600);
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "unix:", 1));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "unix:", 1));
}

static void
a_crowd_is_those_who_ask_for_the_same_at_one_moment(void)
{
	hostmem_init();
	for (uint32_t i = 1; i <= 200; i++)
		UNIT_I64(i, hostmem_crowd(7));
	UNIT_I64(1, hostmem_crowd(8));
	UNIT_I64(201, hostmem_crowd(7));
	UNIT_I64(201, hostmem_crowd_size(7));
	hostmem_crowd_forget(7, 198);
	UNIT_I64(4, hostmem_crowd(7));
	hostmem_crowd_forget(7, 5);
	UNIT_I64(0, hostmem_crowd_size(7));
	UNIT_I64(1, hostmem_crowd(7));
	UNIT_I64(2, hostmem_crowd(8));
	usleep(1000000);
	UNIT_I64(1, hostmem_crowd(7));
	UNIT_I64(1, hostmem_crowd(-1));
}

static void
who_tries_most_stays_known_when_the_table_overflows(void)
{
	init_early_in_a_minute();
	for (int i = 0; i < 1000; i++)
		hostmem_throttle(HOSTMEM_LOGINS, "192.0.2.1", 30);
	for (uint32_t i = 0; i < 100000; i++) {
		const char *address = arena_printf(unit_arena(), "10.%u.%u.%u", i >> 16 & 255,
						   i >> 8 & 255, i & 255);

		hostmem_throttle(HOSTMEM_LOGINS, address, 30);
	}
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "192.0.2.1", 30));
}

#define TRIES 20000

static void
try_many(uint32_t child)
{
	(void)child;
	for (int i = 0; i < TRIES; i++)
		hostmem_throttle(HOSTMEM_LOGINS, "198.51.100.7", 1);
}

static void
tries_counted_by_many_processes_are_not_lost(void)
{
	init_early_in_a_minute();
	run_together(try_many);
	UNIT_TRUE(hostmem_throttle(HOSTMEM_LOGINS, "198.51.100.7", CHILDREN * TRIES + 1));
	UNIT_FALSE(hostmem_throttle(HOSTMEM_LOGINS, "198.51.100.7", CHILDREN * TRIES + 1));
}

static void
without_host_memory_counting_does_nothing(void)
{
	struct uuid session = session_of(1);

	hostmem_add(METRIC_DB_CALLS, 1);
	hostmem_request_begin();
	hostmem_request_count(0, 200, 1);
	UNIT_I64(0, hostmem_total(METRIC_DB_CALLS));
	UNIT_I64(0, hostmem_db_now_us(NULL));
	UNIT_FALSE(hostmem_is_revoked(&session));
	UNIT_FALSE(hostmem_revoked_is_full());
	UNIT_TEXT("", metrics_text());
}

const struct unit_case hostmem_cases[] = {
	{"without host memory counting does nothing", without_host_memory_counting_does_nothing},
	{"counts of many processes are exact while slots are folded",
	 counts_of_many_processes_are_exact_while_slots_are_folded},
	{"a reader in another process never misses a folded slot",
	 a_reader_in_another_process_never_misses_a_folded_slot},
	{"a reader waits while the master is suspended in a fold",
	 a_reader_waits_while_the_master_is_suspended_in_a_fold},
	{"the master sees a busy worker and since when",
	 the_master_sees_a_busy_worker_and_since_when},
	{"slots run out and come back", slots_run_out_and_come_back},
	{"latencies fall into their buckets", latencies_fall_into_their_buckets},
	{"the database clock runs on from its reading",
	 the_database_clock_runs_on_from_its_reading},
	{"a reading of the clock is never torn", a_reading_of_the_clock_is_never_torn},
	{"a revoked session is refused until its end", a_revoked_session_is_refused_until_its_end},
	{"a second revocation prolongs and never shortens",
	 a_second_revocation_prolongs_and_never_shortens},
	{"revocations of many processes all arrive", revocations_of_many_processes_all_arrive},
	{"a full table says so until a whole round fits",
	 a_full_table_says_so_until_a_whole_round_fits},
	{"a claim of a dead process is taken back", a_claim_of_a_dead_process_is_taken_back},
	{"a crowd is those who ask for the same at one moment",
	 a_crowd_is_those_who_ask_for_the_same_at_one_moment},
	{"an address is throttled above its limit", an_address_is_throttled_above_its_limit},
	{"who tries most stays known when the table overflows",
	 who_tries_most_stays_known_when_the_table_overflows},
	{"tries counted by many processes are not lost",
	 tries_counted_by_many_processes_are_not_lost},
	{NULL, NULL},
};
