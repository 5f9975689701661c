/* Shared by the files of test-json. */
#ifndef TEST_JSON_H
#define TEST_JSON_H

#include "unit.h"

struct jval;

/* The value of a valid text, in the arena of the case. */
const struct jval *
test_json_value(const char *text);

extern const struct unit_case test_json_shape_cases[];
extern const struct unit_case test_json_doc_cases[];
extern const struct unit_case test_json_out_cases[];

#endif
