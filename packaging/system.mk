# What an installation puts into the folders of other programs: units, accounts, folders, completion, and the documents.

# The files name the paths of a prefix /usr and the account that nginx has in Debian.
adapt = sed -e 's|/usr/libexec/boxoffice|$(pkglibexecdir)|g' -e 's|/usr/sbin/boxofficed|$(sbindir)/boxofficed|g' \
	-e 's|/usr/bin/boxofficectl|$(bindir)/boxofficectl|g' -e 's|/etc/boxoffice|$(sysconfdir)/boxoffice|g' \
	-e 's|www-data|$(NGINX_ACCOUNT)|g'

nodist_pkglibexec_SCRIPTS = boxoffice-cron
boxoffice-cron: $(srcdir)/cron/boxoffice-cron
	$(AM_V_GEN)$(adapt) '$(srcdir)/cron/boxoffice-cron' >$@.new && chmod 755 $@.new && mv $@.new $@

sysusersdir = $(prefix)/lib/sysusers.d
nodist_sysusers_DATA = packaging/made/sysusers.d/boxoffice.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_tmpfiles_DATA = packaging/made/tmpfiles.d/boxoffice.conf
completionsdir = $(datadir)/bash-completion/completions
nodist_completions_DATA = packaging/made/boxofficectl

packaging/made/%.d/boxoffice.conf: $(srcdir)/packaging/%.d/boxoffice.conf
	$(AM_V_GEN)$(MKDIR_P) packaging/made/$*.d && $(adapt) '$<' >$@.new && mv $@.new $@

packaging/made/boxofficectl: $(srcdir)/packaging/completion $(srcdir)/packaging/commands $(srcdir)/src/ctl/main.c
	$(AM_V_GEN)$(MKDIR_P) packaging/made && '$(srcdir)/packaging/completion' '$(srcdir)' >$@.new && mv $@.new $@

# Whoever writes a unit into packaging/systemd, or a folder of additions to one, has it installed.
packaging/made/units: $(srcdir)/packaging/timers $(srcdir)/packaging/systemd \
		$(wildcard $(srcdir)/packaging/systemd/* $(srcdir)/packaging/systemd/*/*) $(srcdir)/cron/boxoffice.cron
	$(AM_V_GEN)rm -rf $@ $@.new && $(MKDIR_P) $@.new && \
	'$(srcdir)/packaging/timers' '$(srcdir)/cron/boxoffice.cron' $@.new && \
	(cd '$(srcdir)/packaging/systemd' && find . ! -type d ! -name '*.in') | while IFS= read -r file; do \
		$(MKDIR_P) "$@.new/$${file%/*}" && cp -P "$(srcdir)/packaging/systemd/$$file" "$@.new/$$file" || exit 1; \
	done && mv $@.new $@

all-local: packaging/made/units

install-units: packaging/made/units
	(cd packaging/made/units && find . ! -type d) | while IFS= read -r file; do \
		from=packaging/made/units/$$file to="$(DESTDIR)$(systemdsystemunitdir)/$$file"; \
		$(MKDIR_P) "$${to%/*}" || exit 1; \
		if test -L "$$from"; then \
			cp -P "$$from" "$$to" || exit 1; \
		else \
			$(adapt) "$$from" >packaging/made/unit && $(INSTALL_DATA) packaging/made/unit "$$to" || exit 1; \
		fi; \
	done

uninstall-units:
	(cd packaging/made/units && find . ! -type d) | while IFS= read -r file; do \
		rm -f "$(DESTDIR)$(systemdsystemunitdir)/$$file"; \
	done

clean-local:
	rm -rf packaging/made

made_files = boxoffice-cron
CLEANFILES += boxoffice-cron

# The pages that a sysadmin reads, in the folders of the sources.
nobase_dist_doc_DATA = README.md SECURITY.md CHANGELOG.md cron/README.md nginx/README.md packaging/README.md sql/README.md \
	packaging/guide/install.md packaging/guide/staff.md packaging/guide/backup.md packaging/guide/restore.md \
	packaging/guide/upgrade.md packaging/guide/hosts.md packaging/deb/README.md packaging/rpm/README.md
# The packages have it in place.
docexamplesdir = $(docdir)/examples
dist_docexamples_DATA = packaging/logrotate
pgexamplesdir = $(docdir)/examples/postgresql
dist_pgexamples_DATA = $(wildcard $(srcdir)/packaging/postgresql/*)

.PHONY: install-units uninstall-units
