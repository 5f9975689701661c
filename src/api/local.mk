noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	src/api/admin.c \
	src/api/audit.c \
	src/api/auth.c \
	src/api/blocks.c \
	src/api/cancel.c \
	src/api/catalogue.c \
	src/api/changes.c \
	src/api/checkins.c \
	src/api/handlers.h \
	src/api/health.c \
	src/api/holds.c \
	src/api/input.c \
	src/api/input.h \
	src/api/me.c \
	src/api/openapi.c \
	src/api/openapi.h \
	src/api/orders.c \
	src/api/problems.c \
	src/api/problems.h \
	src/api/routes.c \
	src/api/routes.h \
	src/api/routes_json.c \
	src/api/schemas.h \
	src/api/test.c \
	src/api/test.h \
	src/api/wallets.c
nodist_libapi_a_SOURCES = src/api/schemas.c

BUILT_SOURCES += src/api/schemas.c
CLEANFILES += src/api/schemas.c
src/api/schemas.c: $(srcdir)/src/api/schemas.json $(srcdir)/src/api/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/api && \
		$(AWK) -f '$(srcdir)/src/api/embed.awk' '$(srcdir)/src/api/schemas.json' > $@.tmp && \
		mv -f $@.tmp $@
