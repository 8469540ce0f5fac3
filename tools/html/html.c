/* SPDX-License-Identifier: BSD-2-Clause */

/* Markup; see html.h. */

#include "html/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

enum length {
	LENGTH_INT,
	LENGTH_LONG,
	LENGTH_LONG_LONG,
	LENGTH_SIZE
};

/* How long the integer of a conversion is; *at goes behind what says so. */
static enum length
length_of(const char **at)
{
	enum length length = LENGTH_INT;

	for (; **at == 'l' || **at == 'z'; (*at)++)
		length = **at == 'z' ? LENGTH_SIZE : length + 1;
	return (length);
}

static uintmax_t
unsigned_of(enum length length, va_list *args)
{
	switch (length) {
	case LENGTH_LONG:
		return (va_arg(*args, unsigned long));
	case LENGTH_LONG_LONG:
		return (va_arg(*args, unsigned long long));
	case LENGTH_SIZE:
		return (va_arg(*args, size_t));
	default:
		return (va_arg(*args, unsigned));
	}
}

/* One conversion, from behind its percent sign. */
static const char *
convert(FILE *out, const char *at, va_list *args)
{
	const enum length length = length_of(&at);

	if (*at == 's')
		escape_markup(out, va_arg(*args, const char *));
	else if (*at == 'd')
		(void)fprintf(out, "%d", va_arg(*args, int));
	else if (*at == 'u')
		(void)fprintf(out, "%" PRIuMAX, unsigned_of(length, args));
	else if (*at == 'x')
		(void)fprintf(out, "%" PRIxMAX, unsigned_of(length, args));
	else
		(void)fputc(*at, out); /* "%%" */
	return (at + 1);
}

void
html(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format != '\0') {
		const size_t plain = strcspn(format, "%");

		(void)fwrite(format, 1, plain, out);
		format += plain;
		if (*format == '%')
			format = convert(out, format + 1, &args);
	}
	va_end(args);
}

size_t
html_width(const char *text)
{
	size_t width = 0;

	while (*text != '\0') {
		const size_t n = escape_printable(text);

		width += n == 0 ? ESCAPE_MAX : 1;
		text += n == 0 ? 1 : n;
	}
	return (width);
}

void
html_cut(FILE *out, const char *text, size_t most)
{
	char *shown = need(escape(text));
	size_t left = most, at = 0;

	if (html_width(text) > most) {
		for (left--; left > 0; left--)
			at += escape_printable(shown + at);
		shown[at] = '\0';
		html(out, "%s\xe2\x80\xa6", shown);
	} else {
		html(out, "%s", shown);
	}
	free(shown);
}

void
html_bytes(FILE *out, uint64_t size)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB",
		"EB" };
	uint64_t whole = size, rest = 0;
	size_t unit = 0;

	if (size < 10240) {
		html(out, "%" PRIu64 " byte%s", size, size == 1 ? "" : "s");
		return;
	}
	for (; whole >= 1024 && unit < 6; unit++) {
		rest = whole % 1024 * 10 / 1024;
		whole /= 1024;
	}
	html(out, "%" PRIu64, whole);
	if (whole < 100 && rest != 0)
		html(out, ".%" PRIu64, rest);
	html(out, " %s", units[unit - 1]);
}

void
html_count(FILE *out, size_t count, const char *thing)
{
	html(out, "%zu %s%s", count, thing, count == 1 ? "" : "s");
}
