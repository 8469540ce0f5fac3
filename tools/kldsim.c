/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim: FreeBSD's kernel linker on the command line. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <kldsim/status.h>

#include "command.h"
#include "report/output.h"

static const struct {
	const char *name;
	const char *purpose;
	int (*run)(int argc, char **argv); /* NULL: not built yet */
} commands[] = {
	{ "load", "load modules into a simulated kernel and report", cmd_load },
	{ "run", "play a scenario of loads, unloads and checks", cmd_run },
	{ "gdb", "serve gdb and LLDB, who look into a kernel", cmd_gdb },
	{ "hints", "write linker.hints, as kldxref(8) does", cmd_hints },
	{ "synth", "build a kernel or module from a spec", cmd_synth },
	{ "types", "show the C types of a kernel or module", cmd_types },
};

#define NCOMMANDS (sizeof(commands) / sizeof(*commands))

static void
help(FILE *out)
{
	put_line(out, "usage: kldsim COMMAND [options] ...");
	put_line(out, "       kldsim COMMAND --help | --help | --version");
	put_line(out, "%s", "");
	put_line(out, "commands:");
	for (size_t i = 0; i < NCOMMANDS; i++)
		put_line(out, "  %-6s  %s%s", commands[i].name,
		    commands[i].purpose,
		    commands[i].run == NULL ? " (not built yet)" : "");
}

/* The options that stand before any command. */
static int
options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	opterr = 0;
	switch (getopt_long(argc, argv, "+", longs, NULL)) {
	case 'h':
		help(stdout);
		break;
	case 'V':
		put_line(stdout, "kldsim %s", kldsim_version_string());
		break;
	default:
		complain("unknown option %s", argv[1]);
		help(stderr);
		return (STATUS_USAGE);
	}
	return (put_finish(stdout, "standard output") ?
	    STATUS_HOST : STATUS_OK);
}

int
main(int argc, char **argv)
{
	/* A message may quote a megabyte: not in as many writes. */
	(void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (argc < 2) {
		help(stderr);
		return (STATUS_USAGE);
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(stdout);
		return (STATUS_OK);
	}
	if (argv[1][0] == '-')
		return (options(argc, argv));
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (commands[i].run != NULL)
			return (commands[i].run(argc - 1, argv + 1));
		complain("%s: not built yet", argv[1]);
		return (STATUS_USAGE);
	}
	complain("unknown command %s", argv[1]);
	help(stderr);
	return (STATUS_USAGE);
}
