# core: the domain, one folder per home of data.
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	src/core/core.c \
	src/core/core.h \
	src/core/export.c \
	src/core/export.h \
	src/core/list.c \
	src/core/list.h \
	src/core/outcome.c \
	src/core/outcome.h \
	src/core/plan.c \
	src/core/plan.h \
	src/core/read.c \
	src/core/read.h \
	src/core/ready.c \
	src/core/ready.h \
	src/core/schema.c \
	src/core/schema.h \
	src/core/server.c \
	src/core/server.h \
	src/core/states.c \
	src/core/states.h \
	src/core/listing/catalog.c \
	src/core/listing/catalog.h \
	src/core/listing/recount.c \
	src/core/listing/recount.h \
	src/core/log/audit.c \
	src/core/log/audit.h \
	src/core/log/eventlog.c \
	src/core/log/eventlog.h \
	src/core/log/retry.c \
	src/core/log/retry.h \
	src/core/directory/email.c \
	src/core/directory/email.h \
	src/core/directory/event.c \
	src/core/directory/event.h \
	src/core/directory/hall.c \
	src/core/directory/hall.h \
	src/core/directory/layout.c \
	src/core/directory/layout.h \
	src/core/directory/layout_build.c \
	src/core/directory/layout_build.h \
	src/core/directory/layout_check.c \
	src/core/directory/layout_check.h \
	src/core/directory/layout_seat.c \
	src/core/directory/layout_seat.h \
	src/core/directory/slot.c \
	src/core/directory/slot.h \
	src/core/directory/venue.c \
	src/core/directory/venue.h \
	src/core/show/best.c \
	src/core/show/best.h \
	src/core/show/best_groups.c \
	src/core/show/best_parts.h \
	src/core/show/block.c \
	src/core/show/block.h \
	src/core/show/hold.c \
	src/core/show/hold.h \
	src/core/show/order.c \
	src/core/show/order.h \
	src/core/show/rerelease.c \
	src/core/show/rerelease.h \
	src/core/show/seatmap.c \
	src/core/show/seatmap.h \
	src/core/show/show.c \
	src/core/show/show.h \
	src/core/show/sweep.c \
	src/core/show/sweep.h \
	src/core/account/own_orders.c \
	src/core/account/own_orders.h \
	src/core/account/session.c \
	src/core/account/session.h \
	src/core/account/user.c \
	src/core/account/user.h \
	src/core/account/wallet.c \
	src/core/account/wallet.h \
	src/core/saga/order_cancel.c \
	src/core/saga/order_cancel.h \
	src/core/saga/checkin.c \
	src/core/saga/checkin.h \
	src/core/saga/hold_best.c \
	src/core/saga/hold_best.h \
	src/core/saga/login.c \
	src/core/saga/login.h \
	src/core/saga/payment.c \
	src/core/saga/payment.h \
	src/core/saga/show_change.c \
	src/core/saga/show_change.h \
	src/core/saga/show_create.c \
	src/core/saga/show_create.h \
	src/core/saga/show_draft.c \
	src/core/saga/show_draft.h \
	src/core/saga/signup.c \
	src/core/saga/signup.h \
	src/core/saga/tidy.c \
	src/core/saga/tidy.h

# The calls of the database, a header and a source per home, made from the SQL: src/core/README.md.
CALL_HOMES = account directory listing log ops show
nodist_libcore_a_SOURCES = \
	src/call/account.c \
	src/call/directory.c \
	src/call/listing.c \
	src/call/log.c \
	src/call/ops.c \
	src/call/show.c

BUILT_SOURCES += src/call/made
CLEANFILES += src/call/made src/call/*.c src/call/*.h
src/call/made: $(srcdir)/sql/calls $(srcdir)/sql/ops.sql $(srcdir)/sql/functions $(wildcard $(srcdir)/sql/functions/*.sql) \
		$(wildcard $(srcdir)/sql/reads/*) $(wildcard $(srcdir)/sql/reads/*/*.sql)
	$(AM_V_GEN)$(MKDIR_P) src/call && $(srcdir)/sql/calls '$(srcdir)/sql' src/call && touch $@
$(CALL_HOMES:%=src/call/%.c) $(CALL_HOMES:%=src/call/%.h): src/call/made
	@:
