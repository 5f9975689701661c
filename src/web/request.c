#include "config.h"

#include "web/request.h"

static const char *const method_names[METHOD_MAX] = {
	[METHOD_GET] = "GET",       [METHOD_POST] = "POST", [METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE", [METHOD_HEAD] = "HEAD", [METHOD_OPTIONS] = "OPTIONS",
};

const char *
method_name(enum method method)
{
	return method < METHOD_MAX ? method_names[method] : "?";
}
