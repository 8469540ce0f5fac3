/* SPDX-License-Identifier: BSD-2-Clause */

/* Completion: words, options, values; complete.h. */

#include "complete/complete.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <kldsim/report.h>
#include <kldsim/synth.h>

#include "command.h"
#include "explain/rules.h"
#include "options/option_rows.h"
#include "report/output.h"

/* The word to be completed. */
struct begun {
	const char *kept; /* what stands before and stays: "--color=" */
	int nkept;
	const char *text;
};

static bool
begins(const char *word, const char *with)
{
	return (strncmp(word, with, strlen(with)) == 0);
}

/* Offer n bytes of a word, and what comes behind it. */
static void
offer(const struct begun *begun, const char *word, size_t n,
    const char *behind, const char *meaning)
{
	if (n < strlen(begun->text) ||
	    strncmp(word, begun->text, strlen(begun->text)) != 0)
		return;
	/* A tab would be escaped as part of a text. */
	put(stdout, "%.*s%.*s%s", begun->nkept, begun->kept, (int)n, word,
	    behind);
	if (*meaning != '\0') {
		(void)putc('\t', stdout);
		put(stdout, "%.*s", (int)strcspn(meaning, "\n"), meaning);
	}
	(void)putc('\n', stdout);
}

static void
offer_word(const struct begun *begun, const char *word, const char *meaning)
{
	offer(begun, word, strlen(word), "", meaning);
}

/* --- Values of options, as their rows say what is wanted --- */

/* Releases "12.1 to 12.4"; false if it is no such range. */
static bool
offer_range(const struct begun *begun, const char *item, size_t n)
{
	char range[32], word[64];
	unsigned branch, first, other, last;

	if (n >= sizeof(range))
		return (false);
	memcpy(range, item, n);
	range[n] = '\0';
	if (sscanf(range, "%2u.%2u to %2u.%2u", &branch, &first, &other,
	    &last) != 4)
		return (false);
	for (unsigned minor = first; minor <= last; minor++) {
		(void)snprintf(word, sizeof(word), "%u.%u", branch, minor);
		offer_word(begun, word, "");
	}
	return (true);
}

/* How long the item is at which a list begins: "auto, always or never". */
static size_t
item_length(const char *list, size_t *between_ret)
{
	static const char *const between[] = { ", or ", ", ", " or ", " and " };
	size_t n = 0;

	for (; list[n] != '\0'; n++)
		for (size_t i = 0; i < sizeof(between) / sizeof(*between); i++)
			if (begins(list + n, between[i])) {
				*between_ret = strlen(between[i]);
				return (n);
			}
	*between_ret = 0;
	return (n);
}

/* Of a list in words, those items that are one word, with what is behind. */
static void
offer_list(const struct begun *begun, const char *list, const char *behind)
{
	for (size_t n, between; *list != '\0'; list += n + between) {
		n = item_length(list, &between);
		if (strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_.-") ==
		    n)
			offer(begun, list, n, behind, "");
		else if (!offer_range(begun, list, n) && *behind != '\0')
			return; /* "N above 0": another sentence */
	}
}

/* "NAME=N, NAME one of a, b and c": what is before the '='; else false. */
static bool
offer_names(const struct begun *begun, const struct option_row *row)
{
	static const char one_of[] = "NAME one of ";
	const char *names = strstr(row->want, one_of);

	if (names == NULL || !begins(row->value, "NAME="))
		return (false);
	offer_list(begun, names + strlen(one_of), "=");
	return (true);
}

static void
offer_value(const struct begun *begun, const struct option_row *row)
{
	const char *want = row->set == set_release ? WANT_RELEASE :
	    row->want == NULL ? "a file" : row->want;
	const char *machine;

	if (strstr(want, "file") != NULL || strstr(want, "kernel") != NULL)
		put_line(stdout, ":files");
	else if (strstr(want, "folder") != NULL)
		put_line(stdout, ":folders");
	else if (strcmp(want, "a machine") == 0)
		for (size_t i = 0;
		    (machine = kldsim_synth_machine(i)) != NULL; i++)
			offer_word(begun, machine, "");
	else if (!offer_names(begun, row))
		offer_list(begun, want, "");
}

/* --- Options and operands --- */

/* The row that a word of n bytes names, "--color" or "-c"; or NULL. */
static const struct option_row *
find_option(const struct command *command, const char *word, size_t n)
{
	for (size_t i = 0; i < command->ngroups; i++)
		for (size_t j = 0; j < command->groups[i].count; j++) {
			const struct option_row *row =
			    &command->groups[i].rows[j];

			if ((n == 2 && row->letter != 0 && word[0] == '-' &&
			    word[1] == row->letter) ||
			    (n == strlen(row->name) + 2 &&
			    begins(word, "--") &&
			    strncmp(word + 2, row->name, n - 2) == 0))
				return (row);
		}
	return (NULL);
}

static void
offer_options(const struct begun *begun, const struct command *command)
{
	char word[64];

	for (size_t i = 0; i < command->ngroups; i++)
		for (size_t j = 0; j < command->groups[i].count; j++) {
			const struct option_row *row =
			    &command->groups[i].rows[j];

			(void)snprintf(word, sizeof(word), "--%s", row->name);
			offer_word(begun, word, row->help);
			(void)snprintf(word, sizeof(word), "-%c",
			    row->letter);
			if (row->letter != 0)
				offer_word(begun, word, row->help);
		}
	offer_word(begun, "--help", "tell what the command does");
}

static void
offer_commands(const struct begun *begun)
{
	for (size_t i = 0; all_commands[i] != NULL; i++)
		offer_word(begun, all_commands[i]->name,
		    all_commands[i]->summary);
}

/* Rules and errnos are many: only those of which some is there. */
static void
offer_explained(const struct begun *begun)
{
	const struct rule *rule;

	for (size_t i = 0; i < kldsim_finding_info_count(); i++)
		offer_word(begun, kldsim_finding_info_at(i)->code,
		    kldsim_finding_info_at(i)->meaning);
	if (*begun->text == '\0')
		return;
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++)
		offer_word(begun, rule->id, rule_text(rule));
	for (int error = 1; error < 128; error++)
		if (strcmp(kldsim_errno_name(error), "E?") != 0)
			offer_word(begun, kldsim_errno_name(error),
			    kldsim_errno_text(error));
}

static void
offer_topics(const struct begun *begun)
{
	static const char *const topics[] = {
		"kldsim", "spec", "script", "findings", "libkldsim",
	};

	offer_commands(begun);
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		offer_word(begun, topics[i], "");
}

static void
offer_operand(const struct begun *begun, const struct command *command)
{
	if (command == &explain_command)
		offer_explained(begun);
	else if (command == &help_command)
		offer_topics(begun);
	else
		put_line(stdout, ":files");
}

/* --- The line --- */

/*
 * The option whose value the last word begins, or NULL; *begun is set to that
 * value.  bash makes three words of "--color=auto".
 */
static const struct option_row *
value_of(const struct command *command, int nwords, char **words,
    struct begun *begun)
{
	const char *last = begun->text, *equals = strchr(last, '=');
	const char *option = nwords > 2 ? words[nwords - 2] : "";
	const struct option_row *row;

	if (strcmp(last, "=") == 0) {
		begun->text = "";
	} else if (strcmp(option, "=") == 0 && nwords > 3) {
		option = words[nwords - 3];
	} else if (begins(last, "--") && equals != NULL) {
		row = find_option(command, last, (size_t)(equals - last));
		begun->kept = last;
		begun->nkept = (int)(equals + 1 - last);
		begun->text = equals + 1;
		return (row);
	}
	row = find_option(command, option, strlen(option));
	return (row != NULL && row->value != NULL ? row : NULL);
}

/* Whether "--" has ended the options. */
static bool
only_operands(int nwords, char **words)
{
	for (int i = 1; i < nwords - 1; i++)
		if (strcmp(words[i], "--") == 0)
			return (true);
	return (false);
}

static void
complete_command(const struct command *command, int nwords, char **words)
{
	struct begun begun = { "", 0, words[nwords - 1] };
	const struct option_row *row = NULL;

	if (!only_operands(nwords, words)) {
		row = value_of(command, nwords, words, &begun);
		if (row != NULL) {
			offer_value(&begun, row);
			return;
		}
		if (*begun.text == '-') {
			offer_options(&begun, command);
			return;
		}
	}
	offer_operand(&begun, command);
}

int
complete(int nwords, char **words)
{
	const struct begun first = { "", 0, nwords > 0 ? words[0] : "" };
	const struct command *command;

	if (nwords <= 1) {
		offer_commands(&first);
		offer_word(&first, "--help", "list the commands");
		offer_word(&first, "--version", "tell the version");
	} else if ((command = command_find(words[0])) != NULL)
		complete_command(command, nwords, words);
	return (put_finish(stdout, "standard output") ? STATUS_HOST :
	    STATUS_OK);
}
