#include "config.h"

#include "boxofficed/worker.h"

#include "api/hooks.h"
#include "api/routes.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/config.h"
#include "core/core.h"
#include "crypt/crypt.h"
#include "web/serve.h"

/* ± 10 %, so that workers born together do not retire together. */
static int64_t
with_jitter(int64_t max_requests)
{
	uint32_t random;
	int64_t spread = max_requests / 5;

	if (max_requests == 0)
		return 0;
	text_random(&random, sizeof(random));
	return max_requests - max_requests / 10 + (spread > 0 ? random % (spread + 1) : 0);
}

int
worker_run(const struct worker *worker)
{
	const struct core_access access = {
		.application = "boxofficed",
		.dsn = worker->config->database_dsn,
		.read_dsn = worker->config->database_read_dsn,
	};
	struct core core;
	struct serve serve = {
		.config = worker->config,
		.secrets = worker->secrets,
		.routes = api_routes(config_has_test_routes(worker->config)),
		.hooks = &api_hooks,
		.core = &core,
		.pool = worker->pool,
		.listen_fd = worker->listen_fd,
		.max_requests = with_jitter(worker->max_requests),
	};
	int status;

	log_set_proc("worker");
	crypt_init();
	core_init(&core, worker->config, worker->secrets, &access);
	status = serve_run(&serve);
	core_fini(&core);
	return status;
}
