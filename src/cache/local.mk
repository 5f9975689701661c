noinst_LIBRARIES += libcache.a
libcache_a_SOURCES = \
	src/cache/cache.c \
	src/cache/cache.h \
	src/cache/cacheconn.c \
	src/cache/cacheconn.h
libcache_a_CPPFLAGS = $(AM_CPPFLAGS) $(MEMCACHED_CFLAGS)
