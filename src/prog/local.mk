# The layers, highest first, and the libraries they wrap.
PROG_LIBS = libcore.a libcrypt.a libcache.a libdb.a libjson.a libbase.a
PROG_FOREIGN = $(PQ_LIBS) $(MEMCACHED_LIBS) $(JSON_LIBS) $(JWT_LIBS) $(SODIUM_LIBS) $(INIH_LIBS)

bin_PROGRAMS += boxofficectl
boxofficectl_SOURCES = \
	src/prog/boxofficectl.c \
	src/prog/ctl.h \
	src/prog/ctl_audit.c \
	src/prog/ctl_config.c \
	src/prog/ctl_db.c \
	src/prog/ctl_table.c \
	src/prog/ctl_user.c \
	src/prog/sqlfile.c \
	src/prog/sqlfile.h
boxofficectl_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)
