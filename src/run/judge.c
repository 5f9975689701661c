#include "config.h"

#include "run/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/config.h"
#include "conf/param.h"
#include "db/db.h"
#include "run/account.h"

struct court {
	const struct judge *judge;
	struct config *config;
	struct buf *errors;
	uid_t service; /* the account of the service; ours when it is not known */
	bool has_secrets;
	bool is_child; /* that has become the service; its parent starts as root */
};

/* --- what the text tells --- */

static void
judge_dsns(const struct court *court)
{
	struct config *config = court->config;
	const struct param_table table = param_table();

	for (size_t i = 0; i < table.count; i++) {
		const struct param *row = &table.rows[i];
		const char *dsn, *reason;

		if (row->type != PARAM_DSN)
			continue;
		dsn = param_get(row, config, config->arena);
		reason = dsn[0] == '\0' ? NULL : db_dsn_problem(dsn, config->arena);
		if (reason)
			config_problem(config, court->errors, row->section, row->name, "%s",
				       reason);
	}
}

static void
judge_pools(const struct court *court)
{
	struct config *config = court->config;

	for (const char *const *name = court->judge->pools; *name; name++) {
		size_t i = 0;

		while (i < config->pool_count && strcmp(config->pools[i].name, *name) != 0)
			i++;
		if (i == config->pool_count)
			config_problem(config, court->errors,
				       arena_printf(config->arena, "pool %s", *name), NULL,
				       "the section is missing: nginx sends requests to this pool");
	}
}

static void
judge_accounts(const struct court *court)
{
	struct config *config = court->config;

	if (geteuid() == 0 && config->server_user[0] != '\0' &&
	    getpwnam(config->server_user) == NULL)
		config_problem(config, court->errors, "server", "user", "there is no user %s",
			       config->server_user);
	if (config->server_socket_group[0] != '\0' && getgrnam(config->server_socket_group) == NULL)
		config_problem(config, court->errors, "server", "socket_group",
			       "there is no group %s", config->server_socket_group);
}

/* --- what the files tell --- */

static const char *
folder_of(const struct court *court, const char *path)
{
	const size_t len = (size_t)(strrchr(path, '/') - path);

	return arena_strndup(court->config->arena, path, len > 0 ? len : 1);
}

/* May the service write into this folder? Returns 0 or an errno. */
static int
try_folder(const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return errno;
	if (!S_ISDIR(info.st_mode))
		return ENOTDIR;
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* The same for a file, which need not be there yet. */
static int
try_file(const struct court *court, const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return errno == ENOENT ? try_folder(folder_of(court, path)) : errno;
	/* Nobody who opens a FIFO comes back before somebody reads it. */
	if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode))
		return S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static void
judge_log(const struct court *court)
{
	const char *path = court->config->log_file;
	const int error = strcmp(path, "-") == 0 ? 0 : try_file(court, path);

	if (error)
		config_problem(court->config, court->errors, "log", "file",
			       "the service cannot write %s: %s%s", path, strerror(error),
			       error == EROFS ? ". Its unit lets it write below /var/log/boxoffice"
					      : "");
}

/* The jobs and the relay write there. They go on without it: figures are not the work. What the
 * sandbox of the units forbids, jobs that cron starts may do. */
static void
judge_textfiles(const struct court *court)
{
	const char *path = court->config->batch_textfile_dir;
	const int error = path[0] == '\0' ? 0 : try_folder(path);

	if (error && error != EROFS)
		config_problem(court->config, court->errors, "batch", "textfile_dir",
			       "files cannot be written into %s: %s", path, strerror(error));
}

/* May run_dir be made? No start makes a folder above it. Root makes it for the service. */
static int
try_to_make(const struct court *court, const char *path)
{
	const char *parent = folder_of(court, path);
	struct stat info;

	if (!court->is_child)
		return try_folder(parent);
	if (stat(parent, &info) != 0)
		return errno;
	return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

static void
judge_run_dir(const struct court *court)
{
	const char *path = court->config->server_run_dir;
	int error = try_folder(path);

	if (error == ENOENT)
		error = try_to_make(court, path);
	if (error)
		config_problem(court->config, court->errors, "server", "run_dir",
			       "the service cannot write into %s: %s", path, strerror(error));
}

static void
judge_sockets(const struct court *court)
{
	struct config *config = court->config;

	for (size_t i = 0; i < config->pool_count; i++) {
		const char *folder = folder_of(court, config->pools[i].socket);
		struct stat info;

		if (strcmp(folder, config->server_run_dir) == 0)
			continue;
		if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
			config_problem(
				config, court->errors,
				arena_printf(config->arena, "pool %s", config->pools[i].name),
				"socket", "there is no folder %s", folder);
	}
}

/* Only boxofficectl reads there, as root: what the service cannot see may be right. */
static void
judge_sql_dir(const struct court *court)
{
	struct config *config = court->config;
	struct stat info;

	if (config_is_given(config, "paths", "sql_dir") &&
	    stat(config->paths_sql_dir, &info) != 0 && errno != EACCES)
		config_problem(config, court->errors, "paths", "sql_dir", "there is no folder %s",
			       config->paths_sql_dir);
}

static void
judge_secrets(struct court *court, struct secrets *secrets_r)
{
	court->has_secrets = secrets_read(court->config->auth_secrets_file, court->service,
					  court->errors, secrets_r) == ERR_OK;
	if (!court->has_secrets)
		court->config->problems++;
}

/* Judges with the eyes of the account that runs this. `secrets_r` may be NULL. */
static void
judge_files(struct court *court, struct secrets *secrets_r)
{
	const unsigned parts = court->judge->parts;
	struct config *config = court->config;

	if (faccessat(AT_FDCWD, config->path, R_OK, AT_EACCESS) != 0) {
		buf_printf(court->errors, "%s: the service cannot read it: %s\n", config->path,
			   strerror(errno));
		config->problems++;
	}
	if (parts & (JUDGE_LOG | JUDGE_SERVICE))
		judge_log(court);
	if (parts & JUDGE_SERVICE) {
		judge_textfiles(court);
		judge_run_dir(court);
		judge_sockets(court);
		judge_sql_dir(court);
	}
	if (secrets_r)
		judge_secrets(court, secrets_r);
}

/* --- the eyes of the service --- */

static int
testify(void *context, struct buf *errors)
{
	struct court own = *(const struct court *)context;
	struct secrets secrets;

	own.errors = errors;
	own.is_child = true;
	judge_files(&own, &secrets);
	return EXIT_SUCCESS;
}

static void
judge_as_service(struct court *court)
{
	struct config *config = court->config;
	const size_t before = court->errors->len;

	if (account_ask(config->server_user, testify, court, court->errors) != EXIT_SUCCESS)
		config_problem(config, court->errors, "server", "user",
			       "could not judge with the rights of %s: %s", config->server_user,
			       strerror(errno));
	else if (court->errors->len > before)
		config->problems++;
}

/* --- */

static void
judge_all(struct court *court)
{
	const struct judge *judge = court->judge;
	const struct config *config = court->config;
	const struct passwd *user = NULL;

	judge_dsns(court);
	if (judge->parts & JUDGE_SERVICE)
		judge_pools(court);
	if (judge->parts & JUDGE_ACCOUNTS)
		judge_accounts(court);
	if (geteuid() == 0 && config->server_user[0] != '\0')
		user = getpwnam(config->server_user);
	if (user)
		court->service = user->pw_uid;
	if (user && user->pw_uid != 0 && (judge->parts & JUDGE_SERVICE) != 0)
		judge_as_service(court);
	else
		judge_files(court, judge->secrets);
}

enum err
judge_read(const struct judge *judge, struct buf *errors, struct config **config_r)
{
	struct court court = {.judge = judge, .errors = errors, .service = geteuid()};

	if (config_read(judge->path, errors, &court.config) != ERR_OK)
		return ERR_INVALID;
	judge_all(&court);
	/* A child reads the secrets for itself alone. */
	if (court.config->problems == 0 && judge->secrets && !court.has_secrets)
		judge_secrets(&court, judge->secrets);
	if (court.config->problems > 0) {
		if (court.has_secrets)
			secrets_wipe(judge->secrets);
		config_free(court.config);
		return ERR_INVALID;
	}
	*config_r = court.config;
	return ERR_OK;
}
