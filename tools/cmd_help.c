/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim help: the commands, or a page of the manual. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report/output.h"

/* Show a page, in place of this program.  Pages are man(1)'s to find. */
static int
show_page(const char *topic)
{
	const struct command *command = command_find(topic);
	char page[64];

	if (snprintf(page, sizeof(page), "%s%s",
	    strcmp(topic, "kldsim") == 0 ? "" : "kldsim-", topic) >=
	    (int)sizeof(page) || strchr(topic, '/') != NULL) {
		complain("there is no page about %s", topic);
		return (STATUS_USAGE);
	}
	(void)execlp("man", "man", page, (char *)NULL);
	if (command != NULL) /* without man(1) that is what there is */
		return (command_help(command));
	complain("man: %s (wanted for the page %s)", strerror(errno), page);
	return (STATUS_HOST);
}

static int
cmd_help(int argc, char **argv)
{
	int status;

	if (!command_parse(&help_command, argc, argv, NULL, &status))
		return (status);
	if (optind < argc)
		return (show_page(argv[optind]));
	command_list(stdout);
	return (put_finish(stdout, "standard output") ? STATUS_HOST :
	    STATUS_OK);
}

const struct command help_command = {
	"help", "show a page of the manual",
	"help [TOPIC]",
	"Show what the manual says of TOPIC: a command, or kldsim, script, findings."
	"\nWithout a TOPIC: the commands.",
	"2 usage; 3 man(1) is not there; else man(1)'s.",
	NULL, 0, 0, NULL, cmd_help
};
