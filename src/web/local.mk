noinst_LIBRARIES += libweb.a
libweb_a_SOURCES = \
	src/web/address.c src/web/address.h \
	src/web/answer.c src/web/answer.h \
	src/web/exchange.c src/web/exchange.h \
	src/web/fcgi.c src/web/fcgi.h \
	src/web/guard.c src/web/guard.h \
	src/web/listener.c src/web/listener.h \
	src/web/query.c src/web/query.h \
	src/web/request.c src/web/request.h \
	src/web/response.c src/web/response.h \
	src/web/route.c src/web/route.h \
	src/web/serve.c src/web/serve.h
