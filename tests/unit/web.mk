if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-web
TESTS += tests/unit/test-web
tests_unit_test_web_SOURCES = \
	tests/unit/test_web.c \
	tests/unit/test_web.h \
	tests/unit/test_web_address.c \
	tests/unit/test_web_answer.c \
	tests/unit/test_web_guard.c \
	tests/unit/test_web_route.c
tests_unit_test_web_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_web_LDADD = libweb.a libcrypt.a libjson.a libwords.a $(UNIT_LIBS) $(FCGI_LIBS) $(JWT_LIBS) \
	$(UTF8PROC_LIBS) $(SODIUM_LIBS) $(JSON_LIBS)
endif
