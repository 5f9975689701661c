if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-db
TESTS += tests/unit/test-db
tests_unit_test_db_SOURCES = tests/unit/test_db.c
tests_unit_test_db_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS) $(PQ_CFLAGS)
tests_unit_test_db_LDADD = libdb.a $(UNIT_LIBS) $(PQ_LIBS)
endif

# Against a real server: built with the tests, run by tests/db/test_live.py.
if HAVE_CUNIT
check_PROGRAMS += tests/db/db-live
tests_db_db_live_SOURCES = tests/db/db_live.c
tests_db_db_live_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS) -I$(top_srcdir)/tests/unit
tests_db_db_live_LDADD = libdb.a $(UNIT_LIBS) $(PQ_LIBS)
endif
