noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	src/api/audit.c \
	src/api/block.c \
	src/api/checkin.c \
	src/api/client.c \
	src/api/email.h \
	src/api/event.c \
	src/api/hall.c \
	src/api/handlers.h \
	src/api/health.c \
	src/api/hold.c \
	src/api/hooks.c \
	src/api/hooks.h \
	src/api/key.c \
	src/api/layout.c \
	src/api/list.c \
	src/api/list.h \
	src/api/openapi.c \
	src/api/openapi.h \
	src/api/openapi_about.c \
	src/api/openapi_about.h \
	src/api/openapi_example.c \
	src/api/openapi_example.h \
	src/api/openapi_schemas.c \
	src/api/openapi_schemas.h \
	src/api/openapi_shape.c \
	src/api/openapi_shape.h \
	src/api/order.c \
	src/api/payment.c \
	src/api/login.c \
	src/api/problems.c \
	src/api/problems.h \
	src/api/reference.c \
	src/api/routes.c \
	src/api/routes.h \
	src/api/routes_json.c \
	src/api/schemas.h \
	src/api/seatmap.c \
	src/api/session.c \
	src/api/show.c \
	src/api/signup.c \
	src/api/user.c \
	src/api/venue.c \
	src/api/wallet.c
if ENABLE_TEST_ROUTES
libapi_a_SOURCES += src/api/test.c src/api/test.h
endif
nodist_libapi_a_SOURCES = src/api/schemas.c

BUILT_SOURCES += src/api/schemas.c
CLEANFILES += src/api/schemas.c
src/api/schemas.c: $(srcdir)/src/api/schemas.json $(srcdir)/src/api/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/api && \
		$(AWK) -f '$(srcdir)/src/api/embed.awk' '$(srcdir)/src/api/schemas.json' > $@.tmp && \
		mv -f $@.tmp $@
