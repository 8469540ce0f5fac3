/* SPDX-License-Identifier: BSD-2-Clause */

/* See junit.h.  The schema is what Jenkins, GitLab and others agree on. */

#include "report/junit.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/escape.h"
#include "report/output.h"

struct lines {
	char *text;
	size_t length, room;
};

struct test {
	char *name, *group;
	enum junit_outcome outcome;
	char *type, *message; /* of the outcome; NULL: it has passed */
	struct lines why, more;
};

struct junit {
	char *suite;
	struct test *tests;
	size_t count, room;
};

struct junit *
junit_new(const char *suite)
{
	struct junit *junit = need(calloc(1, sizeof(*junit)));

	junit->suite = need(strdup(suite));
	return (junit);
}

void
junit_free(struct junit *junit)
{
	if (junit == NULL)
		return;
	for (size_t i = 0; i < junit->count; i++) {
		struct test *test = &junit->tests[i];

		free(test->name);
		free(test->group);
		free(test->type);
		free(test->message);
		free(test->why.text);
		free(test->more.text);
	}
	free(junit->tests);
	free(junit->suite);
	free(junit);
}

void
junit_case(struct junit *junit, const char *name, const char *group)
{
	struct test *test;

	if (junit->count == junit->room) {
		junit->room = junit->room == 0 ? 64 : 2 * junit->room;
		junit->tests = need(realloc(junit->tests, junit->room *
		    sizeof(*junit->tests)));
	}
	test = &junit->tests[junit->count++];
	memset(test, 0, sizeof(*test));
	test->name = need(strdup(name));
	test->group = need(strdup(group));
}

static void
add_line(struct lines *lines, const char *line)
{
	const size_t length = strlen(line);

	if (lines->room - lines->length < length + 2) {
		lines->room = 2 * (lines->length + length + 2);
		lines->text = need(realloc(lines->text, lines->room));
	}
	memcpy(lines->text + lines->length, line, length);
	memcpy(lines->text + lines->length + length, "\n", 2);
	lines->length += length + 1;
}

void
junit_worse(struct junit *junit, size_t number, enum junit_outcome outcome,
    const char *type, const char *line)
{
	struct test *test = &junit->tests[number];

	add_line(&test->why, line);
	if (outcome <= test->outcome)
		return;
	test->outcome = outcome;
	free(test->type);
	free(test->message);
	test->type = need(strdup(type));
	test->message = need(strdup(line));
}

void
junit_say(struct junit *junit, size_t number, const char *line)
{
	add_line(&junit->tests[number].more, line);
}

/* --- the file --- */

static void
put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	escape_markup(out, value);
	putc('"', out);
}

/* Lines keep their ends; what is in them is escaped. */
static void
put_lines(FILE *out, const struct lines *lines)
{
	char *line = lines->text;

	while (line != NULL && *line != '\0') {
		char *end = strchr(line, '\n');

		*end = '\0';
		escape_markup(out, line);
		putc('\n', out);
		*end = '\n';
		line = end + 1;
	}
}

static void
put_outcome(FILE *out, const struct test *test)
{
	static const char *const elements[] = { NULL, "skipped", "failure",
		"error" };
	const char *element = elements[test->outcome];

	if (element == NULL)
		return;
	fprintf(out, "      <%s", element);
	put_attribute(out, "message", test->message);
	if (test->outcome == JUNIT_SKIPPED) { /* it has neither */
		fputs("/>\n", out);
		return;
	}
	put_attribute(out, "type", test->type);
	putc('>', out);
	put_lines(out, &test->why);
	fprintf(out, "</%s>\n", element);
}

static void
put_test(FILE *out, const struct test *test)
{
	fputs("    <testcase", out);
	put_attribute(out, "name", test->name);
	put_attribute(out, "classname", test->group);
	if (test->outcome == JUNIT_PASSED && test->more.length == 0) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	put_outcome(out, test);
	if (test->more.length != 0) {
		fputs("      <system-out>", out);
		put_lines(out, &test->more);
		fputs("</system-out>\n", out);
	}
	fputs("    </testcase>\n", out);
}

static void
put_counts(FILE *out, const struct junit *junit)
{
	size_t counts[JUNIT_ERROR + 1] = { 0 };

	for (size_t i = 0; i < junit->count; i++)
		counts[junit->tests[i].outcome]++;
	put_attribute(out, "name", junit->suite);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
	    junit->count, counts[JUNIT_FAILED], counts[JUNIT_ERROR]);
	fprintf(out, " skipped=\"%zu\"", counts[JUNIT_SKIPPED]);
}

int
junit_write(const struct junit *junit, const char *path)
{
	FILE *out = output_open(path);

	if (out == NULL)
		return (STATUS_HOST);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	    "  <testsuite", out);
	put_counts(out, junit);
	fputs(">\n", out);
	for (size_t i = 0; i < junit->count; i++)
		put_test(out, &junit->tests[i]);
	fputs("  </testsuite>\n</testsuites>\n", out);
	return (output_close(out, path));
}
