noinst_LIBRARIES += libjson.a
libjson_a_SOURCES = \
	src/json/jfield.c \
	src/json/jfield.h \
	src/json/jformat.c \
	src/json/jformat.h \
	src/json/jdoc.c \
	src/json/jdoc.h \
	src/json/jin.c \
	src/json/jin.h \
	src/json/jout.c \
	src/json/jout.h \
	src/json/jscan.c \
	src/json/jscan.h \
	src/json/jshape.c
# <json-c/json.h> is found without the folder that pkg-config adds.
libjson_a_CPPFLAGS = $(AM_CPPFLAGS)
