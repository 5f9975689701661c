sbin_PROGRAMS += boxofficed
boxofficed_SOURCES = \
	src/boxofficed/children.c \
	src/boxofficed/children.h \
	src/boxofficed/handed.c \
	src/boxofficed/handed.h \
	src/boxofficed/main.c \
	src/boxofficed/master.c \
	src/boxofficed/master.h \
	src/boxofficed/mirror.c \
	src/boxofficed/mirror.h \
	src/boxofficed/notify.c \
	src/boxofficed/notify.h \
	src/boxofficed/pidfile.c \
	src/boxofficed/pidfile.h \
	src/boxofficed/pool.c \
	src/boxofficed/pool.h \
	src/boxofficed/probe.c \
	src/boxofficed/probe.h \
	src/boxofficed/reload.c \
	src/boxofficed/reload.h \
	src/boxofficed/state.c \
	src/boxofficed/state.h \
	src/boxofficed/verdict.c \
	src/boxofficed/verdict.h \
	src/boxofficed/worker.c \
	src/boxofficed/worker.h
boxofficed_LDADD = libapi.a libweb.a $(PROGRAM_LIBS) $(FCGI_LIBS) $(PROGRAM_FOREIGN)
