/* Orders and holds: what clients see of the documents, and no more. */
#include "config.h"

#include "test_core.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "core/show/hold.h"
#include "core/show/order.h"
#include "crypt/crypt.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "json/jout.h"

#define ORDER_ID "'id':'0198c0de-0000-4000-8000-000000000001'"
#define TICKET_ID "0198c0de-0000-4000-8000-000000000009"
#define COMMON                                                                                     \
	ORDER_ID ",'show_id':5,'hold_id':'0198c0de-0000-4000-8000-000000000002',"                  \
		 "'user_id':'0198c0de-0000-4000-8000-000000000003','amount':70000,"                \
		 "'currency':'KRW','seats':[{'no':12,'label':'A-13','section':'Floor','row':'A','" \
		 "grade':'R','price':70000}],"                                                     \
		 "'created_at':1790000000,'created_us':1790000000123456,'version':3"

static const char *
rendered(const char *text)
{
	struct core *core = test_core();
	struct buf buf;
	struct jout out;

	buf_init(&buf, unit_arena());
	jout_init(&out, &buf);
	order_render(core, &out, test_core_document(text));
	return buf_text(&buf);
}

/* 250 seconds and a half before the holds of these tests expire. */
static void
set_clock(void)
{
	hostmem_init();
	hostmem_clock_set(1790000049500000, clock_mono_us());
}

static void
test_pending(void)
{
	set_clock();
	UNIT_TEXT(
		"{\"id\":\"0198c0de-0000-4000-8000-000000000001\",\"show_id\":5,"
		"\"hold_id\":\"0198c0de-0000-4000-8000-000000000002\",\"state\":\"pending\","
		"\"amount\":70000,\"currency\":\"KRW\",\"seats\":[{\"no\":12,\"label\":\"A-13\","
		"\"section\":\"Floor\",\"row\":\"A\",\"grade\":\"R\",\"price\":70000}],\"tickets\":"
		"[],\"payments\":[],"
		"\"created_at\":\"2026-09-21T14:13:20Z\",\"expires_at\":\"2026-09-21T14:18:20Z\","
		"\"expires_in\":250}",
		rendered("{" COMMON ",'state':'pending','tickets':[],'payments':[],"
			 "'expires_at':1790000300}"));
}

static void
test_paid(void)
{
	const char *text = rendered(
		"{" COMMON ",'state':'paid','tickets':[{'id':'" TICKET_ID "','seat':12,"
		"'label':'A-13','used_at':null}],'payments':[{'id':"
		"'0198c0de-0000-4000-8000-000000000004','method':'wallet','state':'approved',"
		"'amount':70000,'at':1790000010,'secret':1}],'expires_at':null}");
	const struct jval *order = NULL, *ticket;
	struct uuid ticket_id, read_id;
	int64_t show_id, seat_no;

	UNIT_I64(ERR_OK, jin_parse(unit_arena(), text, strlen(text), NULL, &order));
	UNIT_CONTAINS("\"expires_at\":null,\"expires_in\":null", text);
	UNIT_CONTAINS("\"payments\":[{\"id\":\"0198c0de-0000-4000-8000-000000000004\","
		      "\"method\":\"wallet\",\"state\":\"approved\",\"amount\":70000,"
		      "\"at\":\"2026-09-21T14:13:30Z\"}]",
		      text);
	UNIT_TRUE(strstr(text, "user_id") == NULL);
	UNIT_TRUE(strstr(text, "created_us") == NULL);
	UNIT_TRUE(strstr(text, "version") == NULL);
	UNIT_TRUE(strstr(text, "secret") == NULL);
	ticket = jin_array_at(jin_get(order, "tickets"), 0);
	UNIT_TRUE(ticket_code_read(unit_arena(), test_core()->secrets, jin_get_text(ticket, "code"),
				   &read_id, &show_id, &seat_no));
	UNIT_TRUE(uuid_parse(TICKET_ID, strlen(TICKET_ID), &ticket_id));
	UNIT_TRUE(uuid_is_equal(&ticket_id, &read_id));
	UNIT_I64(5, show_id);
	UNIT_I64(12, seat_no);
}

static void
test_old(void)
{
	const char *text = rendered(
		"{" ORDER_ID ",'show_id':5,'hold_id':'0198c0de-0000-4000-8000-000000000002',"
		"'user_id':'0198c0de-0000-4000-8000-000000000003','amount':70000,"
		"'currency':'KRW','seats':[{'no':12,'label':'A-13','grade':'R','price':70000}],"
		"'state':'paid','tickets':[{'id':'" TICKET_ID "','seat':12,'label':'A-13',"
		"'used_at':null}],'payments':[],'created_at':1790000000,'expires_at':null}");

	UNIT_CONTAINS("{\"no\":12,\"label\":\"A-13\",\"section\":null,\"row\":null,\"grade\"",
		      text);
	UNIT_CONTAINS("\"seat\":12,\"label\":\"A-13\",\"section\":null,\"row\":null,\"code\"",
		      text);
}

static void
test_hold(void)
{
	struct buf buf;

	set_clock();
	buf_init(&buf, unit_arena());
	hold_render(test_core_json("{" COMMON ",'state':'active','expires_at':1790000300}"), &buf);
	UNIT_TEXT("{\"id\":\"0198c0de-0000-4000-8000-000000000001\",\"show_id\":5,"
		  "\"state\":\"active\",\"seats\":[{\"no\":12,\"label\":\"A-13\",\"section\":"
		  "\"Floor\",\"row\":\"A\",\"grade\":\"R\","
		  "\"price\":70000}],\"amount\":70000,\"currency\":\"KRW\","
		  "\"expires_at\":\"2026-09-21T14:18:20Z\",\"expires_in\":250}",
		  buf_text(&buf));
}

const struct unit_case test_core_order_cases[] = {
	{"a pending order shows its members and no other", test_pending},
	{"a paid order shows its tickets with codes that verify", test_paid},
	{"an order from before section and row were kept shows null", test_old},
	{"a hold shows its members and no other", test_hold},
	{NULL, NULL},
};
