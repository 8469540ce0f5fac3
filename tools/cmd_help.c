/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim help: the commands, or a page of the manual. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report/output.h"

/* Functions of the library, and the page of section 3 that each is on. */
static const struct topic {
	const char *function;
	const char *page;
} functions[] = {
#define TOPIC(function, page) { function, page },
#include "topics.inc"
#undef TOPIC
};

/* The page of a function, or of a header by its name; NULL of neither. */
static const char *
page_of_library(const char *topic)
{
	const char *page = NULL;

	for (size_t i = 0; page == NULL &&
	    i < sizeof(functions) / sizeof(*functions); i++)
		if (strcmp(functions[i].function, topic) == 0 ||
		    strcmp(functions[i].page, topic) == 0 ||
		    strcmp(functions[i].page + strlen("kldsim_"), topic) == 0)
			page = functions[i].page;
	return (page);
}

/* Pages are man(1)'s to find; it takes the place of this program. */
static void
show(const char *topic)
{
	const char *page = page_of_library(topic);
	char name[64];

	(void)snprintf(name, sizeof(name), "kldsim-%s", topic);
	if (strcmp(topic, "libkldsim") == 0)
		(void)execlp("man", "man", "3", "kldsim", (char *)NULL);
	else if (strcmp(topic, "kldsim") == 0)
		(void)execlp("man", "man", "1", "kldsim", (char *)NULL);
	else if (page != NULL && command_find(topic) == NULL &&
	    strcmp(topic, "spec") != 0)
		(void)execlp("man", "man", "3", page, (char *)NULL);
	else
		(void)execlp("man", "man", name, (char *)NULL);
}

static int
show_page(const char *topic)
{
	static const char before[] = "kldsim-";
	const struct command *command;

	/* As the manual itself has it. */
	if (strncmp(topic, before, strlen(before)) == 0 &&
	    topic[strlen(before)] != '\0')
		topic += strlen(before);
	command = command_find(topic);
	if (strlen(topic) > 50 || strchr(topic, '/') != NULL) {
		complain("there is no page about %s", topic);
		return (STATUS_USAGE);
	}
	show(topic);
	if (command != NULL) /* without man(1) that is what there is */
		return (command_help(command));
	complain("man: %s (wanted for the page about %s)", strerror(errno),
	    topic);
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
	"Show what the manual says of TOPIC: a command, kldsim, spec, script or "
	"findings;\nlibkldsim, or one of its headers or functions.  Without a "
	"TOPIC: the commands.",
	"2 usage; 3 man(1) is not there; else man(1)'s.",
	NULL, 0, 0, NULL, cmd_help
};
