# base: what every layer stands on.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/address.c \
	src/base/address.h \
	src/base/arena.c \
	src/base/arena.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/code.def \
	src/base/fail.c \
	src/base/fail.h \
	src/base/log.c \
	src/base/log.h \
	src/base/money.c \
	src/base/money.h \
	src/base/role.c \
	src/base/role.h \
	src/base/seatbits.c \
	src/base/seatbits.h \
	src/base/size.c \
	src/base/size.h \
	src/base/text.c \
	src/base/text.h \
	src/base/uuid.c \
	src/base/uuid.h \
	src/base/zone.c \
	src/base/zone.h
