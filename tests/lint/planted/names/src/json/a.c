static int
jwt_make(void)
{
	int jwt_local = memcached_get();
	return jwt_local;
}

struct json_object *
sodium_tree(
	int a)
{
	return 0;
}
