int db_call(int db);
