# host: memory that the processes of one master share.
noinst_LIBRARIES += libhost.a
libhost_a_SOURCES = \
	src/host/crowd.c \
	src/host/hostmem.c \
	src/host/hostmem.h \
	src/host/hostmem_shared.h \
	src/host/hostmem_text.c \
	src/host/metric.def \
	src/host/revoked.c \
	src/host/throttle.c
