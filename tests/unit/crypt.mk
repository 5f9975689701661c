if HAVE_CUNIT
check_PROGRAMS += tests/unit/test-crypt
TESTS += tests/unit/test-crypt
tests_unit_test_crypt_SOURCES = \
	tests/unit/test_crypt.c \
	tests/unit/test_crypt.h \
	tests/unit/test_crypt_token.c
tests_unit_test_crypt_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS) $(JWT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_test_crypt_LDADD = libcrypt.a libwords.a $(UNIT_LIBS) $(JWT_LIBS) $(UTF8PROC_LIBS) $(SODIUM_LIBS)
endif
