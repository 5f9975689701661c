/* What is said in a comment is no code: system("rm"), SELECT 1, #include "db/db.h". */
#ifndef BASE_THING_H
#define BASE_THING_H

struct thing {
	int pending; /* begins with p, not with a library's prefix */
};

enum thing_kind { THING_NEW, THING_OLD };

int
thing_count(const struct thing *thing);

#endif
