if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-cache
TESTS += tests/unit/test-cache
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c
tests_unit_test_cache_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_cache_LDADD = libcache.a $(UNIT_LIBS) $(MEMCACHED_LIBS)
endif
