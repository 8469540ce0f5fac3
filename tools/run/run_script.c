/* SPDX-License-Identifier: BSD-2-Clause */

/* From a file to lines of words. */

#include "run/run_script.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/output.h"

#define SIZE_LIMIT ((size_t)64 << 20)

/* Room for one more element of a growing array. */
static void *
grow(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return (array);
	*cap = *cap == 0 ? 64 : *cap * 2;
	return (need(realloc(array, *cap * size)));
}

/* Say why a script cannot be had, and keep it. */
static int
unreadable(struct run_script *script, enum kldsim_status status,
    const char *why)
{
	script->error.status = status;
	(void)snprintf(script->error.text, sizeof(script->error.text), "%s",
	    why);
	complain("%s: %s", script->name, why);
	return (STATUS_HOST);
}

/* All bytes of a stream, and one after them. */
static int
read_all(struct run_script *script, FILE *in)
{
	size_t cap = 0, n;
	char text[64];

	do {
		script->text = grow(script->text, script->size, &cap, 1);
		n = fread(script->text + script->size, 1,
		    cap - script->size, in);
		script->size += n;
	} while (n != 0 && script->size <= SIZE_LIMIT);
	if (ferror(in))
		return (unreadable(script, KLDSIM_SYS, strerror(errno)));
	if (script->size > SIZE_LIMIT) {
		(void)snprintf(text, sizeof(text), "longer than %zu bytes",
		    SIZE_LIMIT);
		return (unreadable(script, KLDSIM_LIMIT, text));
	}
	script->text = grow(script->text, script->size, &cap, 1);
	return (STATUS_OK);
}

static int
read_file(struct run_script *script)
{
	FILE *in = stdin;
	int status;

	if (strcmp(script->name, "-") != 0)
		in = fopen(script->name, "re");
	if (in == NULL)
		return (unreadable(script, KLDSIM_SYS, strerror(errno)));
	status = read_all(script, in);
	if (in != stdin)
		(void)fclose(in);
	return (status);
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/*
 * Cut the word that begins at *text out of its line, which ends in NUL; the
 * quotes go, so it only shrinks.  False if a quote is not closed.
 */
static bool
cut_word(char **text)
{
	char *from = *text, *to = *text;
	char quote = '\0', last;

	for (; *from != '\0' && (quote != '\0' || !is_blank(*from)); from++) {
		if (quote == '\0' && (*from == '"' || *from == '\''))
			quote = *from;
		else if (quote != '\0' && *from == quote)
			quote = '\0';
		else
			*to++ = *from;
	}
	last = *from;
	*to = '\0';
	*text = last == '\0' ? from : from + 1;
	return (quote == '\0');
}

/* Cut one line, which ends in NUL, into words. */
static bool
cut_line(struct run_script *script, char *text, unsigned long number)
{
	struct run_line line = { .number = number, .first = script->nwords };

	for (;;) {
		while (is_blank(*text))
			text++;
		if (*text == '\0' || *text == '#')
			break;
		script->words = grow(script->words, script->nwords,
		    &script->words_cap, sizeof(*script->words));
		script->words[script->nwords++] = text;
		if (!cut_word(&text))
			return (false);
	}
	line.nwords = script->nwords - line.first;
	if (line.nwords == 0)
		return (true);
	script->lines = grow(script->lines, script->nlines,
	    &script->lines_cap, sizeof(*script->lines));
	script->lines[script->nlines++] = line;
	return (true);
}

/* Nobody writes a scenario that begins like this (usage: SCRIPT KERNEL). */
static bool
is_elf(const struct run_script *script)
{
	return (script->size >= 4 && memcmp(script->text, "\177ELF", 4) == 0);
}

int
run_script_read(struct run_script *script, const char *name)
{
	unsigned long number = 0;
	char *line, *end, *stop;
	const char *wrong = NULL;
	int status;

	memset(script, 0, sizeof(*script));
	script->name = name;
	status = read_file(script);
	if (status != STATUS_OK)
		return (status);
	if (is_elf(script)) {
		complain("%s: it is an ELF file and no scenario; SCRIPT comes "
		    "first, then KERNEL", name);
		return (STATUS_USAGE);
	}
	stop = script->text + script->size;
	for (line = script->text; line < stop && wrong == NULL;
	    line = end + 1) {
		number++;
		end = memchr(line, '\n', (size_t)(stop - line));
		if (end == NULL)
			end = stop;
		*end = '\0';
		if (memchr(line, '\0', (size_t)(end - line)) != NULL)
			wrong = "there is a NUL byte";
		else if (!cut_line(script, line, number))
			wrong = "a quote is not closed";
	}
	if (wrong == NULL)
		return (STATUS_OK);
	put_line(stderr, "%s:%lu: %s", name, number, wrong);
	return (STATUS_USAGE);
}

void
run_script_free(struct run_script *script)
{
	free(script->text);
	free(script->words);
	free(script->lines);
}
