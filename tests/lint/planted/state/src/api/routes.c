static struct {
	int count;
} tables[2];
static struct {
	const int count;
} others[2];
static const char *place = "a";
static const char *const word = "a";
static volatile sig_atomic_t is_stopping;
static int64_t
count_of(void)
{
	static int tables_made;
	return tables_made + others[0].count;
}
