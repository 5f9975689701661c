#include "base/a.h"
#  include "api/a.h"
#include <ini.h>
#include <openssl/ssl.h>
#include "other.h"
/* #include "api/in_a_comment.h" */
