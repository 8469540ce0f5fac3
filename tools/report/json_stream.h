/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_JSON_STREAM_H
#define REPORT_JSON_STREAM_H

/*
 * A document that is written as it is made, for what is long: as a tree of
 * values the files of 800 modules would take as much time as loading them.
 * What is short is made of jansson's values and put in its place here, so that
 * both look alike.
 *
 * In an array a key is NULL.  A failed write is remembered by the file; see
 * put_finish().
 */

#include <stdbool.h>

#include "report/json.h"

struct json_stream {
	FILE *out;
	unsigned depth; /* of what is open */
	bool empty;     /* the innermost of it, so far */
	size_t used;
	char bytes[16384];
};

void json_begin(struct json_stream *stream, FILE *out);
void json_finish(struct json_stream *stream);

/* '{' or '[', and the bracket that closes it. */
void json_open(struct json_stream *stream, const char *key, char bracket);
void json_close(struct json_stream *stream, char bracket);

/* Any value, which is then gone. */
void json_put(struct json_stream *stream, const char *key, json_t *value);
/* The same as json_text(), json_address(), json_size(), of which most are. */
void json_put_text(struct json_stream *stream, const char *key,
    const char *text);
void json_put_address(struct json_stream *stream, const char *key,
    uint64_t address);
void json_put_size(struct json_stream *stream, const char *key,
    uint64_t size);
void json_put_int(struct json_stream *stream, const char *key, int value);

#endif
