int a = db_script(db, text);
int b = db_read(db, "ops");
const char *c = database_dsn;
