#include <fcgi_stdio.h>
int
a(void)
{
	FCGX_FPrintF(out, "%zu", size);
	setlocale(LC_ALL, "");
	system("date");
	popen ("date", "r");
	sprintf(text, "%d", 1);
	strcpy(text, other);
	return PQexec(conn, "x") != NULL;
}
