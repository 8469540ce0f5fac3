/* SPDX-License-Identifier: BSD-2-Clause */

/* The commands of commands.def. */

#include "command.h"

const struct command *const all_commands[] = {
#define COMMAND(name) &name##_command,
#include "commands.def"
#undef COMMAND
	NULL
};
