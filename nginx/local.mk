# Ready-made files for nginx, as examples: to install them changes nobody's site. Debian's lie below the names
# of the folders they are for; rpm systems have conf.d alone.
exampledocdir = $(docdir)
nobase_nodist_exampledoc_DATA = $(nginx_examples)
nginx_examples = \
	examples/nginx/debian/conf.d/boxoffice-http.conf \
	examples/nginx/debian/sites-available/boxoffice \
	examples/nginx/debian/sites-available/boxoffice-tls \
	examples/nginx/rpm/conf.d/boxoffice-http.conf \
	examples/nginx/rpm/conf.d/boxoffice.conf \
	examples/nginx/rpm/boxoffice-tls.conf
CLEANFILES += $(nginx_examples)

# In Fedora's and EL's policy nginx may write below /var/lib/nginx, and not make folders in /run.
nginx_rpm = CACHE_DIR=/var/lib/nginx/boxoffice
nginx_tls = SSL_CERTIFICATE=/etc/letsencrypt/live/tickets.example.org/fullchain.pem \
	SSL_CERTIFICATE_KEY=/etc/letsencrypt/live/tickets.example.org/privkey.pem ACME_ROOT=/var/www/html

$(nginx_examples): $(srcdir)/nginx/render $(srcdir)/nginx/boxoffice-http.conf.in $(srcdir)/nginx/boxoffice-site.conf.in
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	case $@ in *-http.conf) file=http ;; *) file=site ;; esac && \
	case $@ in */rpm/*) rpm='$(nginx_rpm)' ;; *) rpm= ;; esac && \
	case $@ in *-tls*) tls='$(nginx_tls)' ;; *) tls= ;; esac && \
	'$(srcdir)/nginx/render' $$file $$rpm $$tls >$@.new && mv $@.new $@

nginx-examples: $(nginx_examples)
.PHONY: nginx-examples
