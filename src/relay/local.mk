pkglibexec_PROGRAMS += boxoffice-relay
boxoffice_relay_SOURCES = \
	src/relay/consumer.c \
	src/relay/consumer.h \
	src/relay/delivery.c \
	src/relay/delivery.h \
	src/relay/main.c \
	src/relay/relay_report.c \
	src/relay/relay_report.h
boxoffice_relay_LDADD = $(PROGRAM_LIBS) $(PROGRAM_FOREIGN)
