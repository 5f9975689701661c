# The harness that all unit tests share. The fragment of a layer looks like the second half of this file.
UNIT_LIBS = libunit.a libconf.a libhost.a libbase.a $(INIH_LIBS) $(CUNIT_LIBS)

if HAVE_CUNIT
check_LIBRARIES += libunit.a
libunit_a_SOURCES = tests/unit/unit.c tests/unit/unit.h
libunit_a_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)

check_PROGRAMS += tests/unit/test-base
TESTS += tests/unit/test-base
tests_unit_test_base_SOURCES = \
	tests/unit/test_base.c \
	tests/unit/test_base.h \
	tests/unit/test_base_config.c \
	tests/unit/test_base_hostmem.c \
	tests/unit/test_base_log.c \
	tests/unit/test_base_memory.c \
	tests/unit/test_base_text.c
tests_unit_test_base_LDADD = $(UNIT_LIBS)
endif
