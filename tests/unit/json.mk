if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-json
TESTS += tests/unit/test-json
tests_unit_test_json_SOURCES = \
	tests/unit/test_json.c \
	tests/unit/test_json.h \
	tests/unit/test_json_corpus.h \
	tests/unit/test_json_doc.c \
	tests/unit/test_json_out.c \
	tests/unit/test_json_shape.c
tests_unit_test_json_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
tests_unit_test_json_LDADD = libjson.a libwords.a $(UNIT_LIBS) $(UTF8PROC_LIBS) $(JSON_LIBS)
endif
