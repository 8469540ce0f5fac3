/* SPDX-License-Identifier: BSD-2-Clause */

/* Escaped text on standard output and standard error. */

#include "report/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/escape.h"

static void
put_list(FILE *out, const char *format, va_list args)
{
	char small[256];
	char *text = small;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(small, sizeof(small), format, args);
	if (length >= (int)sizeof(small)) {
		text = need(malloc((size_t)length + 1));
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	}
	va_end(again);
	if (length >= 0)
		escape_write(out, text);
	if (text != small)
		free(text);
}

void
put(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_list(out, format, args);
	va_end(args);
}

void
put_line(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_list(out, format, args);
	va_end(args);
	putc('\n', out);
}

void
complain(const char *format, ...)
{
	va_list args;

	fputs("kldsim: ", stderr);
	va_start(args, format);
	put_list(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
}

int
put_finish(FILE *out, const char *name)
{
	int failed = fflush(out);

	if (failed == 0 && ferror(out) == 0)
		return (0);
	complain("%s: %s", name, failed ? strerror(errno) : "write error");
	return (-1);
}

void *
need(void *memory)
{
	if (memory == NULL) {
		fputs("kldsim: out of memory\n", stderr);
		exit(STATUS_HOST);
	}
	return (memory);
}

char *
text_of_list(const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	text = need(length < 0 ? NULL : malloc((size_t)length + 1));
	(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return (text);
}

char *
text_of(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of_list(format, args);
	va_end(args);
	return (text);
}

const char *
complain_of(const char *name, const struct kldsim_error *error)
{
	const char *text = error->text;
	size_t length = strlen(name);

	if (strncmp(text, name, length) == 0 &&
	    strncmp(text + length, ": ", 2) == 0)
		text += length + 2;
	complain("%s: %s", name, text);
	return (text);
}
