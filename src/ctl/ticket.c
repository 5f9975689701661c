/* boxofficectl tickets …: prints the public keys, and checks a code with only those keys. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/uuid.h"
#include "conf/config.h"
#include "conf/inifile.h"
#include "core/directory/layout_seat.h"
#include "crypt/crypt.h"
#include "ctl/ctl.h"
#include "run/exit.h"
#include "words/words.h"

#define SECTION "ticket-public"
#define LAYOUT_FILE_MAX ((size_t)32 << 20) /* 100,000 seats take 7 MiB */
#define HEX_LEN (2 * (size_t)TICKET_PUBLIC_KEY_SIZE)

int
ctl_tickets_public_key(struct ctl *ctl, char **args)
{
	const struct secrets *secrets = ctl->core.secrets;
	char hex[HEX_LEN + 1];

	(void)args;
	puts("[" SECTION "]");
	for (size_t i = 0; i < secrets->ticket_key_count; i++) {
		text_hex(ticket_public_key(secrets, i), TICKET_PUBLIC_KEY_SIZE, hex);
		printf("%s = %s\n", secrets->ticket_keys[i].id, hex);
	}
	return EXIT_SUCCESS;
}

/* Finds the key in a file that may hold public keys only: seeds do not belong at a door. Returns 0
 * or the exit status. */
static int
find_key(struct ctl *ctl, const char *path, const char *id, bool *is_known_r,
	 uint8_t key_r[TICKET_PUBLIC_KEY_SIZE])
{
	struct inifile_entry *entries;
	struct buf errors;
	struct stat info;
	char *text;

	*is_known_r = false;
	buf_init(&errors, ctl->core.arena);
	if (inifile_load(path, ctl->core.arena, &errors, &info, &text) != ERR_OK ||
	    inifile_parse(path, text, ctl->core.arena, &errors, &entries) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		return EXIT_CONFIG;
	}
	for (const struct inifile_entry *entry = entries; entry; entry = entry->next) {
		const bool is_ours = strcmp(entry->section, SECTION) == 0;
		uint8_t key[TICKET_PUBLIC_KEY_SIZE];

		if (is_ours && !entry->key)
			continue;
		if (!is_ours || strlen(entry->value) != HEX_LEN ||
		    !text_unhex(entry->value, HEX_LEN, key)) {
			fprintf(stderr,
				"%s:%d: expected [" SECTION "] and keys of %zu hex digits\n", path,
				entry->line, HEX_LEN);
			return EXIT_CONFIG;
		}
		if (strcmp(entry->key, id) == 0) {
			memcpy(key_r, key, sizeof(key));
			*is_known_r = true;
		}
	}
	return EXIT_SUCCESS;
}

/* The names of the seat in a saved layout. Returns 0 or the exit status: a layout that is no help
 * is no fault of the ticket. */
static int
find_seat(struct ctl *ctl, const char *path, int64_t seat_no, struct layout_seat_names *names_r)
{
	char *text = arena_alloc(ctl->core.arena, LAYOUT_FILE_MAX + 1);
	FILE *file = fopen(path, "re");
	size_t len = 0;
	enum err err;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return EXIT_CONFIG;
	}
	len = fread(text, 1, LAYOUT_FILE_MAX + 1, file);
	fclose(file);
	err = len > LAYOUT_FILE_MAX
		      ? ERR_INVALID
		      : layout_seat_find(ctl->core.arena, text, len, seat_no, names_r);
	if (err == ERR_OK)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s: %s\n", path,
		err == ERR_NOTFOUND ? "the layout has no such seat"
				    : "is not the answer of GET /api/layouts/ID");
	return EXIT_CONFIG;
}

int
ctl_tickets_verify(struct ctl *ctl, char **args)
{
	uint8_t key[TICKET_PUBLIC_KEY_SIZE];
	struct layout_seat_names names;
	struct ticket_claims claims;
	const char *code, *says;
	char id[UUID_TEXT_SIZE];
	bool is_known;
	int status;

	if (!ctl->options.key)
		return ctl_fail("--key FILE is needed: what tickets public-key printed");
	code = text_is_utf8(args[0], strlen(args[0]))
		       ? words_take(ctl->core.arena, WORDS_SCANNED, args[0], &says)
		       : NULL;
	if (!code || !ticket_code_parse(ctl->core.arena, code, &claims))
		return ctl_fail("that is not the code of a ticket");
	status = find_key(ctl, ctl->options.key, claims.key_id, &is_known, key);
	if (status != EXIT_SUCCESS)
		return status;
	if (!is_known)
		return ctl_fail("invalid: the key %s is not in the file", claims.key_id);
	if (!ticket_claims_verify(ctl->core.arena, &claims, key))
		return ctl_fail("invalid: key %s did not sign this", claims.key_id);
	if (ctl->options.layout) {
		status = find_seat(ctl, ctl->options.layout, claims.seat_no, &names);
		if (status != EXIT_SUCCESS)
			return status;
	}
	uuid_format(&claims.ticket_id, id);
	printf("valid\nticket %s\nshow %" PRId64 "\nseat %" PRId64 "\n", id, claims.show_id,
	       claims.seat_no);
	if (ctl->options.layout)
		printf("section %s\nrow %s\nlabel %s\n", names.section, names.row, names.label);
	printf("key %s\n", claims.key_id);
	return EXIT_SUCCESS;
}
