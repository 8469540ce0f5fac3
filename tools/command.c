/* SPDX-License-Identifier: BSD-2-Clause */

/* Command lines and help of subcommands; see command.h. */

#include "command.h"

#include <string.h>
#include <unistd.h>

#include "report/output.h"

/* Text of some lines, the first of which begins otherwise. */
static void
put_lines(const char *first, const char *others, const char *text)
{
	const char *before = first;

	for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		put_line(stdout, "%s%.*s", before, (int)n, text);
		before = others;
	}
}

int
command_help(const struct command *command)
{
	put_lines("usage: kldsim ", "       kldsim ", command->usage);
	put_line(stdout, "%s", "");
	put_lines("", "", command->purpose);
	put_line(stdout, "%s", "");
	option_rows_help(command->groups, command->ngroups, stdout);
	put_line(stdout, "%s", "");
	put_lines("exit status: ", "", command->status);
	return (put_finish(stdout, "standard output") ? STATUS_HOST :
	    STATUS_OK);
}

void
command_list(FILE *out)
{
	put_line(out, "usage: kldsim COMMAND [options] ...");
	put_line(out, "       kldsim COMMAND --help | --help | --version");
	put_line(out, "%s", "");
	put_line(out, "commands:");
	for (size_t i = 0; all_commands[i] != NULL; i++)
		put_line(out, "  %-7s  %s", all_commands[i]->name,
		    all_commands[i]->summary);
}

const struct command *
command_find(const char *name)
{
	size_t i = 0;

	while (all_commands[i] != NULL &&
	    strcmp(all_commands[i]->name, name) != 0)
		i++;
	return (all_commands[i]);
}

bool
command_parse(const struct command *command, int argc, char **argv, void *run,
    int *status_ret)
{
	*status_ret = STATUS_USAGE;
	switch (option_rows_parse(command->groups, command->ngroups, argc,
	    argv, run)) {
	case OPTIONS_HELP:
		*status_ret = command_help(command);
		return (false);
	case OPTIONS_WRONG:
		return (false);
	case OPTIONS_TAKEN:
		break;
	}
	if (argc - optind >= command->operands)
		return (true);
	complain("%s (try kldsim %s --help)", command->missing,
	    command->name);
	return (false);
}
