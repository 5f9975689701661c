# base: what every layer stands on.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c \
	src/base/arena.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/code.def \
	src/base/config.c \
	src/base/config.h \
	src/base/config_show.c \
	src/base/fail.c \
	src/base/fail.h \
	src/base/hostmem.c \
	src/base/hostmem.h \
	src/base/hostmem_text.c \
	src/base/hostmem_shared.h \
	src/base/inifile.c \
	src/base/inifile.h \
	src/base/log.c \
	src/base/log.h \
	src/base/metric.def \
	src/base/money.c \
	src/base/money.h \
	src/base/param.c \
	src/base/param.def \
	src/base/param.h \
	src/base/revoked.c \
	src/base/seatbits.c \
	src/base/seatbits.h \
	src/base/secrets.c \
	src/base/text.c \
	src/base/text.h \
	src/base/throttle.c \
	src/base/uuid.c \
	src/base/uuid.h
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
