/* E-mail: the member that names an account. */
#ifndef API_EMAIL_H
#define API_EMAIL_H

#include <stddef.h>

#include "core/saga/signup.h"
#include "json/jin.h"

/* The field of a body that fills the text `email` of this struct. */
#define EMAIL_FIELD(type_of_input)                                                           \
	{                                                                                    \
		.name = "email", .type = JIN_TEXT, .offset = offsetof(type_of_input, email), \
		.is_required = true, .min = 3, .max = SIGNUP_EMAIL_MAX, .format = "email",   \
		.doc = "E-mail address. Case does not matter."                               \
	}

#endif
