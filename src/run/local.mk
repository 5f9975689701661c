# run: what the programs share.
noinst_LIBRARIES += librun.a
librun_a_SOURCES = \
	src/run/batch.c \
	src/run/batch.h \
	src/run/batch_report.c \
	src/run/batch_report.h

# What a program is linked with: the layers below it, highest first, and the libraries they wrap.
PROGRAM_LIBS = libcore.a libcrypt.a libcache.a libdb.a libjson.a libconf.a libhost.a libbase.a
PROGRAM_FOREIGN = $(PQ_LIBS) $(MEMCACHED_LIBS) $(JSON_LIBS) $(JWT_LIBS) $(SODIUM_LIBS) $(INIH_LIBS)
