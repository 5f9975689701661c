#include "config.h"

#include "run/log.h"

#include "base/log.h"
#include "conf/config.h"

bool
run_log_open(const struct config *config, const char *proc)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)log_level_by_name(config->log_level, &level); /* config_read() checked it */
	log_init(proc, level);
	return log_open(config->log_file) == 0;
}
