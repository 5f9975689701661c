# The harness that all unit tests share. A layer's fragment looks like the second half of this one.
UNIT_LIBS = libunit.a libbase.a $(INIH_LIBS) $(CUNIT_LIBS)

if HAVE_CUNIT
check_LIBRARIES += libunit.a
libunit_a_SOURCES = tests/unit/unit.c tests/unit/unit.h
libunit_a_CPPFLAGS = $(AM_CPPFLAGS) $(CUNIT_CFLAGS)
endif
