# Ready-made files for nginx, as examples: to install them changes nobody's site. Debian's lie below the names
# of the folders they are for; rpm systems have conf.d alone.
nginxdebiandir = $(docdir)/examples/nginx/debian
nginxdebianconfdir = $(nginxdebiandir)/conf.d
nodist_nginxdebianconf_DATA = packaging/made/nginx/debian/conf.d/boxoffice-http.conf
nginxdebiansitesdir = $(nginxdebiandir)/sites-available
nodist_nginxdebiansites_DATA = \
	packaging/made/nginx/debian/sites-available/boxoffice \
	packaging/made/nginx/debian/sites-available/boxoffice-tls
nginxrpmdir = $(docdir)/examples/nginx/rpm
nodist_nginxrpm_DATA = packaging/made/nginx/rpm/boxoffice-tls.conf
nginxrpmconfdir = $(nginxrpmdir)/conf.d
nodist_nginxrpmconf_DATA = \
	packaging/made/nginx/rpm/conf.d/boxoffice-http.conf \
	packaging/made/nginx/rpm/conf.d/boxoffice.conf
nginx_examples = $(nodist_nginxdebianconf_DATA) $(nodist_nginxdebiansites_DATA) $(nodist_nginxrpm_DATA) $(nodist_nginxrpmconf_DATA)

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
