int a = db_call(db, "show.hold_take");
int b = call_show_hold_take(core);
int c = db_read(db, "hold");
int d = db_query(db, text);
int e = db_script(db, text);
int f = db_begin(db) + db_commit(db);
const char *g = config->database_batch_dsn;
