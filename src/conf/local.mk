# conf: what an installation says.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES = \
	src/conf/config.c \
	src/conf/config.h \
	src/conf/config_show.c \
	src/conf/inifile.c \
	src/conf/inifile.h \
	src/conf/param.c \
	src/conf/param.def \
	src/conf/param.h \
	src/conf/param_test.def \
	src/conf/secrets.c
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
