/* SPDX-License-Identifier: BSD-2-Clause */
/* The items of a spec that make types, and say which symbols have them. */

#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"
#include "synth/ctf.h"

#define TEXT KLDSIM__SPEC_TEXT
#define NUMBER KLDSIM__SPEC_NUMBER
#define BOOL KLDSIM__SPEC_BOOL
#define WORD KLDSIM__SPEC_WORD
#define FLAGS KLDSIM__SPEC_FLAGS
#define ITEMS KLDSIM__SPEC_ITEMS
#define END {NULL, TEXT, false, NULL, 0}

enum { BIT_FIELD = 64 }; /* bits that one may have */

enum { MEMBER_NAME, MEMBER_TYPE, MEMBER_BIT, MEMBER_BITS };
static const struct kldsim__spec_key member_keys[] = {
	[MEMBER_NAME] = {"name", TEXT, false, NULL, 0},
	[MEMBER_TYPE] = {"type", TEXT, true, NULL, 0},
	[MEMBER_BIT] = {"bit", NUMBER, true, NULL, 0},
	[MEMBER_BITS] = {"bits", NUMBER, false, NULL, BIT_FIELD},
	END,
};

enum { CONSTANT_NAME, CONSTANT_VALUE };
static const struct kldsim__spec_key constant_keys[] = {
	[CONSTANT_NAME] = {"name", TEXT, true, NULL, 0},
	[CONSTANT_VALUE] = {"value", NUMBER, false, NULL, 0},
	END,
};

static const struct kldsim__spec_key argument_keys[] = {
	{"type", TEXT, true, NULL, 0},
	END,
};

enum {
	TYPE_KIND, TYPE_NAME, TYPE_ROOT, TYPE_SIZE, TYPE_TYPE, TYPE_INDEX,
	TYPE_ELEMENTS, TYPE_ENCODING, TYPE_OFFSET, TYPE_BITS, TYPE_MEMBERS,
	TYPE_CONSTANTS, TYPE_ARGUMENTS
};
static const struct kldsim__spec_key type_keys[] = {
	[TYPE_KIND] = {"kind", WORD, true, kldsim__spec_type_kinds, 0},
	[TYPE_NAME] = {"name", TEXT, false, NULL, 0},
	[TYPE_ROOT] = {"root", BOOL, false, NULL, 0},
	[TYPE_SIZE] = {"size", NUMBER, false, NULL, 0},
	[TYPE_TYPE] = {"type", TEXT, false, NULL, 0},
	[TYPE_INDEX] = {"index", TEXT, false, NULL, 0},
	[TYPE_ELEMENTS] = {"elements", NUMBER, false, NULL, UINT32_MAX},
	[TYPE_ENCODING] = {"encoding", TEXT, false, NULL, 0},
	[TYPE_OFFSET] = {"offset", NUMBER, false, NULL, 255},
	[TYPE_BITS] = {"bits", NUMBER, false, NULL, 65535},
	[TYPE_MEMBERS] = {"members", ITEMS, false, NULL, 0},
	[TYPE_CONSTANTS] = {"constants", ITEMS, false, NULL, 0},
	[TYPE_ARGUMENTS] = {"arguments", ITEMS, false, NULL, 0},
	END,
};
static const struct kldsim__spec_key *const type_items[] = {
	[TYPE_MEMBERS] = member_keys, [TYPE_CONSTANTS] = constant_keys,
	[TYPE_ARGUMENTS] = argument_keys,
};

/* The encoding, in the words of an integer or of a float. */
static uint32_t
encoding_of(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	static const struct kldsim__spec_key integer = {"encoding", FLAGS,
	    false, kldsim__spec_integers, 0};
	static const struct kldsim__spec_key real = {"encoding", WORD, false,
	    kldsim__spec_floats, 0};
	const struct kldsim__spec_value *given = &values[TYPE_ENCODING];
	struct kldsim__spec_value value = {.origin = given->origin};

	if (given->given)
		kldsim__spec_convert(spec, values[TYPE_KIND].number ==
		    KLDSIM_SYNTH_CTF_FLOAT ? &real : &integer, given->text,
		    given->size, &value);
	return value.number > UINT32_MAX ? UINT32_MAX :
	    (uint32_t)value.number;
}

/* What the builder takes; what is not given, as compilers mostly have it. */
static struct kldsim_synth_ctf_type
type_of(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	struct kldsim_synth_ctf_type type = {
		.kind = (enum kldsim_synth_ctf_kind)values[TYPE_KIND].number,
		.name = values[TYPE_NAME].text,
		.size = values[TYPE_SIZE].number,
		.type = kldsim__spec_type(spec, &values[TYPE_TYPE], 0),
		.index = kldsim__spec_type(spec, &values[TYPE_INDEX], 0),
		.elements = (uint32_t)values[TYPE_ELEMENTS].number,
		.encoding = encoding_of(spec, values),
		.offset = (uint32_t)values[TYPE_OFFSET].number,
		.bits = (uint32_t)values[TYPE_BITS].number,
	};

	if (values[TYPE_ROOT].given)
		type.root = values[TYPE_ROOT].number != 0 ?
		    KLDSIM_SYNTH_CTF_ROOT : KLDSIM_SYNTH_CTF_HIDDEN;
	if (type.kind == KLDSIM_SYNTH_CTF_ENUM && !values[TYPE_SIZE].given)
		type.size = 4;
	if ((type.kind == KLDSIM_SYNTH_CTF_INTEGER ||
	    type.kind == KLDSIM_SYNTH_CTF_FLOAT) &&
	    !values[TYPE_BITS].given && type.size < BIT_FIELD)
		type.bits = (uint32_t)type.size * 8;
	return type;
}

static void
add_members(struct kldsim__spec *spec, int type,
    const struct kldsim__spec_value *members)
{
	const struct kldsim__spec_value *row;
	size_t i;

	for (i = 0; i < members->nrows && !kldsim__spec_bad(spec); i++) {
		row = members->rows[i].values;
		kldsim_synth_ctf_member(spec->synth, type,
		    row[MEMBER_NAME].text, kldsim__spec_type(spec,
		    &row[MEMBER_TYPE], (uint32_t)row[MEMBER_BITS].number),
		    row[MEMBER_BIT].number);
	}
}

/* A constant without a value is one more than the one before, as in C. */
static void
add_constants(struct kldsim__spec *spec, int type,
    const struct kldsim__spec_value *constants)
{
	const struct kldsim__spec_value *row;
	uint64_t value = UINT64_MAX;
	size_t i;

	for (i = 0; i < constants->nrows && !kldsim__spec_bad(spec); i++) {
		row = constants->rows[i].values;
		value = row[CONSTANT_VALUE].given ?
		    row[CONSTANT_VALUE].number : value + 1;
		if ((int64_t)value < INT32_MIN || (int64_t)value > INT32_MAX) {
			kldsim__spec_fail(spec, row[CONSTANT_NAME].origin,
			    "constants: expected values of 32 bits, signed");
			return;
		}
		kldsim_synth_ctf_enumerator(spec->synth, type,
		    row[CONSTANT_NAME].text, (int32_t)(int64_t)value);
	}
}

static void
apply_type(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	const struct kldsim__spec_value *arguments = &values[TYPE_ARGUMENTS];
	struct kldsim_synth_ctf_type type = type_of(spec, values);
	size_t parts = values[TYPE_MEMBERS].nrows +
	    values[TYPE_CONSTANTS].nrows + arguments->nrows, i;
	int id;

	if (kldsim__spec_bad(spec) || !kldsim__spec_account(spec,
	    &values[TYPE_KIND], sizeof(struct kldsim__synth_ctf_type) +
	    parts * sizeof(struct kldsim__synth_ctf_part)))
		return;
	id = kldsim_synth_ctf_type(spec->synth, &type);
	add_members(spec, id, &values[TYPE_MEMBERS]);
	add_constants(spec, id, &values[TYPE_CONSTANTS]);
	for (i = 0; i < arguments->nrows; i++)
		kldsim_synth_ctf_argument(spec->synth, id,
		    kldsim__spec_type(spec, &arguments->rows[i].values[0], 0));
}

enum { OBJECT_SYMBOL, OBJECT_TYPE };
static const struct kldsim__spec_key object_keys[] = {
	[OBJECT_SYMBOL] = {"symbol", TEXT, true, NULL, 0},
	[OBJECT_TYPE] = {"type", TEXT, true, NULL, 0},
	END,
};

static void
apply_object(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int symbol = kldsim__spec_symbol(spec, &values[OBJECT_SYMBOL]);

	kldsim_synth_ctf_object(spec->synth, symbol,
	    kldsim__spec_type(spec, &values[OBJECT_TYPE], 0));
}

enum { FUNCTION_SYMBOL, FUNCTION_RETURNS, FUNCTION_ARGUMENTS };
static const struct kldsim__spec_key function_keys[] = {
	[FUNCTION_SYMBOL] = {"symbol", TEXT, true, NULL, 0},
	[FUNCTION_RETURNS] = {"returns", TEXT, false, NULL, 0},
	[FUNCTION_ARGUMENTS] = {"arguments", ITEMS, false, NULL, 0},
	END,
};
static const struct kldsim__spec_key *const function_items[] = {
	[FUNCTION_ARGUMENTS] = argument_keys,
};

static void
apply_function(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	const struct kldsim__spec_value *rows = &values[FUNCTION_ARGUMENTS];
	int symbol = kldsim__spec_symbol(spec, &values[FUNCTION_SYMBOL]);
	int returns = kldsim__spec_type(spec, &values[FUNCTION_RETURNS], 0);
	int *arguments;
	size_t i;

	if (kldsim__spec_bad(spec) || !kldsim__spec_account(spec,
	    &values[FUNCTION_SYMBOL],
	    sizeof(struct kldsim__synth_ctf_symbol) +
	    rows->nrows * sizeof(struct kldsim__synth_ctf_part)))
		return;
	arguments = calloc(rows->nrows + 1, sizeof(*arguments));
	for (i = 0; arguments != NULL && i < rows->nrows; i++)
		arguments[i] = kldsim__spec_type(spec,
		    &rows->rows[i].values[0], 0);
	if (arguments == NULL)
		spec->error.status = KLDSIM_NOMEM;
	else
		kldsim_synth_ctf_func(spec->synth, symbol, returns, arguments,
		    rows->nrows);
	free(arguments);
}

enum { LABEL_NAME, LABEL_LAST };
static const struct kldsim__spec_key label_keys[] = {
	[LABEL_NAME] = {"name", TEXT, true, NULL, 0},
	[LABEL_LAST] = {"last", NUMBER, false, NULL, INT32_MAX},
	END,
};

static void
apply_label(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim_synth_ctf_label(spec->synth, values[LABEL_NAME].text,
	    (int)values[LABEL_LAST].number);
}

enum { PARENT_LABEL, PARENT_NAME };
static const struct kldsim__spec_key parent_keys[] = {
	[PARENT_LABEL] = {"label", TEXT, true, NULL, 0},
	[PARENT_NAME] = {"name", TEXT, true, NULL, 0},
	END,
};

static void
apply_parent(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim_synth_ctf_parent(spec->synth, values[PARENT_LABEL].text,
	    values[PARENT_NAME].text);
}

const struct kldsim__spec_list kldsim__spec_type_lists[] = {
	{"types", type_keys, apply_type, false, type_items},
	{"object-types", object_keys, apply_object, false, NULL},
	{"function-types", function_keys, apply_function, false,
	    function_items},
	{"type-labels", label_keys, apply_label, false, NULL},
	{"type-parent", parent_keys, apply_parent, true, NULL},
	{NULL, NULL, NULL, false, NULL},
};
