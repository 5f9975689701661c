bin_PROGRAMS += boxofficectl
boxofficectl_SOURCES = \
	src/ctl/audit.c \
	src/ctl/config.c \
	src/ctl/ctl.h \
	src/ctl/db.c \
	src/ctl/dbcheck.c \
	src/ctl/dbfiles.c \
	src/ctl/dbfiles.h \
	src/ctl/dbstatus.c \
	src/ctl/events.c \
	src/ctl/export.c \
	src/ctl/main.c \
	src/ctl/password.c \
	src/ctl/routes.c \
	src/ctl/show.c \
	src/ctl/sqlfile.c \
	src/ctl/sqlfile.h \
	src/ctl/table.c \
	src/ctl/ticket.c \
	src/ctl/user.c
boxofficectl_LDADD = libapi.a libweb.a $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
