/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMMAND_H
#define COMMAND_H

/* What a subcommand is: all that the program knows of it. */

#include <stdbool.h>

#include "options/option_rows.h"

/* Exit statuses; of several that apply the first in this order is taken. */
enum {
	STATUS_USAGE = 2,   /* the command line makes no sense */
	STATUS_HOST = 3,    /* host failure, or KERNEL is none */
	STATUS_PANIC = 4,   /* the real kernel would not have survived */
	STATUS_REFUSED = 1, /* the simulated kernel said no */
	STATUS_OK = 0
};

struct command {
	const char *name;
	const char *summary; /* for the list of commands */
	const char *usage;   /* operands; a line for each form */
	const char *purpose; /* some lines */
	const char *status;  /* what exit statuses mean; some lines */
	const struct option_group *groups; /* its options */
	size_t ngroups;
	int operands;        /* how many there have to be */
	const char *missing; /* asked if there are fewer */
	/* Given its own arguments, argv[0] being its name. */
	int (*run)(int argc, char **argv);
};

#define COMMAND_GROUPS(groups) (groups), sizeof(groups) / sizeof(*(groups))

#define COMMAND(name) extern const struct command name##_command;
#include "commands.def"
#undef COMMAND

extern const struct command *const all_commands[]; /* NULL after the last */

/*
 * Understand a command line; optind is then at its operands.  False if there
 * is nothing more to do than to end with *status_ret: help was asked for, or
 * the line makes no sense.
 */
bool command_parse(const struct command *command, int argc, char **argv,
    void *run, int *status_ret);

/* What `kldsim COMMAND --help` prints; gives an exit status. */
int command_help(const struct command *command);
/* All commands, a line each. */
void command_list(FILE *out);
/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

#endif
