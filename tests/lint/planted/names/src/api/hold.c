enum err
api_hold_take(int seat)
{
	return seat;
}

const char *
api_order_name(void)
{
	return "";
}

enum err
hold_read(struct core *core, const struct request *request, struct response *response)
{
	return hold_count(core) + request->count + response->count;
}

static enum err
handle(struct core *core, const struct request *request, struct response *response)
{
	return hold_read(core, request, response);
}

int
hold_count(struct core *core)
{
	return core->count;
}
