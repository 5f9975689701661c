/*
 * inih takes lines of fewer than 200 bytes and silently cuts longer ones. A connection string with
 * a deep folder is longer. But inih also knows continuation lines (indented). So our reader gives
 * inih a long line as a first piece and continuations, and splits only between two characters that
 * mean nothing to inih. The handler joins the pieces again.
 */
#include <config.h>

#include "conf/inifile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define FILE_MAX ((off_t)1 << 20)
#define NAME_MAX_LEN 48 /* inih cuts sections and keys at 49 */

struct reader {
	struct arena *arena;
	struct buf *errors;
	const char *path;
	const char *next;  /* the first line not read yet */
	char *rest;        /* of a long line; NULL: none */
	int line;          /* the last line given to inih */
	bool is_continued; /* the last text given to inih is a piece of a long line */
	bool has_error;
	struct inifile_entry *last;
	struct inifile_entry **end_r;
};

static void
report(struct reader *reader, const char *reason)
{
	buf_printf(reader->errors, "%s:%d: %s\n", reader->path, reader->line, reason);
	reader->has_error = true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Cuts a comment (" ;") and the surrounding spaces. Returns the first character that counts. */
static char *
trim(char *line)
{
	size_t len;

	while (is_space(*line))
		line++;
	for (char *c = line; *c != '\0'; c++) {
		if (*c == ';' && c > line && is_space(c[-1]))
			*c = '\0';
		if (*c == '\0')
			break;
	}
	len = strlen(line);
	while (len > 0 && is_space(line[len - 1]))
		line[--len] = '\0';
	return line;
}

static struct inifile_entry *
add_entry(struct reader *reader, const char *section, const char *key, const char *value)
{
	struct inifile_entry *entry = arena_alloc(reader->arena, sizeof(*entry));

	entry->section = arena_strdup(reader->arena, section);
	entry->key = key ? arena_strdup(reader->arena, key) : NULL;
	entry->value = value ? arena_strdup(reader->arena, value) : NULL;
	entry->line = reader->line;
	*reader->end_r = entry;
	reader->end_r = &entry->next;
	reader->last = entry;
	return entry;
}

/* Returns false, and reports it, when inih would read the line differently from how it looks. */
static bool
check_line(struct reader *reader, char *line)
{
	size_t len = strlen(line);
	size_t key_len = strcspn(line, "=:");

	if (line[0] == '[') {
		if (len < 3 || strchr(line, ']') != line + len - 1)
			report(reader, "expected [section] and nothing behind it");
		else if (len - 2 > NAME_MAX_LEN)
			report(reader, "the name of the section is too long");
		else {
			add_entry(reader, arena_strndup(reader->arena, line + 1, len - 2), NULL,
				  NULL);
			return true;
		}
		return false;
	}
	if (line[key_len] == '\0') {
		report(reader, "expected key = value");
		return false;
	}
	while (key_len > 0 && is_space(line[key_len - 1]))
		key_len--;
	if (key_len == 0 || key_len > NAME_MAX_LEN) {
		report(reader, "the key is missing or too long");
		return false;
	}
	return true;
}

/* The next line of the file, trimmed. "" for an empty or wrong line, NULL at the end. */
static char *
next_line(struct reader *reader)
{
	const char *start = reader->next;
	size_t len = strcspn(start, "\n");
	char *line;

	if (*start == '\0')
		return NULL;
	reader->next = start + len + (start[len] == '\n');
	reader->line++;
	line = trim(arena_strndup(reader->arena, start, len));
	if (line[0] == '\0' || line[0] == ';' || line[0] == '#')
		return arena_strdup(reader->arena, "");
	if (!text_is_utf8(line, strlen(line))) {
		report(reader, "the line is no UTF-8");
		return arena_strdup(reader->arena, "");
	}
	return check_line(reader, line) ? line : arena_strdup(reader->arena, "");
}

/* Length of the longest piece that fits into `room` and ends where inih interprets nothing; 0:
 * none. */
static size_t
piece(const char *line, size_t room)
{
	size_t len = strlen(line);

	if (len <= room)
		return len;
	for (len = room; len > 0; len--) {
		if (!strchr(" \t;#", line[len - 1]) && !strchr(" \t;#", line[len]))
			return len;
	}
	return 0;
}

/* The first piece must hold the key and its '='. A section must not be split. */
static bool
is_split_well(const char *line, size_t len, bool is_continued)
{
	if (is_continued)
		return len > 0;
	return line[0] != '[' && len > strcspn(line, "=:");
}

/* inih calls it for each line, like fgets. */
static char *
read_piece(char *text, int size, void *stream)
{
	struct reader *reader = stream;
	char *line = reader->rest;
	size_t len;

	reader->is_continued = line != NULL;
	if (!line)
		line = next_line(reader);
	if (!line)
		return NULL;
	len = piece(line, (size_t)size - 4);
	if (len < strlen(line) && !is_split_well(line, len, reader->is_continued)) {
		report(reader, "the line cannot be split: too long without a break");
		reader->rest = NULL;
		memcpy(text, "\n", 2);
		return text;
	}
	reader->rest = line[len] != '\0' ? line + len : NULL;
	text[0] = ' '; /* marks a continuation */
	memcpy(text + reader->is_continued, line, len);
	memcpy(text + reader->is_continued + len, "\n", 2);
	return text;
}

/* inih calls it for each value. */
static int
take_value(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;

	if (reader->is_continued)
		reader->last->value =
			arena_printf(reader->arena, "%s%s", reader->last->value, value);
	else
		add_entry(reader, section, key, value);
	return 1;
}

enum err
inifile_parse(const char *path, const char *text, struct arena *arena, struct buf *errors,
	      struct inifile_entry **entries_r)
{
	struct inifile_entry *entries = NULL;
	struct reader reader = {
		.arena = arena,
		.errors = errors,
		.path = path,
		.next = text,
		.end_r = &entries,
	};

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
		reader.next += 3;
	if (ini_parse_stream(read_piece, &reader, take_value, &reader) != 0 && !reader.has_error)
		report(&reader, "the file cannot be read as INI");
	if (reader.has_error)
		return ERR_INVALID;
	*entries_r = entries;
	return ERR_OK;
}

/* Reads up to `size` bytes. Returns false with errno set. */
static bool
read_all(int fd, char *data, size_t size)
{
	while (size > 0) {
		ssize_t got = read(fd, data, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			return true;
		data += got;
		size -= (size_t)got;
	}
	return true;
}

enum err
inifile_load(const char *path, struct arena *arena, struct buf *errors, struct stat *stat_r,
	     char **text_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *reason = NULL;
	char *text = NULL;
	struct stat info;

	if (fd < 0) {
		buf_printf(errors, "%s: %s\n", path, strerror(errno));
		return ERR_INVALID;
	}
	if (fstat(fd, &info) != 0)
		reason = strerror(errno);
	else if (!S_ISREG(info.st_mode))
		reason = "not a regular file";
	else if (info.st_size > FILE_MAX)
		reason = "larger than 1 MiB";
	if (!reason) {
		text = arena_alloc(arena, (size_t)info.st_size + 1);
		if (!read_all(fd, text, (size_t)info.st_size))
			reason = strerror(errno);
		else if (strlen(text) < (size_t)info.st_size)
			reason = "a NUL byte is in it";
	}
	close(fd);
	if (reason) {
		buf_printf(errors, "%s: %s\n", path, reason);
		return ERR_INVALID;
	}
	if (stat_r)
		*stat_r = info;
	*text_r = text;
	return ERR_OK;
}
