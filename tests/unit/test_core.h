/* Shared by the files of test-core. */
#ifndef TEST_CORE_H
#define TEST_CORE_H

#include "core/core.h"
#include "unit.h"

struct jval;

/* A context without connections, with keys for tickets; its failure is fresh. */
struct core *
test_core(void);

/* A document from a text in which ' stands for ". */
/* The text with double quotes in the place of single ones. */
const char *
test_core_json(const char *text);

const struct jval *
test_core_document(const char *text);

/* What was recorded: "422 validation_failed seats[0]: is wrong; …" or "200". */
const char *
test_core_failure(void);

extern const struct unit_case test_core_best_cases[];
extern const struct unit_case test_core_layout_cases[];
extern const struct unit_case test_core_order_cases[];

#endif
