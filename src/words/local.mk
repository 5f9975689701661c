noinst_LIBRARIES += libwords.a
libwords_a_SOURCES = \
	src/words/words.c \
	src/words/words.h
libwords_a_CPPFLAGS = $(AM_CPPFLAGS) $(UTF8PROC_CFLAGS)
