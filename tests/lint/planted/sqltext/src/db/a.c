const char a[] = "SELECT outcome, result FROM show.holds WHERE show_id = $1";
const char b[] = "SELECT outcome, result FROM ";
