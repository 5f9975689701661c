static const char *const a[] = {
	"SELECT 1",
	"select user_id from account.users",
	"INSERT INTO show.holds VALUES ($1)",
	"UPDATE show.seats "
	"SET state = 'sold'",
	"delete from show.holds",
	"WITH x AS (SELECT 1) SELECT * FROM x",
	"BEGIN",
	"COMMIT;",
	"CREATE TABLE t (a int)",
	"SET lock_timeout = 1",
	"select a seat",
};
