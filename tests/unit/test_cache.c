/*
 * The cache without a server, and, where memcached is installed, against a private one on a unix
 * socket in the folder of the test.
 */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/cache.h"
#include "cache/cacheconn.h"
#include "host/hostmem.h"
#include "unit.h"

#define TIMEOUT_MS 30
#define RETRY_AFTER_MS 150
#define SOFT_MS 60000
#define HARD_S 120

static char socket_path[100]; /* fits a struct sockaddr_un */
static pid_t server;          /* 0: no memcached here */

static struct cache_options options = {
	.servers = socket_path,
	.prefix = "t",
	.timeout_ms = TIMEOUT_MS,
	.retry_after_ms = RETRY_AFTER_MS,
};

static void
sleep_ms(long ms)
{
	const struct timespec span = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&span, NULL);
}

/* --- the filler --- */

struct source {
	const char *text;
	enum err err;
	long delay_ms;
	int fills;
};

static enum err
fill(void *context, struct buf *body)
{
	struct source *source = context;

	source->fills++;
	sleep_ms(source->delay_ms);
	buf_puts(body, source->text);
	return source->err;
}

/* Asks the cache; the text that came, in the arena of the case. */
static const char *
get_within(struct cache *cache, const char *key, int64_t soft_ms, int64_t hard_s,
	   struct source *source)
{
	const struct cache_fill filler = {fill, source};
	struct buf body;

	buf_init(&body, unit_arena());
	buf_puts(&body, "in front: ");
	UNIT_I64(source->err,
		 cache_get_or_fill(cache, unit_arena(), key, soft_ms, hard_s, &filler, &body));
	UNIT_TRUE(strncmp(buf_text(&body), "in front: ", 10) == 0);
	return buf_text(&body) + 10;
}

static const char *
get(struct cache *cache, const char *key, int64_t soft_ms, struct source *source)
{
	return get_within(cache, key, soft_ms, HARD_S, source);
}

/* --- without a server --- */

static void
test_no_server(void)
{
	static const char *const servers[] = {
		"",   "  ",    "/nowhere/memcached.sock", "127.0.0.1:1", "[::1]:1", "host:port",
		":1", "/a /b",
	};

	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
		struct cache_options away = options;
		struct source source = {.text = "filled"};
		struct cache *cache;
		int64_t start = clock_mono_ms();

		unit_row(servers[i]);
		away.servers = servers[i];
		cache = cache_new(&away);
		for (int k = 0; k < 1000; k++)
			UNIT_TEXT("filled", get(cache, "key", SOFT_MS, &source));
		UNIT_I64(1000, source.fills);
		UNIT_TRUE(clock_mono_ms() - start < 500);
		cache_free(cache);
	}
	cache_free(NULL);
}

static void
the_warning_names_the_server_and_the_error(void)
{
	static const struct {
		const char *servers, *report;
	} rows[] = {
		{"127.0.0.1:1", "the cache is left alone for 150 ms: 127.0.0.1:1: CONNECTION "
				"FAILURE: Connection refused"},
		{"[::1]:1", "left alone for 150 ms: ::1:1: CONNECTION FAILURE: Connection refused"},
		{"/nowhere/m.sock", "/nowhere/m.sock: SYSTEM ERROR: No such file or directory"},
		{"h:99999", "the servers of the configuration cannot be used"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *log = unit_write("log", "");
		struct cache_options away = options;
		struct source source = {.text = "filled"};
		struct cache *cache;

		unit_row(rows[i].servers);
		UNIT_I64(0, log_open(log));
		away.servers = rows[i].servers;
		cache = cache_new(&away);
		UNIT_TEXT("filled", get(cache, "key", SOFT_MS, &source));
		cache_free(cache);
		UNIT_CONTAINS(rows[i].report, unit_read(log));
		UNIT_I64(0, log_open("-"));
	}
}

static void
test_error_passed(void)
{
	struct cache_options away = options;
	struct source source = {.text = "", .err = ERR_NOTFOUND};
	struct cache *cache;

	away.servers = "";
	cache = cache_new(&away);
	(void)get(cache, "key", SOFT_MS, &source);
	cache_free(cache);
}

/* --- with one --- */

/* Each case has an empty server and a cache of its own. */
static struct cache *
begin(struct cacheconn *conn)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[8] = "";

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	UNIT_TRUE(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	UNIT_TRUE(write(fd, "flush_all\r\n", 11) == 11);
	UNIT_TRUE(read(fd, reply, 4) > 0);
	close(fd);
	cacheconn_init(conn, &options);
	return cache_new(&options);
}

static void
end(struct cache *cache, struct cacheconn *conn)
{
	cache_free(cache);
	cacheconn_fini(conn);
}

static void
test_hit(void)
{
	struct source source = {.text = "one"}, other = {.text = "two"};
	uint64_t hits = hostmem_total(METRIC_CACHE_HITS);
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	UNIT_TEXT("one", get(cache, "events:kind=concert&limit=20", SOFT_MS, &source));
	source.text = "changed";
	UNIT_TEXT("one", get(cache, "events:kind=concert&limit=20", SOFT_MS, &source));
	UNIT_TEXT("two", get(cache, "events:kind=concert&limit=21", SOFT_MS, &other));
	UNIT_I64(1, source.fills);
	UNIT_I64(hits + 1, hostmem_total(METRIC_CACHE_HITS));
	/* Bypassed. */
	UNIT_TEXT("changed", get(cache, "events:kind=concert&limit=20", 0, &source));
	/* The lock was given back. */
	UNIT_I64(CACHECONN_YES,
		 cacheconn_add(&conn, "t:l2:events:kind=concert&limit=20", "1", 1, 2));
	end(cache, &conn);
}

static void
test_keys(void)
{
	const char *keys[] = {
		arena_printf(unit_arena(), "%0200d", 1),
		arena_printf(unit_arena(), "%0201d", 1),
		arena_printf(unit_arena(), "%0201d", 2),
		arena_printf(unit_arena(), "%05000d", 1),
		"with space",
		"with\nnewline",
		"\xed\x95\x9c\xea\xb8\x80",
		"UPPER",
		"",
	};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct source source = {.text = keys[i]};

		unit_row(keys[i]);
		UNIT_TEXT(keys[i], get(cache, keys[i], SOFT_MS, &source));
		UNIT_TEXT(keys[i], get(cache, keys[i], SOFT_MS, &source));
		UNIT_I64(1, source.fills);
	}
	UNIT_FALSE(conn.is_away);
	end(cache, &conn);
}

static void
test_stale(void)
{
	struct source source = {.text = "old"};
	uint64_t stale = hostmem_total(METRIC_CACHE_STALE);
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	UNIT_TEXT("old", get(cache, "key", 10, &source));
	sleep_ms(15);
	source.text = "new";
	/* Somebody else refills. */
	UNIT_I64(CACHECONN_YES, cacheconn_add(&conn, "t:l2:key", "1", 1, 2));
	UNIT_TEXT("old", get(cache, "key", 10, &source));
	UNIT_I64(stale + 1, hostmem_total(METRIC_CACHE_STALE));
	UNIT_I64(1, source.fills);
	/* Nobody does. */
	UNIT_I64(CACHECONN_YES, cacheconn_delete(&conn, "t:l2:key"));
	UNIT_TEXT("new", get(cache, "key", 10, &source));
	UNIT_TEXT("new", get(cache, "key", SOFT_MS, &source));
	UNIT_I64(2, source.fills);
	end(cache, &conn);
}

static void
test_strict(void)
{
	struct source source = {.text = "old"};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	UNIT_TEXT("old", get_within(cache, "key", 10, 0, &source));
	UNIT_TEXT("old", get_within(cache, "key", SOFT_MS, 0, &source));
	sleep_ms(15);
	source.text = "new";
	/* Somebody else refills and is slow. */
	UNIT_I64(CACHECONN_YES, cacheconn_add(&conn, "t:l2:key", "1", 1, 2));
	UNIT_TEXT("new", get_within(cache, "key", 10, 0, &source));
	UNIT_I64(2, source.fills);
	UNIT_I64(CACHECONN_YES, cacheconn_delete(&conn, "t:l2:key"));
	end(cache, &conn);
}

/* A failed refill is the caller's error, keeps nothing and frees the lock. */
static void
test_failed_fill(void)
{
	struct source missing = {.text = "partial", .err = ERR_NOTFOUND},
		      source = {.text = "there"};
	int64_t start = clock_mono_ms();
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	for (int i = 0; i < 10; i++)
		(void)get(cache, "key", SOFT_MS, &missing);
	UNIT_I64(10, missing.fills);
	UNIT_TRUE(clock_mono_ms() - start < 500);
	UNIT_TEXT("there", get(cache, "key", SOFT_MS, &source));
	end(cache, &conn);
}

/* A value as the cache writes it, with anything wrong. */
static void
put_value(struct cacheconn *conn, const char *name, const char *magic, char kind, const char *key,
	  int64_t age_ms, size_t cut)
{
	struct {
		char magic[2], kind, spare;
		uint32_t key_len;
		int64_t filled_us;
		uint64_t body_len;
	} header = {{magic[0], magic[1]},
		    kind,
		    0,
		    (uint32_t)strlen(key),
		    clock_wall_us() - age_ms * 1000,
		    strlen("poison")};
	struct buf buf;

	buf_init(&buf, unit_arena());
	buf_put(&buf, &header, sizeof(header));
	buf_puts(&buf, key);
	buf_puts(&buf, "poison");
	UNIT_I64(CACHECONN_YES, cacheconn_set(conn, name, buf.data, buf.len - cut, 60));
}

static void
test_poison(void)
{
	static const struct {
		const char *name, *magic, *key;
		char kind;
		int64_t age_ms;
		size_t cut;
		bool is_taken;
	} rows[] = {
		{"a good value", "BO", "key", 'V', 0, 0, true},
		{"a little ahead", "BO", "key", 'V', -500, 0, true},
		{"of another key", "BO", "kez", 'V', 0, 0, false},
		{"of a longer key", "BO", "keyp", 'V', 0, 0, false},
		{"of a shorter key", "BO", "ke", 'V', 0, 0, false},
		{"of another program", "XX", "key", 'V', 0, 0, false},
		{"of another kind", "BO", "key", 'X', 0, 0, false},
		{"from the future", "BO", "key", 'V', -5000, 0, false},
		{"too old", "BO", "key", 'V', SOFT_MS + 1, 0, false},
		{"past its end", "BO", "key", 'V', HARD_S * 1000 + 1, 0, false},
		{"cut in the body", "BO", "key", 'V', 0, 1, false},
		{"cut behind the key", "BO", "key", 'V', 0, 6, false},
		{"cut in the key", "BO", "key", 'V', 0, 7, false},
		{"cut in the header", "BO", "key", 'V', 0, 15, false},
		{"empty", "BO", "key", 'V', 0, 33, false},
	};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct source source = {.text = "truth"};

		unit_row(rows[i].name);
		put_value(&conn, "t:v2:key", rows[i].magic, rows[i].kind, rows[i].key,
			  rows[i].age_ms, rows[i].cut);
		UNIT_TEXT(rows[i].is_taken ? "poison" : "truth",
			  get(cache, "key", SOFT_MS, &source));
	}
	end(cache, &conn);
}

/* Over a megabyte: filled each time, nobody waits for anybody. */
static void
test_large(void)
{
	struct source source = {.text = arena_printf(unit_arena(), "%02000000d", 7)};
	struct source fits = {.text = source.text + 1010000};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);
	int64_t start;

	UNIT_TRUE(strcmp(source.text, get(cache, "large", SOFT_MS, &source)) == 0);
	UNIT_I64(CACHECONN_YES, cacheconn_add(&conn, "t:l2:large", "1", 1, 2));
	start = clock_mono_ms();
	for (int i = 0; i < 10; i++)
		UNIT_TRUE(strcmp(source.text, get(cache, "large", SOFT_MS, &source)) == 0);
	UNIT_TRUE(clock_mono_ms() - start < 900);
	UNIT_I64(11, source.fills);
	UNIT_TRUE(strcmp(fits.text, get(cache, "fits", SOFT_MS, &fits)) == 0);
	UNIT_TRUE(strcmp(fits.text, get(cache, "fits", SOFT_MS, &fits)) == 0);
	UNIT_I64(1, fits.fills);
	end(cache, &conn);
}

/* Another process asks for the key and takes `delay_ms` to fill it; it has begun on return. */
static pid_t
fill_elsewhere(struct cacheconn *conn, long delay_ms, enum err err)
{
	struct source source = {.text = "theirs", .err = err, .delay_ms = delay_ms};
	pid_t pid = fork();
	char *data;
	size_t len;

	if (pid == 0) {
		(void)get(cache_new(&options), "key", SOFT_MS, &source);
		_exit(0);
	}
	for (int i = 0; i < 1000; i++) {
		if (cacheconn_get(conn, "t:l2:key", &data, &len) == CACHECONN_YES) {
			free(data);
			break;
		}
		sleep_ms(1);
	}
	return pid;
}

static void
test_wait(void)
{
	struct source source = {.text = "ours"};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);
	pid_t pid = fill_elsewhere(&conn, 40, ERR_OK);

	UNIT_TEXT("theirs", get(cache, "key", SOFT_MS, &source));
	UNIT_I64(0, source.fills);
	waitpid(pid, NULL, 0);
	end(cache, &conn);
}

/* The other one finds nothing: the lock is free again, no need to wait longer. */
static void
test_wait_no_longer(void)
{
	struct source source = {.text = "ours"};
	int64_t best_ms = INT64_MAX;

	for (int i = 0; i < 5 && best_ms >= 90; i++) {
		struct cacheconn conn;
		struct cache *cache = begin(&conn);
		pid_t pid = fill_elsewhere(&conn, 30, ERR_NOTFOUND);
		int64_t start = clock_mono_ms(), ms;

		UNIT_TEXT("ours", get(cache, "key", SOFT_MS, &source));
		ms = clock_mono_ms() - start;
		best_ms = ms < best_ms ? ms : best_ms;
		waitpid(pid, NULL, 0);
		end(cache, &conn);
	}
	UNIT_TRUE(best_ms < 90);
}

/* Nobody ever gives the lock back. */
static void
test_wait_in_vain(void)
{
	struct source source = {.text = "ours"};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);
	int64_t start;

	UNIT_I64(CACHECONN_YES, cacheconn_add(&conn, "t:l2:key", "1", 1, 2));
	start = clock_mono_ms();
	UNIT_TEXT("ours", get(cache, "key", SOFT_MS, &source));
	UNIT_TRUE(clock_mono_ms() - start >= 90 && clock_mono_ms() - start < 500);
	end(cache, &conn);
}

/* Of many who come at once for a stale value one fills. */
static void
test_stampede(void)
{
	struct source source = {.text = "new", .delay_ms = 100};
	uint64_t misses = hostmem_total(METRIC_CACHE_MISSES);
	struct cacheconn conn;
	struct cache *cache = begin(&conn);
	pid_t pids[16];

	put_value(&conn, "t:v2:key", "BO", 'V', "key", 20000, 0);
	for (size_t i = 0; i < 16; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			hostmem_slot_use(hostmem_slot_take("test"));
			(void)get(cache_new(&options), "key", 10000, &source);
			_exit(source.fills);
		}
	}
	for (size_t i = 0; i < 16; i++) {
		int status = 0;

		waitpid(pids[i], &status, 0);
		source.fills += WEXITSTATUS(status);
	}
	UNIT_I64(1, source.fills);
	UNIT_I64(misses + 1, hostmem_total(METRIC_CACHE_MISSES));
	end(cache, &conn);
}

/* A server that hangs costs a few time-outs, then is left alone, then is used again. */
static void
test_hung(void)
{
	struct source source = {.text = "kept"}, during = {.text = "during"};
	struct cacheconn conn;
	struct cache *cache = begin(&conn);
	int64_t start;

	UNIT_TEXT("kept", get(cache, "key", SOFT_MS, &source));
	UNIT_I64(0, kill(server, SIGSTOP));
	UNIT_I64(server, waitpid(server, NULL, WUNTRACED));
	start = clock_mono_ms();
	UNIT_TEXT("during", get(cache, "key", SOFT_MS, &during));
	UNIT_TRUE(clock_mono_ms() - start < 8 * TIMEOUT_MS);
	start = clock_mono_ms();
	for (int i = 0; i < 100; i++)
		UNIT_TEXT("during", get(cache, "other", SOFT_MS, &during));
	UNIT_TRUE(clock_mono_ms() - start < 3 * TIMEOUT_MS);
	sleep_ms(RETRY_AFTER_MS);
	/* Still hanging: one more time-out, on a new connection. */
	start = clock_mono_ms();
	UNIT_TEXT("during", get(cache, "third", SOFT_MS, &during));
	UNIT_TRUE(clock_mono_ms() - start < 8 * TIMEOUT_MS);
	UNIT_I64(0, kill(server, SIGCONT));
	sleep_ms(RETRY_AFTER_MS + 10);
	/* The late answer for "key" is not taken for that of "fourth". */
	UNIT_TEXT("during", get(cache, "fourth", SOFT_MS, &during));
	UNIT_TEXT("kept", get(cache, "key", SOFT_MS, &source));
	UNIT_I64(1, source.fills);
	end(cache, &conn);
}

/* --- the server --- */

static void
stop_server(void)
{
	if (server > 0) {
		kill(server, SIGCONT);
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
}

static bool
is_listening(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_open;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	is_open = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return is_open;
}

/* False when memcached is not installed. */
static bool
start_server(void)
{
	pid_t parent = getpid();

	snprintf(socket_path, sizeof(socket_path), "%s/memcached.sock", unit_dir());
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		/* As root it wants to become somebody: stay who owns the folder. */
		execlp("memcached", "memcached", "-u", getpwuid(geteuid())->pw_name, "-s",
		       socket_path, "-m", "16", "-t", "1", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 400 && !is_listening(); i++) {
		if (waitpid(server, NULL, WNOHANG) == server) {
			server = 0;
			return false;
		}
		sleep_ms(5);
	}
	atexit(stop_server);
	return true;
}

static const struct unit_case away_cases[] = {
	{"a server that is away is a miss, and fast", test_no_server},
	{"the filler's error is passed on", test_error_passed},
	{"the warning names the server and the error", the_warning_names_the_server_and_the_error},
	{NULL, NULL},
};

static const struct unit_case server_cases[] = {
	{"a value is filled once and then found", test_hit},
	{"keys of any length and form are kept apart", test_keys},
	{"a stale value is served while another refills", test_stale},
	{"who accepts no stale value waits for the new one", test_strict},
	{"a failed fill is not kept and makes nobody wait", test_failed_fill},
	{"a value of another key, program or time is no value", test_poison},
	{"a value too large is not kept and nobody waits for it", test_large},
	{"a missing value is waited for while another fills", test_wait},
	{"a filler that finds nothing ends the wait", test_wait_no_longer},
	{"nobody waits for long in vain", test_wait_in_vain},
	{"of many who find a stale value one refills", test_stampede},
	{"a server that hangs costs a few time-outs and is left alone", test_hung},
	{NULL, NULL},
};

int
main(void)
{
	const struct unit_suite with_server[] = {
		{"cache without a server", away_cases},
		{"cache with a server", server_cases},
		{NULL, NULL},
	};
	const struct unit_suite without[] = {
		{"cache without a server", away_cases},
		{NULL, NULL},
	};

	hostmem_init();
	if (start_server())
		return unit_run(with_server);
	puts("memcached is not installed: half of the tests were NOT run");
	return unit_run(without);
}
