#include "config.h"

#include "boxofficed/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "conf/inifile.h"

#define NAME "boxofficed.reload"
#define TEXT_MEMORY ((size_t)4 << 20)

void
verdict_init(struct verdict_file *file, const char *run_dir)
{
	*file = (struct verdict_file){.begun = 0};
	snprintf(file->path, sizeof(file->path), "%s/" NAME, run_dir);
	unlink(file->path);
}

void
verdict_drop(struct verdict_file *file)
{
	unlink(file->path);
	free(file->text);
	file->text = NULL;
}

static bool
write_all(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t written;

	if (fd < 0)
		return false;
	written = write(fd, text->data, text->len);
	if (close(fd) != 0 || written < 0)
		return false;
	if ((size_t)written < text->len)
		errno = ENOSPC;
	return (size_t)written == text->len;
}

/* Replaces the file as a whole, so that nobody reads a part of it. */
static void
write_file(const struct verdict_file *file)
{
	struct arena *arena = arena_new(TEXT_MEMORY);
	char *path = arena_printf(arena, "%s.new", file->path);
	struct buf content;

	buf_init(&content, arena);
	buf_printf(&content, "%ld %" PRId64 " %" PRId64 " %s\n%s", (long)getpid(), file->begun,
		   file->done, file->is_taken ? "taken" : "refused", file->text ? file->text : "");
	if (!write_all(path, &content) || rename(path, file->path) != 0)
		log_warn("could not write %s: %s", file->path, strerror(errno));
	arena_free(arena);
}

void
verdict_begin(struct verdict_file *file)
{
	file->begun++;
	write_file(file);
}

void
verdict_end(struct verdict_file *file, bool is_taken, const char *text)
{
	free(file->text);
	file->text = strdup(text);
	file->is_taken = is_taken;
	file->done = file->begun;
	write_file(file);
}

bool
verdict_read(const char *run_dir, long pid, struct arena *arena, struct verdict *verdict_r)
{
	char *path = arena_printf(arena, "%s/" NAME, run_dir);
	struct verdict verdict;
	char word[8], *text;
	struct buf errors;
	int used = 0;
	long writer;

	buf_init(&errors, arena);
	if (inifile_load(path, arena, &errors, NULL, &text) != ERR_OK ||
	    sscanf(text, "%ld %" SCNd64 " %" SCNd64 " %7s%n", &writer, &verdict.begun,
		   &verdict.done, word, &used) != 4 ||
	    writer != pid || text[used] != '\n')
		return false;
	verdict.is_taken = strcmp(word, "taken") == 0;
	verdict.text = text + used + 1;
	*verdict_r = verdict;
	return true;
}
