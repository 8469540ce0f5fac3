/* SPDX-License-Identifier: BSD-2-Clause */

/* What is printable, and what stands for the rest. */

#include "report/escape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How UTF-8 begins: the first byte's fixed bits, and the least code point. */
static const struct {
	unsigned char mask;
	unsigned char bits;
	uint32_t least;
} forms[] = {
	{ 0x80, 0x00, 0x0000 },
	{ 0xe0, 0xc0, 0x0080 },
	{ 0xf0, 0xe0, 0x0800 },
	{ 0xf8, 0xf0, 0x10000 },
};

/* Code points that move the cursor, turn the text around, or show nothing. */
static const struct {
	uint32_t first;
	uint32_t last;
} unprintable[] = {
	{ 0x0000, 0x001f },   /* controls */
	{ 0x007f, 0x009f },   /* delete, more controls */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x200b, 0x200f },   /* zero width, direction marks */
	{ 0x2028, 0x202e },   /* line separators, direction */
	{ 0x2060, 0x206f },   /* invisible operators, direction */
	{ 0xd800, 0xdfff },   /* surrogates */
	{ 0xfdd0, 0xfdef },   /* not characters */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff0, 0xfffb },   /* specials */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors */
};

static int
is_printable(uint32_t point)
{
	if (point > 0x10ffff || (point & 0xfffe) == 0xfffe)
		return (0);
	for (size_t i = 0; i < sizeof(unprintable) / sizeof(*unprintable); i++)
		if (point >= unprintable[i].first &&
		    point <= unprintable[i].last)
			return (0);
	return (1);
}

/* The code point of n bytes of UTF-8; 0, which is not printable, if broken. */
static uint32_t
decode(const unsigned char *bytes, size_t n)
{
	uint32_t point = bytes[0] & (unsigned char)~forms[n - 1].mask;

	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return (0);
		point = point << 6 | (bytes[i] & 0x3f);
	}
	return (point < forms[n - 1].least ? 0 : point);
}

size_t
escape_printable(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t n = 1; n <= sizeof(forms) / sizeof(*forms); n++)
		if ((bytes[0] & forms[n - 1].mask) == forms[n - 1].bits)
			return (is_printable(decode(bytes, n)) ? n : 0);
	return (0);
}

bool
escape_is_plain(const char *text)
{
	while (*text >= 0x20 && *text < 0x7f)
		text++;
	return (*text == '\0');
}

char *
escape(const char *text)
{
	char *escaped = malloc(strlen(text) * ESCAPE_MAX + 1);
	char *end = escaped;

	if (escaped == NULL)
		return (NULL);
	while (*text != '\0') {
		size_t n = escape_printable(text);

		if (n == 0)
			end += snprintf(end, ESCAPE_MAX + 1, "\\x%02x",
			    (unsigned char)*text++);
		for (; n > 0; n--)
			*end++ = *text++;
	}
	*end = '\0';
	return (escaped);
}

void
escape_write(FILE *out, const char *text)
{
	if (escape_is_plain(text)) {
		fputs(text, out);
		return;
	}
	while (*text != '\0') {
		size_t n = escape_printable(text);

		if (n == 0)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fwrite(text, 1, n, out);
		text += n == 0 ? 1 : n;
	}
}

/* What markup would take for itself. */
static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return ("&amp;");
	case '<':
		return ("&lt;");
	case '>':
		return ("&gt;");
	case '"':
		return ("&quot;");
	case '\'':
		return ("&#39;");
	default:
		return (NULL);
	}
}

void
escape_markup(FILE *out, const char *text)
{
	while (*text != '\0') {
		const char *instead = entity(*text);
		const size_t n = escape_printable(text);

		if (instead != NULL)
			fputs(instead, out);
		else if (n == 0)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fwrite(text, 1, n, out);
		text += n == 0 ? 1 : n;
	}
}
