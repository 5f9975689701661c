/* Role: the rights of a user, in rising order. The column account.users.role holds the names. */
#ifndef BASE_ROLE_H
#define BASE_ROLE_H

enum role { ROLE_NONE, ROLE_USER, ROLE_OPERATOR, ROLE_ADMIN, ROLE_MAX };

/* "user", "operator", "admin". */
const char *
role_name(enum role role);

/* ROLE_NONE for an unknown name and for NULL. */
enum role
role_by_name(const char *name);

#endif
