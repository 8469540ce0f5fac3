/* SPDX-License-Identifier: BSD-2-Clause */

/* The lines of a kernel's configuration; see kern_conf.h. */

#include "kbi/kern_conf.h"

#include <string.h>

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

/* Bytes above 127 may be somebody's name in a comment. */
static bool
is_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
		    c == 0x7f)
			return (false);
	}
	return (true);
}

bool
kldsim__kern_conf_begin(struct kldsim__kern_conf *conf, const void *bytes,
    size_t size)
{
	const char *text = bytes;
	const char *end = size != 0 ? memchr(text, '\0', size) : NULL;

	/* Cut off: the last line may be half of one. */
	while (end == NULL && size != 0 && text[size - 1] != '\n')
		size--;
	if (end != NULL)
		size = (size_t)(end - text);
	conf->at = text;
	conf->end = text + size;
	return (is_text(text, size));
}

static void
skip_blanks(const char **at, const char *end)
{
	while (*at < end && is_blank(**at))
		++*at;
}

/* Up to a blank or one of the two bytes. */
static struct kldsim__conf_word
next_word(const char **at, const char *end, char stop, char other)
{
	struct kldsim__conf_word word;

	skip_blanks(at, end);
	word.text = *at;
	while (*at < end && !is_blank(**at) && **at != stop && **at != other)
		++*at;
	word.size = (size_t)(*at - word.text);
	return (word);
}

static void
read_line(const char *at, const char *end, struct kldsim__conf_line *line_ret)
{
	memset(line_ret, 0, sizeof(*line_ret));
	line_ret->keyword = next_word(&at, end, ' ', ' ');
	line_ret->name = next_word(&at, end, '=', ',');
	if (at < end && *at == '=') {
		at++;
		line_ret->value = next_word(&at, end, ' ', ',');
	}
	skip_blanks(&at, end);
	line_ret->more = at < end;
}

bool
kldsim__kern_conf_next(struct kldsim__kern_conf *conf,
    struct kldsim__conf_line *line_ret)
{
	while (conf->at < conf->end) {
		const char *line = conf->at;
		const char *end = memchr(line, '\n',
		    (size_t)(conf->end - line));
		const char *comment;

		if (end == NULL)
			end = conf->end;
		conf->at = end < conf->end ? end + 1 : end;
		comment = memchr(line, '#', (size_t)(end - line));
		read_line(line, comment != NULL ? comment : end, line_ret);
		if (line_ret->keyword.size != 0)
			return (true);
	}
	return (false);
}

bool
kldsim__conf_word_is(const struct kldsim__conf_word *word, const char *text)
{
	return (strlen(text) == word->size &&
	    memcmp(word->text, text, word->size) == 0);
}

bool
kldsim__kern_conf_is_whole(const void *bytes, size_t size)
{
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;

	if (size == 0 || memchr(bytes, '\0', size) == NULL ||
	    !kldsim__kern_conf_begin(&conf, bytes, size))
		return (false);
	while (kldsim__kern_conf_next(&conf, &line))
		if (kldsim__conf_word_is(&line.keyword, "nooptions") ||
		    kldsim__conf_word_is(&line.keyword, "include") ||
		    (kldsim__conf_word_is(&line.keyword, "options") &&
		    line.more))
			return (false);
	return (true);
}
