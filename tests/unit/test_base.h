/* The tables of cases of the base layer, one per file. */
#ifndef UNIT_TEST_BASE_H
#define UNIT_TEST_BASE_H

#include "unit.h"

extern const struct unit_case arena_cases[];
extern const struct unit_case buf_cases[];
extern const struct unit_case fail_cases[];
extern const struct unit_case clock_cases[];
extern const struct unit_case uuid_cases[];
extern const struct unit_case text_cases[];
extern const struct unit_case seatbits_cases[];
extern const struct unit_case money_cases[];
extern const struct unit_case config_cases[];
extern const struct unit_case secrets_cases[];
extern const struct unit_case log_cases[];
extern const struct unit_case hostmem_cases[];

#endif
