/* Unit tests of the base layer. */
#include <config.h>

#include "test_base.h"

int
main(void)
{
	static const struct unit_suite suites[] = {
		{"arena", arena_cases},
		{"buf", buf_cases},
		{"fail", fail_cases},
		{"clock", clock_cases},
		{"uuid", uuid_cases},
		{"text", text_cases},
		{"seatbits", seatbits_cases},
		{"money", money_cases},
		{"config", config_cases},
		{"secrets", secrets_cases},
		{"log", log_cases},
		{"hostmem", hostmem_cases},
		{NULL, NULL},
	};

	return unit_run(suites);
}
