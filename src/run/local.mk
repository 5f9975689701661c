# run: what the programs share.
noinst_LIBRARIES += librun.a
librun_a_SOURCES = \
	src/run/exit.def \
	src/run/account.c \
	src/run/account.h \
	src/run/exit.c \
	src/run/exit.h \
	src/run/job.c \
	src/run/job.h \
	src/run/judge.c \
	src/run/judge.h \
	src/run/lock.c \
	src/run/lock.h \
	src/run/log.c \
	src/run/log.h \
	src/run/options.c \
	src/run/options.h \
	src/run/report.c \
	src/run/report.h \
	src/run/run.c \
	src/run/run.h \
	src/run/signals.c \
	src/run/signals.h

# What a program is linked with: the layers below it, highest first, and the libraries they wrap.
PROGRAM_LIBS = librun.a libcore.a libcrypt.a libcache.a libdb.a libjson.a libwords.a libconf.a libhost.a libbase.a
PROGRAM_FOREIGN = $(PQ_LIBS) $(MEMCACHED_LIBS) $(JSON_LIBS) $(JWT_LIBS) $(SODIUM_LIBS) $(UTF8PROC_LIBS) $(INIH_LIBS)
