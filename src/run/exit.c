#include "config.h"

#include "run/exit.h"

#include <stdio.h>

int
exit_vsay(int status, const char *program, const char *format, va_list args)
{
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	return status;
}

int
exit_say(int status, const char *program, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	exit_vsay(status, program, format, args);
	va_end(args);
	return status;
}
