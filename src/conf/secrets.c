/*
 * Reads the file of secrets into an arena that is wiped, and copies the keys into the caller's
 * struct. No error message repeats a value.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "conf/config.h"
#include "conf/inifile.h"

#define SECRETS_MEMORY ((size_t)8 << 20)
#define KEY_SIZE 32
#define KEY_HEX_SIZE (2 * KEY_SIZE + 1)
#define SECRETS_MODE 0640

/* One of the two sections. */
struct ring {
	const char *section;
	struct config_key *keys;
	size_t *count;
	size_t *current;
	const char *current_id; /* as in the file; NULL: not yet read */
};

struct reader {
	const char *path;
	uid_t owner; /* that may own the file beside root and us */
	struct buf *errors;
	bool has_error;
	struct ring rings[2];
};

static void
report(struct reader *reader, int line, const char *section, const char *reason)
{
	reader->has_error = true;
	if (line > 0)
		buf_printf(reader->errors, "%s:%d: [%s]: %s\n", reader->path, line, section,
			   reason);
	else
		buf_printf(reader->errors, "%s: [%s]: %s\n", reader->path, section, reason);
}

static struct ring *
find_ring(struct reader *reader, const char *section)
{
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(reader->rings[i].section, section) == 0)
			return &reader->rings[i];
	}
	return NULL;
}

/* Position of the id; the count when there is none. */
static size_t
find_key(const struct ring *ring, const char *id)
{
	size_t i;

	for (i = 0; i < *ring->count; i++) {
		if (strcmp(ring->keys[i].id, id) == 0)
			break;
	}
	return i;
}

/* Adds the entry to the ring. Returns NULL, or the reason why the entry is not a key. */
static const char *
add_key(struct ring *ring, const struct inifile_entry *entry)
{
	size_t id_len = strlen(entry->key);
	struct config_key *key = &ring->keys[*ring->count];

	if (id_len > CONFIG_KEY_ID_MAX || strspn(entry->key, CONFIG_KEY_ID_LETTERS) < id_len)
		return "expected a key id of up to 32 of a-z, 0-9, underscores and dashes";
	if (find_key(ring, entry->key) < *ring->count)
		return "a key id is there twice";
	if (*ring->count == CONFIG_KEYS_MAX)
		return "too many keys";
	if (strlen(entry->value) != KEY_HEX_SIZE - 1 ||
	    !text_unhex(entry->value, KEY_HEX_SIZE - 1, key->bytes))
		return "expected 64 hex digits";
	key->id = strdup(entry->key);
	if (!key->id)
		abort();
	(*ring->count)++;
	return NULL;
}

static void
take_entry(struct reader *reader, const struct inifile_entry *entry)
{
	struct ring *ring = find_ring(reader, entry->section);
	const char *reason = NULL;

	if (!ring) {
		if (!entry->key)
			reason = "unknown section";
		else if (entry->section[0] == '\0')
			reason = "before the first section";
	} else if (entry->key && strcmp(entry->key, "current") == 0) {
		if (ring->current_id)
			reason = "current is there twice";
		ring->current_id = entry->value;
	} else if (entry->key) {
		reason = add_key(ring, entry);
	}
	if (reason)
		report(reader, entry->line, entry->section, reason);
}

static void
finish_ring(struct reader *reader, struct ring *ring)
{
	if (!ring->current_id) {
		report(reader, 0, ring->section,
		       "current is missing: the id of the key that signs");
		return;
	}
	*ring->current = find_key(ring, ring->current_id);
	if (*ring->current == *ring->count)
		report(reader, 0, ring->section, "current names no key of the section");
}

static enum err
read_with(struct reader *reader, struct arena *arena)
{
	struct inifile_entry *entries;
	struct stat info;
	enum err err;
	char *text;

	err = inifile_load(reader->path, arena, reader->errors, &info, &text);
	if (err != ERR_OK)
		return err;
	if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		reader->has_error = true;
		buf_printf(reader->errors, "%s: others may use it: its mode must be 0640 or less\n",
			   reader->path);
	}
	if (info.st_uid != 0 && info.st_uid != geteuid() && info.st_uid != reader->owner) {
		reader->has_error = true;
		buf_printf(reader->errors,
			   "%s: it belongs to the uid %ld: only root or the service may own it\n",
			   reader->path, (long)info.st_uid);
	}
	err = inifile_parse(reader->path, text, arena, reader->errors, &entries);
	if (err != ERR_OK)
		return err;
	for (const struct inifile_entry *entry = entries; entry; entry = entry->next)
		take_entry(reader, entry);
	for (size_t i = 0; i < 2; i++)
		finish_ring(reader, &reader->rings[i]);
	return reader->has_error ? ERR_INVALID : ERR_OK;
}

enum err
secrets_read(const char *path, uid_t owner, struct buf *errors, struct secrets *secrets_r)
{
	struct secrets secrets = {.token_key_count = 0};
	struct arena *arena = arena_new(SECRETS_MEMORY);
	struct reader reader = {
		.path = path,
		.owner = owner,
		.errors = errors,
		.rings = {{"token", secrets.token_keys, &secrets.token_key_count,
			   &secrets.token_current, NULL},
			  {"ticket", secrets.ticket_keys, &secrets.ticket_key_count,
			   &secrets.ticket_current, NULL}},
	};
	enum err err = read_with(&reader, arena);

	arena_free_wiped(arena);
	if (err == ERR_OK) {
		*secrets_r = secrets;
		explicit_bzero(&secrets, sizeof(secrets));
	} else {
		secrets_wipe(&secrets);
	}
	return err;
}

void
secrets_wipe(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->token_key_count; i++)
		free((char *)secrets->token_keys[i].id);
	for (size_t i = 0; i < secrets->ticket_key_count; i++)
		free((char *)secrets->ticket_keys[i].id);
	explicit_bzero(secrets, sizeof(*secrets));
}

/* A section with one fresh key. */
static void
put_section(struct buf *text, const char *section)
{
	uint8_t key[KEY_SIZE], id[4];
	char key_hex[KEY_HEX_SIZE], id_hex[2 * sizeof(id) + 1];

	text_random(key, sizeof(key));
	text_random(id, sizeof(id));
	text_hex(key, sizeof(key), key_hex);
	text_hex(id, sizeof(id), id_hex);
	buf_printf(text, "\n[%s]\ncurrent = k%s\nk%s = %s\n", section, id_hex, id_hex, key_hex);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(key_hex, sizeof(key_hex));
}

/* Writes the whole file or leaves no file. Returns false with errno set. */
static bool
write_new(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t written;
	int saved_errno;

	if (fd < 0)
		return false;
	written = write(fd, text->data, text->len);
	if (written >= 0 && (size_t)written < text->len) {
		errno = ENOSPC;
		written = -1;
	}
	if (written >= 0 && fchmod(fd, SECRETS_MODE) == 0 && fsync(fd) == 0 && close(fd) == 0)
		return true;
	saved_errno = errno;
	unlink(path);
	close(fd);
	errno = saved_errno;
	return false;
}

enum err
secrets_create(const char *path, struct buf *errors)
{
	struct arena *arena = arena_new(SECRETS_MEMORY);
	enum err err = ERR_OK;
	struct buf text;

	buf_init(&text, arena);
	buf_puts(&text,
		 "# Keys of boxoffice. Whoever reads this file can make tokens and tickets.\n"
		 "# To change a key add a line with a new id, reload, let `current` name it, "
		 "reload,\n"
		 "# and remove the old line when what it signed is no longer of use.\n");
	put_section(&text, "token");
	put_section(&text, "ticket");
	if (!write_new(path, &text)) {
		err = errno == EEXIST ? ERR_CONFLICT : ERR_INTERNAL;
		buf_printf(errors, "%s: %s\n", path, strerror(errno));
	}
	arena_free_wiped(arena);
	return err;
}
