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
