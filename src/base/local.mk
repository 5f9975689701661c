noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c \
	src/base/arena.h \
	src/base/buf.h
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
