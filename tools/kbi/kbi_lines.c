/* SPDX-License-Identifier: BSD-2-Clause */

/* Reading the text of a kernel's interface; see kbi_text_file.h. */

#include "kbi/kbi_text_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "read_file.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

#define HEAD "kbi 1 "

int
kbi_line_order(const struct kbi_line *a, const struct kbi_line *b)
{
	if (a->letter != b->letter)
		return (a->letter < b->letter ? -1 : 1);
	return (strcmp(a->name, b->name));
}

/* Several of one name: by what they say. */
static int
compare(const void *left, const void *right)
{
	const struct kbi_line *a = left, *b = right;
	int order = kbi_line_order(a, b);

	if (order == 0)
		order = strcmp(a->rest, b->rest);
	return (order != 0 ? order : strcmp(a->hash, b->hash));
}

/* Cut the next word off; "" at the end of the line. */
static const char *
word(char **at)
{
	char *start = *at;
	const size_t length = strcspn(start, " ");

	*at = start + length + (start[length] != '\0');
	start[length] = '\0';
	return (start);
}

/* Letters that nobody knows yet are passed over (I-90). */
static void
take_line(struct kbi_lines *lines, char *text, size_t *cap)
{
	struct kbi_line line = { .letter = *text, .hash = "" };
	char *at = text + 2;

	if (strchr("FVTow", *text) == NULL || *text == '\0' || text[1] != ' ')
		return;
	if (*text == 'F' || *text == 'V' || *text == 'T')
		line.hash = word(&at);
	line.name = word(&at);
	line.rest = at;
	if (lines->count == *cap) {
		*cap = *cap * 2 + 1024;
		lines->all = need(realloc(lines->all,
		    *cap * sizeof(*lines->all)));
	}
	lines->all[lines->count++] = line;
}

static bool
parse(const char *name, struct kbi_lines *lines)
{
	size_t cap = 0;
	char *line = lines->text;

	if (strncmp(line, HEAD, strlen(HEAD)) != 0) {
		complain("%s: this is no kernel, and no text of kldsim kbi "
		    "--write: it does not begin with \"" HEAD "\"", name);
		return (false);
	}
	lines->head = line + strlen(HEAD);
	while (line != NULL) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end++ = '\0';
		if (line != lines->text)
			take_line(lines, line, &cap);
		line = end;
	}
	if (lines->count != 0)
		qsort(lines->all, lines->count, sizeof(*lines->all), compare);
	return (true);
}

static bool
is_text(const char *name)
{
	char start[sizeof(HEAD)] = "";
	FILE *file = sandbox_open(name);

	if (file == NULL)
		return (false);
	(void)fread(start, 1, strlen(HEAD), file);
	(void)fclose(file);
	return (strcmp(start, HEAD) == 0);
}

const char *
kbi_write_trouble(enum kldsim_status status)
{
	switch (status) {
	case KLDSIM_NOENT:
		return ("it has no types");
	case KLDSIM_LIMIT:
		return ("its interface has more than 256 MiB of text, or takes "
		    "more steps than the limit work allows");
	default:
		return (kldsim_status_name(status));
	}
}

/* A kernel's is written, as --write would do it. */
static char *
write_kernel(struct kbi_run *run, const char *name)
{
	struct kldsim_kbi_options how;
	struct kbi_source source = { .ninlines = 0 };
	struct kldsim_kbi_file *file = NULL;
	struct kldsim_image *image = NULL;
	struct kldsim_error error;
	char *text = NULL, *copy = NULL;
	enum kldsim_status status = kldsim_source_kernel(
	    run->load.boot.source, name, &image, &error);

	kldsim_kbi_options_init(&how, sizeof(how));
	how.limits = run->load.boot.limits;
	if (status == KLDSIM_OK)
		status = kbi_source_open(image, &run->where, &how, &source,
		    &file, &error);
	if (status == KLDSIM_OK) {
		status = kldsim_kbi_write(file, NULL, &text);
		(void)snprintf(error.text, sizeof(error.text), "%s",
		    kbi_write_trouble(status));
	}
	if (status == KLDSIM_OK)
		copy = need(strdup(text));
	else
		(void)complain_of(name, &error);
	if (file != NULL)
		kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
	kbi_source_free(&source);
	kldsim_image_unref(image);
	return (copy);
}

/* Nothing may be left out of a comparison: not behind a NUL, not at the end. */
static bool
is_whole(const char *name, const char *text, size_t size)
{
	const char *nul = memchr(text, '\0', size);
	size_t start = size;

	if (nul != NULL) {
		complain("%s: byte %zu is a NUL, which no text has: write it "
		    "anew with kldsim kbi --write", name,
		    (size_t)(nul - text));
		return (false);
	}
	while (start > 0 && text[start - 1] != '\n')
		start--;
	if (start == size)
		return (true);
	complain("%s: its last line, at byte %zu, has no end: the file was cut "
	    "off; write it anew with kldsim kbi --write", name, start);
	return (false);
}

static char *
read_text(const char *name)
{
	size_t size;
	char *text = read_file(name, KLDSIM_KBI_TEXT, &size);

	if (text == NULL || is_whole(name, text, size))
		return (text);
	free(text);
	return (NULL);
}

bool
kbi_lines_read(struct kbi_run *run, const char *name,
    struct kbi_lines *lines_ret)
{
	memset(lines_ret, 0, sizeof(*lines_ret));
	lines_ret->text = is_text(name) ? read_text(name) :
	    write_kernel(run, name);
	return (lines_ret->text != NULL && parse(name, lines_ret));
}

void
kbi_lines_free(struct kbi_lines *lines)
{
	free(lines->all);
	free(lines->text);
}

const struct kbi_line *
kbi_lines_find(const struct kbi_lines *lines, char letter, const char *name)
{
	const struct kbi_line wanted = { .letter = letter, .name = name };
	size_t low = 0, high = lines->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (kbi_line_order(&lines->all[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (low < lines->count && kbi_line_order(&lines->all[low],
	    &wanted) == 0 ? &lines->all[low] : NULL);
}

/* --- shapes --- */

static bool
is_name(char c)
{
	return (isalnum((unsigned char)c) || strchr("_$.!\\", c) != NULL);
}

bool
kbi_next_key(const char **at, unsigned stars, const char **key_ret,
    size_t *length_ret)
{
	unsigned behind = 0;

	for (const char *s = *at; *s != '\0'; s++) {
		size_t length = 2;

		if (*s == '*') {
			behind++;
			continue;
		}
		if (strchr("sue", *s) == NULL || s[1] != '#') {
			behind = 0;
			continue;
		}
		while (s[length] != '\0' && is_name(s[length]))
			length++;
		if (behind <= stars) {
			*key_ret = s;
			*length_ret = length;
			*at = s + length;
			return (true);
		}
		s += length - 1;
		behind = 0;
	}
	return (false);
}
