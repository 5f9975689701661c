#include "config.h"

#include "core/directory/slot.h"

#include "call/directory.h"
#include "core/outcome.h"

enum err
slot_free(struct core *core, int64_t show_id)
{
	struct outcome outcome;
	enum err err = call_directory_slot_free(core, show_id, &outcome);

	return outcome_accept(core, err, &outcome);
}
