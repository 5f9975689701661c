#include "config.h"

#include "ctl/sqlfile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "crypt/crypt.h"

static int
is_sql(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 4 &&
	       strcmp(entry->d_name + length - 4, ".sql") == 0;
}

static const char *
checksum(struct arena *arena, const char *text)
{
	char *hex = arena_alloc(arena, 2 * CRYPT_HASH_SIZE + 1);
	uint8_t hash[CRYPT_HASH_SIZE];

	crypt_hash(text, strlen(text), hash);
	text_hex(hash, sizeof(hash), hex);
	return hex;
}

static enum err
read_whole(struct arena *arena, struct failure *failure, const char *path, const char **text_r)
{
	FILE *file = fopen(path, "re");
	struct buf text;
	char block[8192];
	size_t length;
	int is_broken;

	if (!file)
		return fail_log(failure, CODE_INTERNAL, "could not open %s: %s", path,
				strerror(errno));
	buf_init(&text, arena);
	while ((length = fread(block, 1, sizeof(block), file)) > 0)
		buf_put(&text, block, length);
	is_broken = ferror(file);
	fclose(file);
	if (is_broken)
		return fail_log(failure, CODE_INTERNAL, "could not read %s", path);
	if (strlen(buf_text(&text)) != text.len || !text_is_utf8(buf_text(&text), text.len))
		return fail_log(failure, CODE_INTERNAL, "%s is no UTF-8 text", path);
	*text_r = buf_text(&text);
	return ERR_OK;
}

enum err
sqlfile_read(struct arena *arena, struct failure *failure, const char *dir, const char *name,
	     struct sqlfile *file_r)
{
	const char *text = NULL;
	enum err err = read_whole(arena, failure, arena_printf(arena, "%s/%s", dir, name), &text);

	if (err != ERR_OK)
		return err;
	*file_r = (struct sqlfile){
		.name = arena_strdup(arena, name),
		.text = text,
		.checksum = checksum(arena, text),
	};
	return ERR_OK;
}

enum err
sqlfiles_read(struct arena *arena, struct failure *failure, const char *dir, const char *folder,
	      struct sqlfiles *files_r)
{
	const char *path = arena_printf(arena, "%s/%s", dir, folder);
	struct sqlfiles files = {NULL, 0};
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_sql, alphasort);
	enum err err = ERR_OK;

	if (count <= 0) {
		free(entries);
		return fail_log(failure, CODE_INTERNAL, "no .sql files in %s: %s", path,
				count < 0 ? strerror(errno) : "the folder is empty");
	}
	files.files = arena_calloc(arena, (size_t)count, sizeof(*files.files));
	for (int i = 0; i < count; i++) {
		if (err == ERR_OK)
			err = sqlfile_read(arena, failure, path, entries[i]->d_name,
					   &files.files[files.count++]);
		free(entries[i]);
	}
	free(entries);
	if (err == ERR_OK)
		*files_r = files;
	return err;
}

struct sqlfile
sqlfiles_join(struct arena *arena, const struct sqlfiles *files, const char *name)
{
	struct buf text;

	buf_init(&text, arena);
	for (size_t i = 0; i < files->count; i++) {
		buf_puts(&text, files->files[i].text);
		buf_putc(&text, '\n');
	}
	return (struct sqlfile){
		.name = name,
		.text = buf_text(&text),
		.checksum = checksum(arena, buf_text(&text)),
	};
}
