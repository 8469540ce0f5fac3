/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Known findings: "kldsim.baseline/1", an array of [module, code, symbol] in
 * the order of their letters, one a line, so that differences can be read.
 */

#include "report/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "path.h"
#include "read_file.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/output.h"

#define SCHEMA "kldsim.baseline/1"
#define MOST_BYTES (64u * 1024 * 1024)
/* No escaped text has one. */
#define SEPARATOR '\t'

struct baseline {
	json_t *keys; /* an object: whether a key was met, by key */
	size_t met;
};

struct baseline *
baseline_new(void)
{
	struct baseline *baseline = need(calloc(1, sizeof(*baseline)));

	baseline->keys = json_make("{}");
	return (baseline);
}

void
baseline_free(struct baseline *baseline)
{
	if (baseline == NULL)
		return;
	json_decref(baseline->keys);
	free(baseline);
}

/* --- keys --- */

static char *
make_key(const char *module, const char *code, const char *symbol)
{
	char *first = need(escape(module)), *last = need(escape(symbol));
	const size_t size = strlen(first) + strlen(code) + strlen(last) + 3;
	char *key = need(malloc(size));

	(void)snprintf(key, size, "%s%c%s%c%s", first, SEPARATOR, code,
	    SEPARATOR, last);
	free(first);
	free(last);
	return (key);
}

char *
baseline_key(const struct kldsim_finding *finding, const char *module)
{
	return (make_key(path_name(finding->file != NULL ? finding->file :
	    module), finding->code, finding->symbol != NULL ?
	    finding->symbol : ""));
}

bool
baseline_has(struct baseline *baseline, const struct kldsim_finding *finding,
    const char *module)
{
	json_t *met;
	char *key;

	if (baseline == NULL)
		return (false);
	key = baseline_key(finding, module);
	met = json_object_get(baseline->keys, key);
	if (json_is_false(met)) {
		json_set(baseline->keys, key, json_true());
		baseline->met++;
	}
	free(key);
	return (met != NULL);
}

void
baseline_add(struct baseline *baseline, const struct kldsim_finding *finding,
    const char *module)
{
	char *key = baseline_key(finding, module);

	json_set(baseline->keys, key, json_false());
	free(key);
}

size_t
baseline_met(const struct baseline *baseline)
{
	return (baseline->met);
}

/* --- the file --- */

/* [module, code, symbol] */
static bool
take_entry(struct baseline *baseline, const json_t *entry)
{
	const char *module = json_string_value(json_array_get(entry, 0));
	const char *code = json_string_value(json_array_get(entry, 1));
	const json_t *symbol = json_array_get(entry, 2);
	char *key;

	if (json_array_size(entry) != 3 || module == NULL || code == NULL ||
	    (!json_is_string(symbol) && !json_is_null(symbol)))
		return (false);
	key = make_key(module, code, json_is_string(symbol) ?
	    json_string_value(symbol) : "");
	json_set(baseline->keys, key, json_false());
	free(key);
	return (true);
}

static bool
take_document(struct baseline *baseline, const char *path,
    const json_t *document)
{
	const char *schema = json_string_value(json_object_get(document,
	    "schema"));
	const json_t *known = json_object_get(document, "known");

	if (schema == NULL || strcmp(schema, SCHEMA) != 0 ||
	    !json_is_array(known)) {
		complain("%s: no baseline: its schema is not \"%s\"; "
		    "--write-baseline makes one", path, SCHEMA);
		return (false);
	}
	for (size_t i = 0; i < json_array_size(known); i++)
		if (!take_entry(baseline, json_array_get(known, i))) {
			complain("%s: entry %zu of \"known\" is not [module, "
			    "code, symbol]", path, i);
			return (false);
		}
	return (true);
}

bool
baseline_read(struct baseline *baseline, const char *path)
{
	json_error_t error;
	json_t *document;
	size_t size;
	char *text = read_file(path, MOST_BYTES, &size);
	bool good;

	if (text == NULL)
		return (false);
	document = json_loadb(text, size, 0, &error);
	free(text);
	if (document == NULL) {
		complain("%s:%d:%d: %s", path, error.line, error.column,
		    error.text);
		return (false);
	}
	good = take_document(baseline, path, document);
	json_decref(document);
	return (good);
}

static int
compare(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* A key in its three parts, as JSON. */
static void
write_key(const char *key, FILE *out)
{
	for (int part = 0; part < 3; part++) {
		const char *end = strchr(key, SEPARATOR);
		const size_t length = end != NULL ? (size_t)(end - key) :
		    strlen(key);
		json_t *text = part == 2 && length == 0 ? json_null() :
		    need(json_stringn(key, length));

		fputs(part == 0 ? "[" : ", ", out);
		(void)json_dumpf(text, out, JSON_ENCODE_ANY);
		json_decref(text);
		key += length + (end != NULL);
	}
	putc(']', out);
}

static void
write_all(const struct baseline *baseline, FILE *out)
{
	const size_t count = json_object_size(baseline->keys);
	const char **keys = need(calloc(count + 1, sizeof(*keys)));
	const char *key;
	json_t *ignored;
	size_t n = 0;

	json_object_foreach(baseline->keys, key, ignored)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), compare);
	fprintf(out, "{\n  \"schema\": \"%s\",\n  \"known\": [", SCHEMA);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "\n    " : ",\n    ", out);
		write_key(keys[i], out);
	}
	fputs(n == 0 ? "]\n}\n" : "\n  ]\n}\n", out);
	free(keys);
}

int
baseline_write(const struct baseline *baseline, const char *path)
{
	FILE *out = output_open(path);

	if (out == NULL)
		return (STATUS_HOST);
	write_all(baseline, out);
	return (output_close(out, path));
}
