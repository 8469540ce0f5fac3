/* SPDX-License-Identifier: BSD-2-Clause */

/* JSON as it comes; see json_stream.h. */

#include "report/json_stream.h"

#include <string.h>

#include "report/output.h"

#define INDENT 2

static void
empty(struct json_stream *stream)
{
	(void)fwrite(stream->bytes, 1, stream->used, stream->out);
	stream->used = 0;
}

static void
put_bytes(struct json_stream *stream, const char *bytes, size_t size)
{
	if (size > sizeof(stream->bytes) - stream->used)
		empty(stream);
	if (size > sizeof(stream->bytes)) {
		(void)fwrite(bytes, 1, size, stream->out);
		return;
	}
	memcpy(stream->bytes + stream->used, bytes, size);
	stream->used += size;
}

static void
new_line(struct json_stream *stream)
{
	static const char spaces[] = "\n                                ";
	const size_t most = sizeof(spaces) - 2;
	size_t left = (size_t)stream->depth * INDENT;

	put_bytes(stream, spaces, 1 + (left < most ? left : most));
	for (; left > most; left -= most)
		put_bytes(stream, spaces + 1, left - most < most ?
		    left - most : most);
}

/* What stands before a value. */
static void
put_key(struct json_stream *stream, const char *key)
{
	if (!stream->empty)
		put_bytes(stream, ",", 1);
	if (stream->depth != 0)
		new_line(stream);
	stream->empty = false;
	if (key == NULL)
		return;
	put_bytes(stream, "\"", 1);
	put_bytes(stream, key, strlen(key));
	put_bytes(stream, "\": ", 3);
}

void
json_begin(struct json_stream *stream, FILE *out)
{
	stream->out = out;
	stream->depth = 0;
	stream->empty = true;
	stream->used = 0;
}

void
json_finish(struct json_stream *stream)
{
	put_bytes(stream, "\n", 1);
	empty(stream);
}

void
json_open(struct json_stream *stream, const char *key, char bracket)
{
	put_key(stream, key);
	put_bytes(stream, &bracket, 1);
	stream->depth++;
	stream->empty = true;
}

void
json_close(struct json_stream *stream, char bracket)
{
	stream->depth--;
	if (!stream->empty)
		new_line(stream);
	put_bytes(stream, &bracket, 1);
	stream->empty = false;
}

/* jansson hands over a value in pieces, and indents it as if it were all. */
static int
take(const char *text, size_t size, void *user)
{
	struct json_stream *stream = user;

	if (size == 1 && *text == '\n')
		new_line(stream);
	else
		put_bytes(stream, text, size);
	return (0);
}

void
json_put(struct json_stream *stream, const char *key, json_t *value)
{
	put_key(stream, key);
	(void)json_dump_callback(need(value), take, stream,
	    JSON_INDENT(INDENT) | JSON_ENCODE_ANY);
	json_decref(value);
}

/* Whether a string is itself between quotes. */
static bool
is_verbatim(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] >= 0x7f || text[i] == '"' ||
		    text[i] == '\\')
			return (false);
	return (true);
}

static void
put_quoted(struct json_stream *stream, const char *key, const char *text,
    size_t size)
{
	put_key(stream, key);
	put_bytes(stream, "\"", 1);
	put_bytes(stream, text, size);
	put_bytes(stream, "\"", 1);
}

void
json_put_text(struct json_stream *stream, const char *key, const char *text)
{
	const size_t size = text != NULL ? strlen(text) : 0;

	if (text != NULL && is_verbatim(text, size))
		put_quoted(stream, key, text, size);
	else
		json_put(stream, key, json_text(text));
}

void
json_put_address(struct json_stream *stream, const char *key,
    uint64_t address)
{
	char text[ADDRESS_TEXT];

	put_quoted(stream, key, text, address_text(address, text));
}

void
json_put_size(struct json_stream *stream, const char *key, uint64_t size)
{
	char digits[20], *at = digits + sizeof(digits);

	if (size > INT64_MAX)
		size = INT64_MAX;
	do
		*--at = (char)('0' + size % 10);
	while ((size /= 10) != 0);
	put_key(stream, key);
	put_bytes(stream, at, (size_t)(digits + sizeof(digits) - at));
}

void
json_put_int(struct json_stream *stream, const char *key, int value)
{
	if (value >= 0)
		json_put_size(stream, key, (uint64_t)value);
	else
		json_put(stream, key, json_integer(value));
}
