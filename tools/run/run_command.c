/* SPDX-License-Identifier: BSD-2-Clause */

/* The commands of a scenario: their table, and taking their words apart. */

#include <string.h>

#include "run/run.h"

static const struct run_command commands[] = {
	{ "kldload", NULL, "", "nqv", 1, 1, "kldload [-nqv] NAME|PATH",
	    run_kldload, false },
	{ "kldunload", NULL, "", "finv", 1, 1,
	    "kldunload [-fnv] NAME | kldunload -i [-fnv] ID",
	    run_kldunload, false },
	{ "kldstat", NULL, "", "i:m:n:qv", 0, 0,
	    "kldstat [-qv] [-i ID] [-n FILE] [-m MODULE]",
	    run_kldstat, false },
	{ "kldfind", NULL, "", "", 1, 1, "kldfind NAME", run_kldfind, false },
	{ "kldsym", NULL, "", "", 1, 2, "kldsym [FILE] NAME",
	    run_kldsym, false },
	{ "modstat", NULL, "", "", 1, 1, "modstat NAME", run_modstat, false },
	{ "vnet", "create", "", "", 0, 0, "vnet create",
	    run_vnet_create, false },
	{ "vnet", "destroy", "", "", 1, 1, "vnet destroy N",
	    run_vnet_destroy, false },
	{ "vnet", "initial", "", "", 1, 1, "vnet initial NAME",
	    run_vnet_initial, false },
	{ "vnet", "list", "", "", 0, 0, "vnet list", run_vnet_list, false },
	{ "print", NULL, "xduoa", "", 1, 1, "print[/x|/d|/u|/o|/a] EXPR",
	    run_print, false },
	{ "x", NULL, "", "", 1, 2, "x EXPR [BYTES, at most 65536]",
	    run_examine, false },
	{ "sym", NULL, "", "", 1, 1, "sym EXPR", run_symbol, false },
	{ "set", "$db_cpu", "", "", 1, 1, "set $db_cpu CPU|-1",
	    run_set_cpu, false },
	{ "set", "$db_vnet", "", "", 1, 1, "set $db_vnet VNET|-1",
	    run_set_vnet, false },
	{ "ddb", "kldstat", "", "", 0, 0, "ddb kldstat",
	    run_ddb_kldstat, false },
	{ "sysctl", NULL, "", "", 1, 1, "sysctl NAME[=VALUE]",
	    run_sysctl, false },
	{ "reference", NULL, "", "", 1, 1, "reference INTERFACE",
	    run_reference, false },
	{ "release", NULL, "", "", 1, 1, "release INTERFACE",
	    run_release, false },
	{ "ctf", NULL, "", "", 1, 1, "ctf FILE", run_ctf, false },
	{ "core", NULL, "", "", 1, 1, "core FILE", run_core, false },
	{ "vmcore", NULL, "", "", 1, 1, "vmcore FILE", run_vmcore, false },
	{ "answer", NULL, "", "", 3, 3,
	    "answer MODULE load|unload|quiesce|shutdown ERRNO",
	    run_answer, false },
	{ "raise", NULL, "", "", 3, 3,
	    "raise MODULE load|unload|quiesce|shutdown SECURELEVEL",
	    run_raise, false },
	{ "mac", NULL, "", "", 1, 1, "mac ERRNO", run_mac, false },
	{ "expect", NULL, "", "", 2, SIZE_MAX, "expect ERRNO COMMAND",
	    run_expect, true },
	{ "expect-console", NULL, "", "", 1, 1, "expect-console TEXT",
	    run_expect_console, true },
	{ "console", NULL, "", "", 0, 0, "console", run_console, true },
	{ "events", NULL, "", "", 0, 0, "events", run_events, true },
};

#define NCOMMANDS (sizeof(commands) / sizeof(*commands))

/* The words that are left. */
struct words {
	char **word;
	size_t count;
};

static char *
shift(struct words *words)
{
	words->count--;
	return (*words->word++);
}

/* Does a word name the command, alone or with a modifier after '/'? */
static bool
names(const char *word, const struct run_command *command, char *modifier_ret)
{
	size_t length = strlen(command->name);

	*modifier_ret = '\0';
	if (strncmp(word, command->name, length) != 0)
		return (false);
	word += length;
	if (*word == '\0')
		return (true);
	*modifier_ret = word[0] == '/' ? word[1] : '\0';
	return (*modifier_ret != '\0' && word[2] == '\0' &&
	    strchr(command->modifiers, *modifier_ret) != NULL);
}

/* Find the command; gives NULL after a message if there is none. */
static const struct run_command *
find(const struct run *run, struct words *words, char *modifier_ret)
{
	const char *first = shift(words);
	const char *second = words->count > 0 ? *words->word : "";
	bool known = false;

	for (size_t i = 0; i < NCOMMANDS; i++) {
		const struct run_command *command = &commands[i];

		if (!names(first, command, modifier_ret))
			continue;
		known = true;
		if (command->sub == NULL)
			return (command);
		if (strcmp(command->sub, second) != 0)
			continue;
		(void)shift(words);
		return (command);
	}
	known = known && second[0] != '\0';
	complain_line(run, "there is no command %s%s%s", first,
	    known ? " " : "", known ? second : "");
	return (NULL);
}

/* One word of options; gives false if one is unknown or lacks its value. */
static bool
take_letters(struct run_call *call, const char *letters, struct words *words)
{
	for (; *letters != '\0'; letters++) {
		const unsigned char letter = (unsigned char)*letters;
		const char *known = letter == ':' ? NULL :
		    strchr(call->command->options, letter);

		if (known == NULL)
			return (false);
		call->option[letter] = "";
		call->rank[letter] = ++call->noptions;
		if (known[1] != ':')
			continue;
		if (letters[1] == '\0' && words->count == 0)
			return (false);
		call->option[letter] = letters[1] != '\0' ? letters + 1 :
		    shift(words);
		break;
	}
	return (true);
}

/* As getopt: options come first, "--" ends them, "-" is none. */
static bool
take_options(struct run_call *call, struct words *words)
{
	/* Words that begin with '-' are operands where nothing is known. */
	while (call->command->options[0] != '\0' && words->count > 0 &&
	    words->word[0][0] == '-' && words->word[0][1] != '\0') {
		const char *word = shift(words);

		if (strcmp(word, "--") == 0)
			break;
		if (!take_letters(call, word + 1, words))
			return (false);
	}
	return (true);
}

static bool
take_apart(const struct run *run, struct words words, struct run_call *call)
{
	memset(call, 0, sizeof(*call));
	call->command = find(run, &words, &call->modifier);
	if (call->command == NULL)
		return (false);
	if (!take_options(call, &words) ||
	    words.count < call->command->min ||
	    words.count > call->command->max) {
		(void)complain_usage(run, call->command);
		if (words.count > call->command->max)
			complain_line(run, "%s is one word too many; a word "
			    "with blanks goes between quotes",
			    words.word[call->command->max]);
		return (false);
	}
	call->operands = words.word;
	call->noperands = words.count;
	return (true);
}

bool
run_check(const struct run *run, char **words, size_t nwords)
{
	struct run_call call;

	if (!take_apart(run, (struct words){ words, nwords }, &call))
		return (false);
	if (call.command->run != run_expect)
		return (true);
	/* What is expected of is a command too, but no second expectation. */
	if (strcmp(call.operands[1], call.command->name) == 0) {
		(void)complain_usage(run, call.command);
		return (false);
	}
	return (run_check(run, call.operands + 1, call.noperands - 1));
}

int
run_words(struct run *run, char **words, size_t nwords)
{
	struct run_call call;

	if (!take_apart(run, (struct words){ words, nwords }, &call))
		return (RUN_USAGE);
	if (!call.command->looks_back)
		run->last = mark_now(run);
	return (call.command->run(run, &call));
}
