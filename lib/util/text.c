/* SPDX-License-Identifier: BSD-2-Clause */

#include "util/text.h"

#include <stdio.h>
#include <string.h>

void
kldsim__text_init(struct kldsim__text *text, const struct kldsim__alloc *alloc)
{
	memset(text, 0, sizeof(*text));
	text->alloc = alloc;
}

void
kldsim__text_fini(struct kldsim__text *text)
{
	kldsim__free(text->alloc, text->bytes);
}

/* Room for more bytes behind what is there; NULL without memory. */
static char *
room(struct kldsim__text *text, size_t size)
{
	if (text->failed || size > SIZE_MAX - text->size ||
	    !kldsim__grow(text->alloc, &text->bytes, &text->cap,
	    text->size + size, 1)) {
		text->failed = true;
		return (NULL);
	}
	return (text->bytes + text->size);
}

void
kldsim__text_add(struct kldsim__text *text, const void *bytes, size_t size)
{
	char *to = size == 0 ? NULL : room(text, size);

	if (to == NULL)
		return;
	memcpy(to, bytes, size);
	text->size += size;
}

void
kldsim__text_puts(struct kldsim__text *text, const char *string)
{
	kldsim__text_add(text, string, strlen(string));
}

void
kldsim__text_printf(struct kldsim__text *text, const char *format, ...)
{
	va_list args;
	int length;
	char *to;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	to = length < 0 ? NULL : room(text, (size_t)length + 1);
	if (to == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(to, (size_t)length + 1, format, args);
	va_end(args);
	text->size += (size_t)length;
}
