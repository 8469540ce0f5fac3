/* SPDX-License-Identifier: BSD-2-Clause */

/* Words of headers and sources; see stale.h. */

#include <string.h>

#include "stale/stale.h"

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\');
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_word(char c)
{
	return (is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_');
}

static size_t
skip(struct kldsim__scan *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
	return ((size_t)(scan->end - scan->at));
}

bool
kldsim__scan_text(struct kldsim__scan *scan, const char *text)
{
	const size_t length = strlen(text);

	if (skip(scan) < length || memcmp(scan->at, text, length) != 0)
		return (false);
	scan->at += length;
	return (true);
}

const char *
kldsim__scan_name(struct kldsim__scan *scan, size_t *length_ret)
{
	const char *name;

	(void)skip(scan);
	name = scan->at;
	while (scan->at < scan->end && is_word(*scan->at))
		scan->at++;
	*length_ret = (size_t)(scan->at - name);
	return (*length_ret != 0 && !is_digit(*name) ? name : NULL);
}

static unsigned
digit_of(char c)
{
	return (is_digit(c) ? (unsigned)(c - '0') :
	    c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) :
	    c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 99);
}

bool
kldsim__scan_number(struct kldsim__scan *scan, int64_t *number_ret)
{
	const bool minus = kldsim__scan_text(scan, "-");
	const unsigned base = kldsim__scan_text(scan, "0x") ? 16 : 10;
	const char *first = scan->at;
	uint64_t value = 0;

	for (; scan->at < scan->end && digit_of(*scan->at) < base; scan->at++)
		value = value * base + digit_of(*scan->at);
	*number_ret = (int64_t)(minus ? 0 - value : value);
	return (scan->at != first);
}
