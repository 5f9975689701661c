noinst_LIBRARIES += libdb.a
libdb_a_SOURCES = \
	src/db/db.c \
	src/db/db.h \
	src/db/dbconn.c \
	src/db/dbconn.h \
	src/db/dberr.c \
	src/db/dberr.h \
	src/db/dbparam.c \
	src/db/dbrows.c \
	src/db/dbrows.h \
	src/db/dsn.c \
	src/db/statement.c \
	src/db/statement.h
nodist_libdb_a_SOURCES = src/db/statements.c
libdb_a_CPPFLAGS = $(AM_CPPFLAGS) $(PQ_CFLAGS)

# C holds no SQL: the read statements are embedded from their files.
BUILT_SOURCES += src/db/statements.c
CLEANFILES += src/db/statements.c
src/db/statements.c: $(srcdir)/sql/embed $(wildcard $(srcdir)/sql/reads/*/*.sql) $(wildcard $(srcdir)/sql/reads/*)
	$(AM_V_GEN)$(MKDIR_P) src/db && \
		$(srcdir)/sql/embed '$(srcdir)/sql/reads' > $@.tmp && mv -f $@.tmp $@
