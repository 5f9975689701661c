static enum err
read_rows(int rows)
{
	return rows;
}

enum err
hold_take(int seat)
{
	return read_rows(seat);
}

enum err
take_hold(int seat)
{
	return hold_take(seat);
}
