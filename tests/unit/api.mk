if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-api
TESTS += tests/unit/test-api
tests_unit_test_api_SOURCES = tests/unit/test_api.c
tests_unit_test_api_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_api_LDADD = libapi.a libcore.a libweb.a libcrypt.a libcache.a libdb.a libjson.a libwords.a \
	$(UNIT_LIBS) $(PQ_LIBS) $(MEMCACHED_LIBS) $(JSON_LIBS) $(JWT_LIBS) $(UTF8PROC_LIBS) $(SODIUM_LIBS)
endif
