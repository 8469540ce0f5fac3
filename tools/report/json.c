/* SPDX-License-Identifier: BSD-2-Clause */

/* A thin layer over jansson: our formats, and no failures. */

#include "report/json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/json_stream.h"
#include "report/output.h"

json_t *
json_make(const char *format, ...)
{
	json_t *value;
	va_list args;

	va_start(args, format);
	value = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	return (need(value));
}

void
json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value != NULL ? value :
	    need(json_null())) != 0)
		(void)need(NULL);
}

void
json_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, need(value)) != 0)
		(void)need(NULL);
}

size_t
address_text(uint64_t address, char text[ADDRESS_TEXT])
{
	char *at = text + 2;
	unsigned shift = 60;

	text[0] = '0';
	text[1] = 'x';
	while (shift != 0 && address >> shift == 0)
		shift -= 4;
	for (*at++ = "0123456789abcdef"[address >> shift]; shift != 0;) {
		shift -= 4;
		*at++ = "0123456789abcdef"[address >> shift & 0xf];
	}
	*at = '\0';
	return ((size_t)(at - text));
}

json_t *
json_address(uint64_t address)
{
	char text[ADDRESS_TEXT];

	(void)address_text(address, text);
	return (need(json_string_nocheck(text)));
}

json_t *
json_size(uint64_t size)
{
	return (need(json_integer(size > INT64_MAX ? INT64_MAX :
	    (json_int_t)size)));
}

json_t *
json_text(const char *text)
{
	char *escaped;
	json_t *value;

	if (text == NULL)
		return (json_null());
	if (escape_is_plain(text))
		return (need(json_string_nocheck(text)));
	escaped = need(escape(text));
	value = need(json_string(escaped));
	free(escaped);
	return (value);
}

/* A failed write is remembered by the stream; see put_finish(). */
void
json_write(json_t *document, FILE *out)
{
	struct json_stream stream;

	json_begin(&stream, out);
	json_put(&stream, NULL, document);
	json_finish(&stream);
}
