TESTS += tests/unit/sql-calls

if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-core
TESTS += tests/unit/test-core
tests_unit_test_core_SOURCES = \
	tests/unit/test_core.c \
	tests/unit/test_core.h \
	tests/unit/test_core_best.c \
	tests/unit/test_core_layout.c \
	tests/unit/test_core_order.c
tests_unit_test_core_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_core_LDADD = libcore.a libcrypt.a libcache.a libdb.a libjson.a libwords.a $(UNIT_LIBS) \
	$(PQ_LIBS) $(MEMCACHED_LIBS) $(JSON_LIBS) $(JWT_LIBS) $(UTF8PROC_LIBS) $(SODIUM_LIBS)
endif
