if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-prog
TESTS += tests/unit/test-prog
tests_unit_test_prog_SOURCES = tests/unit/test_prog.c src/prog/batch_report.c src/prog/batch_report.h
tests_unit_test_prog_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_prog_LDADD = $(UNIT_LIBS)
endif
