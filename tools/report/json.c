/* SPDX-License-Identifier: BSD-2-Clause */

/* A thin layer over jansson: our formats, and no failures. */

#include "report/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "report/escape.h"
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

json_t *
json_address(uint64_t address)
{
	char text[19];

	(void)snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return (need(json_string(text)));
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
	escaped = need(escape(text));
	value = need(json_string(escaped));
	free(escaped);
	return (value);
}

/* A failed write is remembered by the stream; see put_finish(). */
void
json_write(json_t *document, FILE *out)
{
	(void)json_dumpf(document, out, JSON_INDENT(2));
	putc('\n', out);
	json_decref(document);
}
