/*
 * Handed: the listening sockets that came with the process (sd_listen_fds(3)). They stay open as
 * long as the process lives, whether a pool uses them or not: a pool that a reload takes away and
 * another brings back finds its socket again. They are never bound, listened on or removed here.
 */
#ifndef BOXOFFICED_HANDED_H
#define BOXOFFICED_HANDED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#define HANDED_MAX 128
#define HANDED_NAME_SIZE 64

struct handed {
	struct {
		int fd;                      /* non-blocking, close-on-exec */
		char name[HANDED_NAME_SIZE]; /* of LISTEN_FDNAMES; may be empty */
		char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	} items[HANDED_MAX];
	size_t count;
};

/* Takes what the environment names (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES) and clears these
 * variables. It closes what is no listening unix socket, and logs that. */
void
handed_take(struct handed *handed_r);

/* The descriptor of the socket at `path`, else that of the name. -1 when there is none. */
int
handed_find(const struct handed *handed, const char *name, const char *path);

#endif
