/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a spec, event by event.  Nothing is kept but the item under way, and
 * nothing nests deeper than the format does, so a spec costs what it says.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"

enum { SPEC_MAX = 512 << 20 }; /* bytes of text */

struct kldsim__synth_origin
kldsim__spec_origin(yaml_mark_t mark)
{
	struct kldsim__synth_origin origin;

	origin.line = (uint32_t)mark.line + 1;
	origin.column = (uint16_t)(mark.column < UINT16_MAX ?
	    mark.column + 1 : UINT16_MAX);
	return origin;
}

void
kldsim__spec_fail(struct kldsim__spec *spec, struct kldsim__synth_origin origin,
    const char *fmt, ...)
{
	va_list args;
	int n;

	if (spec->error.status != KLDSIM_OK)
		return;
	spec->error.status = KLDSIM_MALFORMED;
	n = snprintf(spec->error.text, sizeof(spec->error.text),
	    "%.200s:%u:%u: ", spec->name, (unsigned)origin.line,
	    (unsigned)origin.column);
	va_start(args, fmt);
	(void)vsnprintf(spec->error.text + n, sizeof(spec->error.text) -
	    (size_t)n, fmt, args);
	va_end(args);
}

/* A mistake of the spec's, or one that the builder found. */
bool
kldsim__spec_bad(const struct kldsim__spec *spec)
{
	return spec->error.status != KLDSIM_OK ||
	    (spec->synth != NULL && spec->synth->error.status != KLDSIM_OK);
}

/* A piece of text fit for a message. */
const char *
kldsim__spec_quote(const char *text, char room[64])
{
	size_t i;

	room[0] = '"';
	for (i = 1; *text != '\0' && i < 44; i++, text++)
		room[i] = *text == '\n' || *text == '\t' ? ' ' : *text;
	(void)strcpy(room + i, *text == '\0' ? "\"" : "...\"");
	return room;
}

static void
parser_failed(struct kldsim__spec *spec)
{
	const yaml_parser_t *parser = &spec->parser;
	const char *problem = parser->problem;
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_MEMORY_ERROR) {
		spec->error.status = KLDSIM_NOMEM;
		return;
	}
	if (parser->error == YAML_READER_ERROR)
		mark = parser->mark;
	kldsim__spec_fail(spec, kldsim__spec_origin(mark),
	    "expected YAML: %s%s%s", problem == NULL ? "?" : problem,
	    parser->context == NULL ? "" : " ",
	    parser->context == NULL ? "" : parser->context);
}

static bool
next(struct kldsim__spec *spec)
{
	yaml_event_delete(&spec->event);
	memset(&spec->event, 0, sizeof(spec->event));
	if (kldsim__spec_bad(spec))
		return false;
	if (yaml_parser_parse(&spec->parser, &spec->event))
		return true;
	parser_failed(spec);
	return false;
}

static struct kldsim__synth_origin
here(const struct kldsim__spec *spec)
{
	return kldsim__spec_origin(spec->event.start_mark);
}

static const char *
text_of(const struct kldsim__spec *spec)
{
	return (const char *)spec->event.data.scalar.value;
}

/* Tell what was expected instead of the event at hand. */
static bool
expected(struct kldsim__spec *spec, const char *what)
{
	static const char *const names[] = {
		[YAML_NO_EVENT] = "nothing",
		[YAML_STREAM_START_EVENT] = "the start",
		[YAML_STREAM_END_EVENT] = "the end of the file",
		[YAML_DOCUMENT_START_EVENT] = "another document",
		[YAML_DOCUMENT_END_EVENT] = "the end of the document",
		[YAML_ALIAS_EVENT] = "an alias, which specs do not have",
		[YAML_SEQUENCE_START_EVENT] = "a list",
		[YAML_SEQUENCE_END_EVENT] = "the end of the list",
		[YAML_MAPPING_START_EVENT] = "a mapping",
		[YAML_MAPPING_END_EVENT] = "the end of the mapping",
	};
	char room[64];

	if (spec->event.type == YAML_SCALAR_EVENT)
		kldsim__spec_fail(spec, here(spec), "expected %s, found %s",
		    what, kldsim__spec_quote(text_of(spec), room));
	else
		kldsim__spec_fail(spec, here(spec), "expected %s, found %s",
		    what, names[spec->event.type]);
	return false;
}

static bool
next_is(struct kldsim__spec *spec, yaml_event_type_t type, const char *what)
{
	if (!next(spec))
		return false;
	return spec->event.type == type || expected(spec, what);
}

/* The event at hand is a scalar: convert it. */
static void
convert(struct kldsim__spec *spec, const struct kldsim__spec_key *key,
    struct kldsim__spec_value *value)
{
	value->origin = here(spec);
	kldsim__spec_convert(spec, key, text_of(spec),
	    spec->event.data.scalar.length, value);
}

static void
clear_values(struct kldsim__spec *spec)
{
	struct kldsim__spec_value *value = spec->values;
	size_t i, j;

	for (; value < spec->values + KLDSIM__SPEC_KEYS; value++) {
		for (i = 0; i < value->nrows; i++)
			for (j = 0; j < KLDSIM__SPEC_COLUMNS; j++)
				free(value->rows[i].values[j].text);
		free(value->rows);
		free(value->text);
	}
	memset(spec->values, 0, sizeof(spec->values));
}

/* Name the keys of a table for a message. */
static const char *
key_names(const struct kldsim__spec_key *keys, char *room, size_t size)
{
	size_t n = 0;

	room[0] = '\0';
	for (; keys->name != NULL && n + 40 < size; keys++)
		n += (size_t)snprintf(room + n, size - n, "%s%s%s",
		    n == 0 ? "" : keys[1].name == NULL ? " or " : ", ",
		    keys->name, keys[1].name != NULL && n + 80 >= size ?
		    ", ..." : "");
	return room;
}

static const struct kldsim__spec_key *
find_key(const struct kldsim__spec_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static bool
read_mapping(struct kldsim__spec *spec, const struct kldsim__spec_list *list,
    struct kldsim__spec_value *values);

/* The event at hand begins an item within an item, which holds none. */
static bool
read_row(struct kldsim__spec *spec, const struct kldsim__spec_key *keys,
    struct kldsim__spec_value *value)
{
	const struct kldsim__spec_list list = {.keys = keys};
	struct kldsim__spec_row *row;
	char names[280], room[320];

	if (value->nrows == KLDSIM__SPEC_ROWS) {
		kldsim__spec_fail(spec, here(spec),
		    "expected no more than %d items", KLDSIM__SPEC_ROWS);
		return false;
	}
	if (!kldsim__synth_grow(spec->synth, &value->rows, &value->rows_cap,
	    value->nrows + 1, sizeof(*value->rows)))
		return false;
	row = &value->rows[value->nrows++];
	memset(row, 0, sizeof(*row));
	if (spec->event.type == YAML_MAPPING_START_EVENT)
		return read_mapping(spec, &list, row->values);
	if (spec->event.type != YAML_SCALAR_EVENT) {
		(void)snprintf(room, sizeof(room), "a mapping with %s",
		    key_names(keys, names, sizeof(names)));
		return expected(spec, room);
	}
	convert(spec, keys, row->values);
	return !kldsim__spec_bad(spec);
}

static bool
read_rows(struct kldsim__spec *spec, const char *name,
    const struct kldsim__spec_key *keys, struct kldsim__spec_value *value)
{
	char room[64];

	(void)snprintf(room, sizeof(room), "a list of %s", name);
	if (!next_is(spec, YAML_SEQUENCE_START_EVENT, room))
		return false;
	value->given = true;
	value->origin = here(spec);
	while (next(spec) && spec->event.type != YAML_SEQUENCE_END_EVENT)
		if (!read_row(spec, keys, value))
			return false;
	return !kldsim__spec_bad(spec);
}

/* The event at hand is a key; read its value. */
static bool
read_pair(struct kldsim__spec *spec, const struct kldsim__spec_list *list,
    struct kldsim__spec_value *values)
{
	const struct kldsim__spec_key *key;
	struct kldsim__spec_value *value;
	char room[280];

	key = spec->event.type == YAML_SCALAR_EVENT ?
	    find_key(list->keys, text_of(spec)) : NULL;
	if (key == NULL)
		return expected(spec, key_names(list->keys, room,
		    sizeof(room)));
	value = &values[key - list->keys];
	if (value->given) {
		kldsim__spec_fail(spec, here(spec),
		    "expected each key once, found %s again", key->name);
		return false;
	}
	if (key->type == KLDSIM__SPEC_ITEMS)
		return read_rows(spec, key->name,
		    list->nested[key - list->keys], value);
	(void)snprintf(room, sizeof(room), "a value of %s", key->name);
	if (!next_is(spec, YAML_SCALAR_EVENT, room))
		return false;
	convert(spec, key, value);
	return !kldsim__spec_bad(spec);
}

static bool
read_mapping(struct kldsim__spec *spec, const struct kldsim__spec_list *list,
    struct kldsim__spec_value *values)
{
	struct kldsim__synth_origin start = here(spec);
	int i;

	while (next(spec) && spec->event.type != YAML_MAPPING_END_EVENT)
		if (!read_pair(spec, list, values))
			return false;
	if (kldsim__spec_bad(spec))
		return false;
	for (i = 0; list->keys[i].name != NULL; i++) {
		if (!list->keys[i].required || values[i].given)
			continue;
		kldsim__spec_fail(spec, start, "expected a key %s in this item",
		    list->keys[i].name);
		return false;
	}
	return true;
}

/* Give an item to the builder; its mistakes are at the item. */
static void
apply(struct kldsim__spec *spec, const struct kldsim__spec_list *list,
    struct kldsim__synth_origin start)
{
	spec->synth->origin = start;
	list->apply(spec, spec->values);
	spec->synth->origin = (struct kldsim__synth_origin){0, 0};
}

/* The event at hand begins an item. */
static bool
read_item(struct kldsim__spec *spec, const struct kldsim__spec_list *list)
{
	struct kldsim__synth_origin start = here(spec);
	char names[280], room[320];
	bool good = false;

	if (spec->event.type == YAML_MAPPING_START_EVENT) {
		good = read_mapping(spec, list, spec->values);
	} else if (spec->event.type == YAML_SCALAR_EVENT && !list->single) {
		convert(spec, list->keys, &spec->values[0]);
		good = !kldsim__spec_bad(spec);
	} else {
		(void)snprintf(room, sizeof(room), "a mapping with %s",
		    key_names(list->keys, names, sizeof(names)));
		return expected(spec, room);
	}
	if (good)
		apply(spec, list, start);
	clear_values(spec);
	return !kldsim__spec_bad(spec);
}

static bool
read_list(struct kldsim__spec *spec, const struct kldsim__spec_list *list)
{
	char room[64];

	(void)snprintf(room, sizeof(room), "a list of %s", list->name);
	if (list->single)
		return next(spec) && read_item(spec, list);
	if (!next_is(spec, YAML_SEQUENCE_START_EVENT, room))
		return false;
	while (next(spec) && spec->event.type != YAML_SEQUENCE_END_EVENT)
		if (!read_item(spec, list))
			return false;
	return !kldsim__spec_bad(spec);
}

static bool
read_options(struct kldsim__spec *spec)
{
	const struct kldsim__spec_key *keys = kldsim__spec_options, *key;
	struct kldsim__spec_value value;
	char room[280];

	if (!next_is(spec, YAML_MAPPING_START_EVENT, "a mapping of options"))
		return false;
	while (next(spec) && spec->event.type != YAML_MAPPING_END_EVENT) {
		key = spec->event.type == YAML_SCALAR_EVENT ?
		    find_key(keys, text_of(spec)) : NULL;
		if (key == NULL)
			return expected(spec, key_names(keys, room,
			    sizeof(room)));
		if (!next_is(spec, YAML_SCALAR_EVENT, "a value of the option"))
			return false;
		memset(&value, 0, sizeof(value));
		convert(spec, key, &value);
		spec->synth->origin = value.origin;
		if (!kldsim__spec_bad(spec))
			kldsim_synth_option(spec->synth,
			    (enum kldsim_synth_option)(key - keys),
			    value.number);
		spec->synth->origin = (struct kldsim__synth_origin){0, 0};
	}
	return !kldsim__spec_bad(spec);
}

static bool
read_overrides(struct kldsim__spec *spec)
{
	static const struct kldsim__spec_key field = {"overrides",
	    KLDSIM__SPEC_TEXT, true, NULL, 0};
	static const struct kldsim__spec_key number = {"value",
	    KLDSIM__SPEC_NUMBER, true, NULL, 0};

	if (!next_is(spec, YAML_MAPPING_START_EVENT,
	    "a mapping of field names to numbers"))
		return false;
	while (next(spec) && spec->event.type != YAML_MAPPING_END_EVENT) {
		if (spec->event.type != YAML_SCALAR_EVENT)
			return expected(spec, "the name of a field");
		convert(spec, &field, &spec->values[0]);
		if (!next_is(spec, YAML_SCALAR_EVENT, "a number"))
			return false;
		convert(spec, &number, &spec->values[1]);
		spec->synth->origin = spec->values[0].origin;
		if (!kldsim__spec_bad(spec))
			kldsim_synth_override(spec->synth,
			    spec->values[0].text, spec->values[1].number);
		spec->synth->origin = (struct kldsim__synth_origin){0, 0};
		clear_values(spec);
	}
	return !kldsim__spec_bad(spec);
}

static bool
read_truncate(struct kldsim__spec *spec)
{
	static const struct kldsim__spec_key key = {"truncate",
	    KLDSIM__SPEC_NUMBER, true, NULL, KLDSIM__SPEC_CONTENT};

	if (!next_is(spec, YAML_SCALAR_EVENT, "a file size"))
		return false;
	convert(spec, &key, &spec->values[0]);
	if (!kldsim__spec_bad(spec))
		kldsim_synth_truncate_to(spec->synth, spec->values[0].number);
	clear_values(spec);
	return !kldsim__spec_bad(spec);
}

/* With machine and kind both known, the builder can begin. */
static bool
start_builder(struct kldsim__spec *spec)
{
	if (spec->machine == NULL || !spec->kind.given)
		return true;
	spec->synth = kldsim_synth_new(spec->machine,
	    (enum kldsim_synth_kind)spec->kind.number);
	if (spec->synth != NULL)
		spec->synth->spec = malloc(strlen(spec->name) + 1);
	if (spec->synth == NULL || spec->synth->spec == NULL) {
		spec->error.status = KLDSIM_NOMEM;
		return false;
	}
	(void)strcpy(spec->synth->spec, spec->name);
	return !kldsim__spec_bad(spec);
}

static bool
read_machine(struct kldsim__spec *spec)
{
	const char *name;
	size_t i = 0;

	if (!next_is(spec, YAML_SCALAR_EVENT, "the name of a machine"))
		return false;
	while ((name = kldsim_synth_machine(i)) != NULL &&
	    strcmp(name, text_of(spec)) != 0)
		i++;
	if (name == NULL)
		return expected(spec, "amd64, i386, arm64, armv7, riscv64, "
		    "powerpc, powerpc64, powerpc64le, elf32le, elf32be, "
		    "elf64le or elf64be");
	spec->machine = malloc(strlen(name) + 1);
	if (spec->machine == NULL) {
		spec->error.status = KLDSIM_NOMEM;
		return false;
	}
	(void)strcpy(spec->machine, name);
	return start_builder(spec);
}

static bool
read_kind(struct kldsim__spec *spec)
{
	const struct kldsim__spec_word *word;

	if (!next_is(spec, YAML_SCALAR_EVENT, "the kind of file"))
		return false;
	word = kldsim__spec_find_word(kldsim__spec_kinds, text_of(spec),
	    strlen(text_of(spec)));
	if (word == NULL)
		return expected(spec, "kernel, module, rel, exec or dyn");
	spec->kind.given = true;
	spec->kind.number = word->number;
	return start_builder(spec);
}

/* The top-level keys that are no lists; bits of the keys seen follow. */
static const struct {
	const char *name;
	bool (*read)(struct kldsim__spec *spec);
} singles[] = {
	{"machine", read_machine}, {"kind", read_kind},
	{"options", read_options}, {"overrides", read_overrides},
	{"truncate", read_truncate},
};
enum { NSINGLES = sizeof(singles) / sizeof(singles[0]) };

static const struct kldsim__spec_list *
find_list(const char *name, unsigned *number_ret)
{
	const struct kldsim__spec_list *tables[] = {kldsim__spec_elf_lists,
	    kldsim__spec_freebsd_lists, kldsim__spec_type_lists};
	const struct kldsim__spec_list *list;
	unsigned i, number = NSINGLES;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (list = tables[i]; list->name != NULL; list++, number++)
			if (strcmp(list->name, name) == 0) {
				*number_ret = number;
				return list;
			}
	return NULL;
}

/* The event at hand is a top-level key. */
static bool
read_top(struct kldsim__spec *spec, uint64_t *seen)
{
	const struct kldsim__spec_list *list = NULL;
	unsigned number = 0;
	const char *name;

	if (spec->event.type != YAML_SCALAR_EVENT)
		return expected(spec, "a key");
	name = text_of(spec);
	while (number < NSINGLES && strcmp(singles[number].name, name) != 0)
		number++;
	if (number == NSINGLES && (list = find_list(name, &number)) == NULL)
		return expected(spec, "machine, kind, options, sections, "
		    "symbols, functions, objects, dpcpu, vnet, modspace, "
		    "relocs, sets, modules, versions, depends, sysinits, "
		    "ctors, types, overrides or another key of docs/spec.md");
	if ((*seen & (uint64_t)1 << number) != 0) {
		kldsim__spec_fail(spec, here(spec),
		    "expected each key once, found %s again", name);
		return false;
	}
	*seen |= (uint64_t)1 << number;
	if (number >= 2 && spec->synth == NULL)
		return expected(spec, "machine and kind before other keys");
	return list == NULL ? singles[number].read(spec) :
	    read_list(spec, list);
}

static void
read_spec(struct kldsim__spec *spec)
{
	uint64_t seen = 0;

	if (!next_is(spec, YAML_STREAM_START_EVENT, "the start") ||
	    !next_is(spec, YAML_DOCUMENT_START_EVENT,
	    "a spec, which begins with machine and kind") ||
	    !next_is(spec, YAML_MAPPING_START_EVENT,
	    "a mapping, which begins with machine and kind"))
		return;
	while (next(spec) && spec->event.type != YAML_MAPPING_END_EVENT)
		if (!read_top(spec, &seen))
			return;
	if (!kldsim__spec_bad(spec) && spec->synth == NULL)
		(void)expected(spec, "machine and kind");
	kldsim__spec_resolve_types(spec);
	(void)(next_is(spec, YAML_DOCUMENT_END_EVENT, "the end") &&
	    next_is(spec, YAML_STREAM_END_EVENT, "one document"));
}

static void
clear_refs(struct kldsim__spec *spec)
{
	size_t i;

	for (i = 0; i < spec->nrefs; i++)
		free(spec->refs[i].name);
	free(spec->refs);
}

/* What a builder's mistake is worth to the reader of a spec. */
static void
take_builder_error(struct kldsim__spec *spec)
{
	if (spec->error.status == KLDSIM_OK && spec->synth != NULL) {
		spec->error = spec->synth->error;
		if (spec->error.status == KLDSIM_ARG)
			spec->error.status = KLDSIM_MALFORMED;
	}
	if (spec->error.status == KLDSIM_NOMEM && spec->error.text[0] == '\0')
		(void)snprintf(spec->error.text, sizeof(spec->error.text),
		    "%.300s: no memory for the spec", spec->name);
}

enum kldsim_status
kldsim_synth_spec_bytes(const void *bytes, size_t size, const char *name,
    struct kldsim_synth **synth_ret, struct kldsim_error *error)
{
	struct kldsim__spec *spec = calloc(1, sizeof(*spec));
	enum kldsim_status status = KLDSIM_NOMEM;

	*synth_ret = NULL;
	if (spec != NULL && yaml_parser_initialize(&spec->parser)) {
		spec->name = name == NULL ? "spec" : name;
		yaml_parser_set_input_string(&spec->parser, bytes, size);
		read_spec(spec);
		take_builder_error(spec);
		yaml_event_delete(&spec->event);
		yaml_parser_delete(&spec->parser);
		clear_values(spec);
		clear_refs(spec);
		status = spec->error.status;
		if (error != NULL)
			*error = spec->error;
		if (status == KLDSIM_OK)
			*synth_ret = spec->synth;
		else
			kldsim_synth_free(spec->synth);
		free(spec->machine);
	} else if (error != NULL) {
		*error = (struct kldsim_error){ .status = KLDSIM_NOMEM,
		    .text = "no memory" };
	}
	free(spec);
	return status;
}

enum kldsim_status
kldsim_synth_spec(const char *path, struct kldsim_synth **synth_ret,
    struct kldsim_error *error)
{
	struct kldsim__synth_buf text = {NULL, 0, 0};
	enum kldsim_status status;

	*synth_ret = NULL;
	status = kldsim__synth_slurp(path, SPEC_MAX, &text, error);
	if (status == KLDSIM_OK)
		status = kldsim_synth_spec_bytes(text.data, text.size, path,
		    synth_ret, error);
	free(text.data);
	return status;
}
