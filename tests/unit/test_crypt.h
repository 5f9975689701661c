/* Shared by the files of test-crypt. */
#ifndef TEST_CRYPT_H
#define TEST_CRYPT_H

#include "conf/config.h"
#include "unit.h"

/* Two keys of each kind: tokens are signed by k1, tickets by t2. */
extern const struct secrets test_crypt_secrets;

extern const struct unit_case test_crypt_token_cases[];

#endif
