#include "config.h"

#include "base/thing.h"

const char *const api_methods[] = {"GET", "POST", "DELETE", "DELETE /api/shows/{id}"};

static const char *const words[] = {"database_dsn", "db_query(", NULL};
static volatile sig_atomic_t is_stopping;

static enum err
handle(struct core *core, const struct request *request, struct response *response)
{
	/* db_script() and database_dsn are only named here. */
	return is_stopping && words[0] ? ERR_OK : answer(core, request, response);
}

enum err
api_handle_read(struct core *core, const struct request *request, struct response *response)
{
	return handle(core, request, response);
}
