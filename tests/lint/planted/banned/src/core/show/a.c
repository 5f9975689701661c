int a = db_call(db, "show.hold_take");
int b = call_show_hold_take(core);
int c = db_read(db, "hold");
