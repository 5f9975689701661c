/* boxofficectl codes, states: prints the tables that code and documents are made from. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/states.h"
#include "ctl/ctl.h"

int
ctl_codes(struct ctl *ctl, char **args)
{
	(void)ctl;
	(void)args;
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		const struct code_info *info = code_info(code);

		printf("%d %-26s %s\n", info->status, info->name, info->title);
	}
	return EXIT_SUCCESS;
}

int
ctl_states(struct ctl *ctl, char **args)
{
	(void)ctl;
	(void)args;
	for (enum states_machine machine = 0; machine < STATES_MAX; machine++) {
		size_t count;
		const struct states_transition *rows = states_transitions(machine, &count);

		for (size_t i = 0; i < count; i++)
			printf("%-8s %-10s %-10s %s\n", states_name(machine), rows[i].from,
			       rows[i].to, rows[i].why);
	}
	return EXIT_SUCCESS;
}
