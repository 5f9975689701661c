if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-words
TESTS += tests/unit/test-words
tests_unit_test_words_SOURCES = tests/unit/test_words.c
tests_unit_test_words_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_words_LDADD = libwords.a $(UNIT_LIBS) $(UTF8PROC_LIBS)
endif
