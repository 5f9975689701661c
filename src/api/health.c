/* For machines: live, ready, metrics, and the description of the API. */
#include "config.h"

#include "api/handlers.h"

#include "api/openapi.h"
#include "api/routes.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/ready.h"
#include "host/hostmem.h"
#include "web/request.h"
#include "web/response.h"

enum err
api_health_live(struct core *core, const struct request *request, struct response *response)
{
	struct jout out = response_json(response);

	(void)core;
	(void)request;
	jout_object(&out);
	jout_key_text(&out, "status", "ok");
	jout_end(&out);
	return ERR_OK;
}

enum err
api_health_ready(struct core *core, const struct request *request, struct response *response)
{
	(void)request;
	return ready_check(core, &response->body);
}

enum err
api_health_metrics(struct core *core, const struct request *request, struct response *response)
{
	const bool with_test = config_has_test_routes(core->config);

	(void)request;
	response->content_type = "text/plain; version=0.0.4; charset=utf-8";
	hostmem_metrics(&response->body, api_routes_names(with_test),
			api_routes(with_test)->count + 1);
	return ERR_OK;
}

enum err
api_health_openapi(struct core *core, const struct request *request, struct response *response)
{
	(void)core;
	(void)request;
	openapi_render(&response->body);
	return ERR_OK;
}
