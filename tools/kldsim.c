/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim: FreeBSD's kernel linker on the command line. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <kldsim/status.h>

#include "command.h"
#include "complete/complete.h"
#include "report/output.h"
#include "sandbox/capsicum.h"

/* The options that stand before any command. */
static int
options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	const char *missing = capsicum_missing();

	opterr = 0;
	switch (getopt_long(argc, argv, "+h", longs, NULL)) {
	case 'h':
		command_list(stdout);
		break;
	case 'V':
		put_line(stdout, "kldsim %s", kldsim_version_string());
		put_line(stdout, "capability mode: %s%s", missing == NULL ?
		    "in load, check and kbi" : "none, because ",
		    missing == NULL ? "" : missing);
		break;
	default:
		complain("unknown option %s", argv[1]);
		command_list(stderr);
		return (STATUS_USAGE);
	}
	return (put_finish(stdout, "standard output") ?
	    STATUS_HOST : STATUS_OK);
}

int
main(int argc, char **argv)
{
	const struct command *command;

	/* A message may quote a megabyte: not in as many writes. */
	(void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (argc < 2) {
		command_list(stderr);
		return (STATUS_USAGE);
	}
	if (strcmp(argv[1], "--complete") == 0)
		return (complete(argc - 2, argv + 2));
	if (argv[1][0] == '-')
		return (options(argc, argv));
	command = command_find(argv[1]);
	if (command != NULL)
		return (command->run(argc - 1, argv + 1));
	complain("unknown command %s", argv[1]);
	command_list(stderr);
	return (STATUS_USAGE);
}
