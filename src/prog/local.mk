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
	src/prog/ctl_events.c \
	src/prog/ctl_export.c \
	src/prog/ctl_routes.c \
	src/prog/ctl_show.c \
	src/prog/ctl_table.c \
	src/prog/ctl_ticket.c \
	src/prog/ctl_user.c \
	src/prog/sqlfile.c \
	src/prog/sqlfile.h
boxofficectl_LDADD = libapi.a libweb.a $(PROG_LIBS) $(PROG_FOREIGN) $(FCGI_LIBS)

# What the relay and the jobs share.
BATCH_SOURCES = src/prog/batch.c src/prog/batch.h src/prog/batch_report.c src/prog/batch_report.h

pkglibexec_PROGRAMS += boxoffice-relay boxoffice-prune boxoffice-release-holds boxoffice-settle-payments
pkglibexec_PROGRAMS += boxoffice-open-close-shows
boxoffice_relay_SOURCES = \
	src/prog/consumer.c src/prog/consumer.h \
	src/prog/delivery.c src/prog/delivery.h \
	src/prog/relay.c \
	src/prog/relay_report.c src/prog/relay_report.h $(BATCH_SOURCES)
boxoffice_relay_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)
boxoffice_prune_SOURCES = src/prog/prune.c $(BATCH_SOURCES)
boxoffice_prune_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)
boxoffice_release_holds_SOURCES = src/prog/release_holds.c $(BATCH_SOURCES)
boxoffice_release_holds_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)
boxoffice_settle_payments_SOURCES = src/prog/settle_payments.c $(BATCH_SOURCES)
boxoffice_settle_payments_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)
boxoffice_open_close_shows_SOURCES = src/prog/open_close_shows.c $(BATCH_SOURCES)
boxoffice_open_close_shows_LDADD = $(PROG_LIBS) $(PROG_FOREIGN)

# libapi.a and libweb.a lean on the layers below them.
sbin_PROGRAMS += boxofficed
boxofficed_SOURCES = \
	src/prog/boxofficed.c \
	src/prog/children.c src/prog/children.h \
	src/prog/master.c src/prog/master.h \
	src/prog/mirror.c src/prog/mirror.h \
	src/prog/notify.c src/prog/notify.h \
	src/prog/pidfile.c src/prog/pidfile.h \
	src/prog/pool.c src/prog/pool.h \
	src/prog/worker.c src/prog/worker.h
boxofficed_LDADD = libapi.a libweb.a $(PROG_LIBS) $(FCGI_LIBS) $(PROG_FOREIGN)
