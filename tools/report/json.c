/* SPDX-License-Identifier: BSD-2-Clause */

/* A thin layer over jansson: our formats, and no failures. */

#include "report/json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
	char text[19] = "0x";
	char *at = text + 2;
	unsigned shift = 60;

	while (shift != 0 && address >> shift == 0)
		shift -= 4;
	for (*at++ = "0123456789abcdef"[address >> shift]; shift != 0;) {
		shift -= 4;
		*at++ = "0123456789abcdef"[address >> shift & 0xf];
	}
	*at = '\0';
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

/* jansson hands over a document in pieces of a few bytes. */
struct sink {
	FILE *out;
	size_t used;
	char bytes[16384];
};

static void
empty(struct sink *sink)
{
	(void)fwrite(sink->bytes, 1, sink->used, sink->out);
	sink->used = 0;
}

static int
take(const char *text, size_t size, void *user)
{
	struct sink *sink = user;

	if (size > sizeof(sink->bytes) - sink->used)
		empty(sink);
	if (size > sizeof(sink->bytes)) {
		(void)fwrite(text, 1, size, sink->out);
	} else {
		memcpy(sink->bytes + sink->used, text, size);
		sink->used += size;
	}
	return (0);
}

/* A failed write is remembered by the stream; see put_finish(). */
void
json_write(json_t *document, FILE *out)
{
	struct sink sink = { .out = out, .used = 0 };

	(void)json_dump_callback(document, take, &sink, JSON_INDENT(2));
	empty(&sink);
	putc('\n', out);
	json_decref(document);
}
