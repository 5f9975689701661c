#include "config.h"

#include "boxofficed/mirror.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/account/session.h"
#include "core/core.h"
#include "host/hostmem.h"

#define ROUND_DEADLINE_MS 2000 /* below MIRROR_SILENT_MS */
#define PAUSE_MIN_MS 100       /* log-outs reach the other hosts within this time and one round */
#define PAUSE_MAX_MS 500       /* limits the age of the clock while all is well */
#define PAUSE_ROUNDS 20        /* a pause lasts this many times as long as the round */

struct signs {
	_Atomic int64_t alive_ms; /* clock_mono_ms() */
	_Atomic uint64_t rounds;
	_Atomic bool is_schema_older;
};

static struct signs *signs;

void
mirror_init(void)
{
	signs = mmap(NULL, sizeof(*signs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (signs == MAP_FAILED)
		abort();
}

void
mirror_expect(void)
{
	atomic_store(&signs->alive_ms, clock_mono_ms());
	atomic_store(&signs->rounds, 0);
	atomic_store(&signs->is_schema_older, false);
}

int64_t
mirror_silent_ms(void)
{
	return clock_mono_ms() - atomic_load(&signs->alive_ms);
}

uint64_t
mirror_rounds(void)
{
	return atomic_load(&signs->rounds);
}

bool
mirror_is_schema_older(void)
{
	return atomic_load(&signs->is_schema_older);
}

static enum err
mirror_clock(struct core *core)
{
	int64_t before_us = clock_mono_us(), db_us;
	enum err err = core_now_us(core, &db_us);

	if (err != ERR_OK)
		return err;
	/* The database read its clock at some time between the question and the answer. */
	hostmem_clock_set(db_us, before_us + (clock_mono_us() - before_us) / 2);
	hostmem_revoked_expire(db_us / 1000000);
	return ERR_OK;
}

static bool
run_round(struct core *core, struct arena *arena, bool was_well)
{
	struct failure failure;
	enum err err;

	arena_reset(arena);
	failure_init(&failure, arena);
	core_begin(core, arena, &failure, NULL, clock_mono_ms() + ROUND_DEADLINE_MS);
	err = session_mirror_revocations(core);
	if (err == ERR_OK)
		err = mirror_clock(core);
	if (err == ERR_OK && !was_well)
		log_info("the database is being mirrored");
	atomic_store(&signs->is_schema_older, core_is_schema_older(core));
	if (err != ERR_OK && was_well && !core_is_schema_older(core))
		log_warn("could not mirror the database: %s", failure_reason(&failure));
	return err == ERR_OK;
}

/* True when it is time to end. */
static bool
pause_ms(const sigset_t *signals, int64_t ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	switch (sigtimedwait(signals, NULL, &time)) {
	case SIGTERM:
	case SIGINT:
		return true;
	case SIGUSR1:
		log_reopen();
		return false;
	default:
		return false;
	}
}

int
mirror_run(const struct config *config)
{
	const struct core_access access = {
		.application = "boxofficed mirror",
		.dsn = config->database_dsn,
		.statement_timeout_ms = ROUND_DEADLINE_MS,
		.lock_timeout_ms = ROUND_DEADLINE_MS,
		.is_tried_once = true,
	};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct core core;
	pid_t master = getppid();
	bool is_well = true;
	sigset_t signals;
	int64_t took_ms;

	log_set_proc("mirror");
	core_init(&core, config, NULL, &access);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_SETMASK, &signals, NULL);
	do {
		int64_t start_ms = clock_mono_ms();

		atomic_store(&signs->alive_ms, start_ms);
		is_well = run_round(&core, arena, is_well);
		atomic_fetch_add(&signs->rounds, 1);
		took_ms = (clock_mono_ms() - start_ms) * PAUSE_ROUNDS;
		if (took_ms < PAUSE_MIN_MS)
			took_ms = PAUSE_MIN_MS;
	} while (getppid() == master &&
		 !pause_ms(&signals, took_ms < PAUSE_MAX_MS ? took_ms : PAUSE_MAX_MS));
	core_fini(&core);
	arena_free(arena);
	return 0;
}
