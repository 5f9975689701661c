if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-run
TESTS += tests/unit/test-run
tests_unit_test_run_SOURCES = \
	tests/unit/test_run.c \
	src/run/options.c \
	src/run/options.h \
	src/run/report.c \
	src/run/report.h
tests_unit_test_run_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_run_LDADD = $(UNIT_LIBS)
endif
