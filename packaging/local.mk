# The example configuration comes from the table of parameters.
examplesdir = $(sysconfdir)/boxoffice
nodist_examples_DATA = packaging/boxoffice.conf.example
CLEANFILES += packaging/boxoffice.conf.example

packaging/boxoffice.conf.example: $(srcdir)/packaging/example-conf $(srcdir)/src/base/param.def
	$(AM_V_GEN)$(MKDIR_P) packaging && \
	$(srcdir)/packaging/example-conf $(srcdir)/src/base/param.def >$@.new && mv $@.new $@
