/* boxofficectl config …, secrets … */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/routes.h"
#include "base/buf.h"
#include "conf/config.h"
#include "ctl/ctl.h"
#include "run/exit.h"
#include "run/judge.h"

int
ctl_config_show(struct ctl *ctl, char **args)
{
	struct buf text;

	(void)args;
	buf_init(&text, ctl->core.arena);
	config_show(ctl->config, &text);
	fputs(buf_text(&text), stdout);
	return EXIT_SUCCESS;
}

int
ctl_config_check(struct ctl *ctl, char **args)
{
	static struct secrets secrets;
	const struct judge judge = {
		.path = ctl->config_path,
		.parts = JUDGE_SERVICE | JUDGE_ACCOUNTS,
		.pools = api_routes_pools(),
		.secrets = &secrets,
	};
	struct config *config = NULL;
	struct buf errors;

	(void)args;
	buf_init(&errors, ctl->core.arena);
	if (judge_read(&judge, &errors, &config) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		return EXIT_CONFIG;
	}
	secrets_wipe(&secrets);
	config_free(config);
	printf("%s is right\n", ctl->config_path);
	return EXIT_SUCCESS;
}

int
ctl_secrets_create(struct ctl *ctl, char **args)
{
	struct buf errors;

	buf_init(&errors, ctl->core.arena);
	if (secrets_create(args[0], &errors) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		return EXIT_FAILURE;
	}
	printf("wrote %s\n", args[0]);
	return EXIT_SUCCESS;
}
