# The example configuration comes from the table of parameters.
examplesdir = $(sysconfdir)/boxoffice
nodist_examples_DATA = packaging/boxoffice.conf.example
CLEANFILES += packaging/boxoffice.conf.example

packaging/boxoffice.conf.example: $(srcdir)/packaging/example-conf $(srcdir)/src/conf/param.def
	$(AM_V_GEN)$(MKDIR_P) packaging && \
	$(srcdir)/packaging/example-conf $(srcdir)/src/conf/param.def | $(adapt) >$@.new && mv $@.new $@

# Manual pages: parameters and commands in them come from the tables of the sources.
man_MANS = \
	packaging/man/boxoffice.conf.5 \
	packaging/man/boxoffice-cron.8 \
	packaging/man/boxoffice-open-close-shows.8 \
	packaging/man/boxoffice-prune.8 \
	packaging/man/boxoffice-relay.8 \
	packaging/man/boxoffice-release-holds.8 \
	packaging/man/boxoffice-settle-payments.8 \
	packaging/man/boxofficectl.8 \
	packaging/man/boxofficed.8
CLEANFILES += $(man_MANS)

$(man_MANS): packaging/man/%: $(srcdir)/packaging/man/%.in $(srcdir)/packaging/manpage $(srcdir)/packaging/commands \
		$(srcdir)/packaging/man/options.part \
		$(srcdir)/packaging/man/batch.part $(srcdir)/packaging/man/batchend.part $(srcdir)/src/conf/param.def $(srcdir)/src/run/exit.def \
		$(srcdir)/src/ctl/main.c
	$(AM_V_GEN)$(MKDIR_P) packaging/man && \
	$(srcdir)/packaging/manpage $(srcdir) $(VERSION) $(@F) >$@.new && mv $@.new $@
