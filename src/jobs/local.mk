# A program a file.
pkglibexec_PROGRAMS += boxoffice-open-close-shows
boxoffice_open_close_shows_SOURCES = src/jobs/open_close_shows.c
boxoffice_open_close_shows_LDADD = $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
pkglibexec_PROGRAMS += boxoffice-prune
boxoffice_prune_SOURCES = src/jobs/prune.c
boxoffice_prune_LDADD = $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
pkglibexec_PROGRAMS += boxoffice-release-holds
boxoffice_release_holds_SOURCES = src/jobs/release_holds.c
boxoffice_release_holds_LDADD = $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
pkglibexec_PROGRAMS += boxoffice-settle-payments
boxoffice_settle_payments_SOURCES = src/jobs/settle_payments.c
boxoffice_settle_payments_LDADD = $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
