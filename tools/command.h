/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMMAND_H
#define COMMAND_H

/*
 * The subcommands.  Each is given its own arguments, argv[0] being its name,
 * and answers with the exit status.  getopt's state is fresh when it begins.
 */

/* Exit statuses; of several that apply the first in this order is taken. */
enum {
	STATUS_USAGE = 2,   /* the command line makes no sense */
	STATUS_HOST = 3,    /* host failure, or KERNEL is none */
	STATUS_PANIC = 4,   /* the real kernel would not have survived */
	STATUS_REFUSED = 1, /* the simulated kernel said no */
	STATUS_OK = 0
};

int cmd_gdb(int argc, char **argv);
int cmd_hints(int argc, char **argv);
int cmd_load(int argc, char **argv);
int cmd_synth(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_types(int argc, char **argv);

#endif
