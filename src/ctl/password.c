/* Passwords that an operator types, pipes in, or gets made. */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"
#include "core/saga/signup.h"
#include "crypt/crypt.h"
#include "ctl/ctl.h"

#define PASSWORD_BYTES (4 * SIGNUP_PASSWORD_MAX)
#define LINE_BYTES (PASSWORD_BYTES + 3)
#define MADE_BYTES 10 /* 80 random bits */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

#define ENDING_COUNT (sizeof(ending) / sizeof(*ending))

static volatile sig_atomic_t caught;

static void
note(int number)
{
	caught = number;
}

/* Waits for a line. The ending signals are blocked except while it waits: one that came between the
 * question and a plain read would be noted, and the read would wait all the same. */
static bool
read_line(const sigset_t *unblocked, char *line_r)
{
	struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};

	return ppoll(&terminal, 1, NULL, unblocked) == 1 &&
	       fgets(line_r, LINE_BYTES, stdin) != NULL;
}

/* Reads a line of the terminal without an echo. A signal takes effect once the terminal is as it
 * was: a shell must not be left blind. */
static bool
ask(const char *question, char *line_r)
{
	struct sigaction before[ENDING_COUNT];
	const struct sigaction noted = {.sa_handler = note};
	struct termios usual, quiet;
	sigset_t blocked, unblocked;
	bool is_read;

	if (tcgetattr(STDIN_FILENO, &usual) != 0)
		return false;
	quiet = usual;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	caught = 0;
	sigemptyset(&blocked);
	for (size_t i = 0; i < ENDING_COUNT; i++) {
		sigaddset(&blocked, ending[i]);
		sigaction(ending[i], &noted, &before[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	is_read = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0 && fputs(question, stderr) >= 0 &&
		  read_line(&unblocked, line_r);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &before[i], NULL);
	if (caught != 0)
		raise(caught);
	return is_read;
}

/* Cuts the line end off. False: this cannot be a password. */
static bool
is_password(char *line)
{
	size_t length = strcspn(line, "\n"), points;

	if (length > 0 && line[length] == '\n' && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	if (!text_is_utf8(line, length))
		return false;
	points = text_utf8_length(line, length);
	return points >= SIGNUP_PASSWORD_MIN && points <= SIGNUP_PASSWORD_MAX;
}

static const char *
ask_twice(char *line, char *again)
{
	if (!ask("Password: ", line) || !is_password(line)) {
		(void)ctl_fail("a password has %d to %d characters", SIGNUP_PASSWORD_MIN,
			       SIGNUP_PASSWORD_MAX);
		return NULL;
	}
	if (!ask("Once more: ", again) || !is_password(again) || strcmp(line, again) != 0) {
		(void)ctl_fail("these were two different passwords");
		return NULL;
	}
	return line;
}

const char *
ctl_password(struct ctl *ctl)
{
	char *line = arena_alloc(ctl->core.arena, LINE_BYTES);

	if (isatty(STDIN_FILENO))
		return ask_twice(line, arena_alloc(ctl->core.arena, LINE_BYTES));
	if (fgets(line, LINE_BYTES, stdin) && is_password(line))
		return line;
	(void)ctl_fail("standard input must begin with a password of %d to %d characters and a "
		       "line end",
		       SIGNUP_PASSWORD_MIN, SIGNUP_PASSWORD_MAX);
	return NULL;
}

const char *
ctl_password_make(struct ctl *ctl)
{
	char *text = arena_alloc(ctl->core.arena, 2 * MADE_BYTES + 1);
	uint8_t bytes[MADE_BYTES];

	text_random(bytes, sizeof(bytes));
	text_hex(bytes, sizeof(bytes), text);
	return text;
}

int
ctl_password_hash(struct ctl *ctl, const char *password, const char **hash_r)
{
	if (password_hash(ctl->core.arena, password, ctl->config->auth_argon2_memory_kib,
			  ctl->config->auth_argon2_passes, hash_r) != ERR_OK)
		return ctl_fail("could not hash the password: no memory");
	return EXIT_SUCCESS;
}
