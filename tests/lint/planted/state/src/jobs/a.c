static const char name[] = "a";
static int pass_of_the_file;

int
round_of(int more)
{
	static const int limits[] = {1, 2};
	static int place;
	static struct tidy *tidy = 0;
	static const char *const words[] = {"static int a;", 0};

	/* static int place; */
	return place + more + limits[0] + pass_of_the_file + (words[0] == name) + (tidy != 0);
}
