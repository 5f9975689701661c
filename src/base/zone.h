/* Names of time zones. The database knows which zones there are; this file says only which names of
 * them may be kept. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>

/* Does it have the form of a canonical name of the IANA database, such as Asia/Seoul? A name of the
 * system (localtime, posix/…, Factory), of an offset or of a country's history (US/Pacific, EST)
 * has not, nor has an older name of a place (Asia/Calcutta): two names of one zone would be two
 * zones in lists. */
bool
zone_is_name(const char *text);

/* Regular expression that every such name fits. */
#define ZONE_PATTERN                                                                             \
	"^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/" \
	"[A-Za-z0-9_+/-]+$"

#endif
