/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim: FreeBSD's kernel linker on the command line. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <kldsim/status.h>

#include "command.h"
#include "report/output.h"

static void
help(FILE *out)
{
	put_line(out, "usage: kldsim COMMAND [options] ...");
	put_line(out, "       kldsim COMMAND --help | --help | --version");
	put_line(out, "%s", "");
	put_line(out, "commands:");
	for (size_t i = 0; all_commands[i] != NULL; i++)
		put_line(out, "  %-7s  %s", all_commands[i]->name,
		    all_commands[i]->summary);
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
	for (size_t i = 0; all_commands[i] != NULL; i++)
		if (strcmp(argv[1], all_commands[i]->name) == 0)
			return (all_commands[i]->run(argc - 1, argv + 1));
	complain("unknown command %s", argv[1]);
	help(stderr);
	return (STATUS_USAGE);
}
