/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim explain: what is behind a finding's code, a rule's id, an errno. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/report.h>

#include "command.h"
#include "explain/rules.h"
#include "report/output.h"

#define WIDTH 78
#define INDENT "    "

/* Words of a text, in lines. */
static void
put_wrapped(const char *words)
{
	size_t column = 0;

	for (size_t n; *words != '\0'; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (column + n > WIDTH - sizeof(INDENT)) {
			put_line(stdout, "%s", "");
			column = 0;
		}
		put(stdout, "%s%.*s", column == 0 ? INDENT : " ", (int)n,
		    words);
		column += n + 1;
	}
	put_line(stdout, "%s", "");
}

static void
put_section(const char *heading, const char *words)
{
	put_line(stdout, "%s", heading);
	put_wrapped(words);
}

static void
put_rule(const struct rule *rule)
{
	const char *line = rule_text(rule), *end = line + rule->size;

	put_line(stdout, "%s", rule->id);
	for (const char *next; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		put_line(stdout, "%s%.*s", next == line ? "" : INDENT,
		    (int)(next - line), line);
	}
}

/* The rules whose ids are in a list: the first line of each. */
static void
put_rule_names(const char *ids)
{
	for (size_t n; *ids != '\0'; ids += n) {
		char id[8] = "";

		ids += strspn(ids, ", ");
		n = strcspn(ids, ", ");
		if (n == 0 || n >= sizeof(id))
			continue;
		memcpy(id, ids, n);
		const struct rule *rule = rule_find(id);
		if (rule != NULL)
			put_line(stdout, INDENT "%-5s %.*s", id,
			    (int)strcspn(rule_text(rule), "\n"),
			    rule_text(rule));
	}
}

static void
put_finding(const struct kldsim_finding_info *info)
{
	put_line(stdout, "%s (%s)", info->code,
	    kldsim_severity_name(info->severity));
	put_section("what it is", info->meaning);
	put_section("what the kernel does", info->kernel);
	put_section("what to do", info->remedy);
	if (*info->rules == '\0')
		return;
	put_line(stdout, "rules");
	put_rule_names(info->rules);
}

/* Whether a text of so many bytes has a word. */
static bool
has_word(const char *bytes, size_t size, const char *word)
{
	const size_t n = strlen(word);

	for (size_t i = 0; i + n <= size; i++)
		if (memcmp(bytes + i, word, n) == 0 &&
		    (i == 0 || !isalnum((unsigned char)bytes[i - 1])) &&
		    (i + n == size || !isalnum((unsigned char)bytes[i + n])))
			return (true);
	return (false);
}

static void
put_errno(int error)
{
	const struct rule *rule;
	const char *name = kldsim_errno_name(error);
	bool any = false;

	put_line(stdout, "%s (%d), %s", name, error, kldsim_errno_text(error));
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		if (!has_word(rule_text(rule), rule->size, name))
			continue;
		if (!any)
			put_line(stdout, "rules that speak of it");
		any = true;
		put_rule_names(rule->id);
	}
	if (!any)
		put_line(stdout, "no rule speaks of it");
}

/* One word; false after a message if it is nothing that we know. */
static bool
explain(const char *word)
{
	const struct kldsim_finding_info *info = kldsim_finding_info(word);
	const struct rule *rule;
	char capitals[32];
	int error;

	/* Rules and errnos are written in capitals. */
	(void)snprintf(capitals, sizeof(capitals), "%s", word);
	for (char *letter = capitals; *letter != '\0'; letter++)
		*letter = (char)toupper((unsigned char)*letter);
	rule = rule_find(capitals);

	if (info != NULL) {
		put_finding(info);
		return (true);
	}
	if (rule != NULL) {
		put_rule(rule);
		return (true);
	}
	if (kldsim_errno_parse(capitals, &error) == KLDSIM_OK && error != 0) {
		put_errno(error);
		return (true);
	}
	complain("%s is neither the code of a finding nor a rule nor an errno",
	    word);
	return (false);
}

/* An operand: as it stands in a report, "[set-alignment A-10]", "(8),". */
static bool
explain_all(char *text, bool *first)
{
	static const char between[] = " \t\n[](),;";
	bool good = true;

	for (char *word = strtok(text, between); word != NULL;
	    word = strtok(NULL, between)) {
		if (!*first)
			put_line(stdout, "%s", "");
		*first = false;
		good = explain(word) && good;
	}
	return (good);
}

static void
list_codes(void)
{
	for (size_t i = 0; i < kldsim_finding_info_count(); i++) {
		const struct kldsim_finding_info *info =
		    kldsim_finding_info_at(i);

		put_line(stdout, "%-28s %s", info->code,
		    kldsim_severity_name(info->severity));
	}
}

static int
cmd_explain(int argc, char **argv)
{
	bool first = true, good = true;
	int status;

	if (!command_parse(&explain_command, argc, argv, NULL, &status))
		return (status);
	if (optind == argc)
		list_codes();
	for (int i = optind; i < argc; i++)
		good = explain_all(argv[i], &first) && good;
	if (optind != argc && first) {
		complain("which CODE? (try kldsim explain --help)");
		good = false;
	}
	if (put_finish(stdout, "standard output"))
		return (STATUS_HOST);
	return (good ? STATUS_OK : STATUS_USAGE);
}

const struct command explain_command = {
	"explain", "what a finding, a rule or an errno means",
	"explain [CODE|RULE|ERRNO...]",
	"Explain what stands in a report: the code of a finding "
	"(set-alignment), the id of\na rule (A-10), an errno (ENOEXEC or 8); "
	"or all of it, '[set-alignment A-10]'.\nWithout an operand: all codes.",
	"2 usage, or a word that nobody knows; 3 host failure; 0 done.",
	NULL, 0, 0, NULL, cmd_explain
};
