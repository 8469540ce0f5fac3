/* SPDX-License-Identifier: BSD-2-Clause */

/* All commands, in the order in which people meet them. */

#include "command.h"

const struct command *const all_commands[] = {
	&load_command, &check_command, &run_command, &ddb_command, &gdb_command,
	&hints_command, &synth_command, &types_command, &kbi_command, &refs_command,
	&explain_command,
	&help_command, NULL
};
