noinst_LIBRARIES += libcrypt.a
libcrypt_a_SOURCES = \
	src/crypt/crypt.c \
	src/crypt/crypt.h \
	src/crypt/password.c \
	src/crypt/ticket.c \
	src/crypt/token.c
libcrypt_a_CPPFLAGS = $(AM_CPPFLAGS) $(JWT_CFLAGS) $(SODIUM_CFLAGS)
