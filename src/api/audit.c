/* What staff did. */
#include "config.h"

#include "api/handlers.h"
#include "api/input.h"
#include "core/audit.h"
#include "core/core.h"
#include "web/request.h"
#include "web/response.h"

enum err
audit_read(struct core *core, const struct request *request, struct response *response)
{
	struct list list = {.limit = 0};
	enum err err = input_list(core, request, LIST_AUDIT, &list);

	return err != ERR_OK ? err : audit_list(core, &list, &response->body);
}
