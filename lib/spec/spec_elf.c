/* SPDX-License-Identifier: BSD-2-Clause */
/* The items of a spec that any ELF file has, as data, and what they build. */

#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"

#define TEXT KLDSIM__SPEC_TEXT
#define NUMBER KLDSIM__SPEC_NUMBER
#define BOOL KLDSIM__SPEC_BOOL
#define BYTES KLDSIM__SPEC_BYTES
#define WORD KLDSIM__SPEC_WORD
#define FLAGS KLDSIM__SPEC_FLAGS
#define END {NULL, TEXT, false, NULL, 0}

/* May that much more be kept in memory? */
bool
kldsim__spec_account(struct kldsim__spec *spec,
    const struct kldsim__spec_value *where, uint64_t size)
{
	if (size > KLDSIM__SPEC_CONTENT - spec->content) {
		kldsim__spec_fail(spec, where->origin, "expected no more than "
		    "%d bytes of contents in one file, found another %llu",
		    KLDSIM__SPEC_CONTENT, (unsigned long long)size);
		return false;
	}
	spec->content += size;
	return true;
}

/* "#N" is the N-th of count things, counted from 1. */
static bool
is_number(struct kldsim__spec *spec, const struct kldsim__spec_value *value,
    size_t count, const char *what, int *id_ret)
{
	uint64_t number;

	if (value->text[0] != '#')
		return false;
	if (!kldsim__spec_number(value->text + 1, &number) || number == 0 ||
	    number >= count) {
		kldsim__spec_fail(spec, value->origin,
		    "expected # and the number of a %s from 1 to %zu, "
		    "found %.40s", what, count - 1, value->text);
		number = 0;
	}
	*id_ret = (int)number;
	return true;
}

/* A section made before; 0 if the key is not given. */
static int
section_of(struct kldsim__spec *spec, const struct kldsim__spec_value *value)
{
	int id;

	if (!value->given || is_number(spec, value, spec->synth->nsections,
	    "section", &id))
		return value->given ? id : 0;
	id = kldsim__synth_find_section(spec->synth, value->text);
	if (id == 0)
		kldsim__spec_fail(spec, value->origin, "expected the name of "
		    "a section made before, found \"%.60s\"", value->text);
	return id;
}

/* A symbol; an unknown name becomes a GLOBAL undefined one. */
int
kldsim__spec_symbol(struct kldsim__spec *spec,
    const struct kldsim__spec_value *value)
{
	int id;

	if (!value->given || is_number(spec, value, spec->synth->nsymbols,
	    "symbol", &id))
		return value->given ? id : 0;
	return kldsim_synth_ref(spec->synth, value->text);
}

void
kldsim__spec_finish_symbol(struct kldsim__spec *spec, int symbol,
    const struct kldsim__spec_value *bind,
    const struct kldsim__spec_value *dynamic)
{
	if (symbol == 0)
		return;
	if (bind->given)
		(void)kldsim_synth_bind(spec->synth, symbol,
		    (int)bind->number);
	if (dynamic->given)
		(void)kldsim_synth_dynamic(spec->synth, symbol,
		    dynamic->number != 0);
}

enum {
	SECTION_NAME, SECTION_TYPE, SECTION_FLAGS, SECTION_ALIGN,
	SECTION_ADDRESS, SECTION_ENTSIZE, SECTION_SIZE, SECTION_BYTES,
	SECTION_TEXT
};
static const struct kldsim__spec_key section_keys[] = {
	[SECTION_NAME] = {"name", TEXT, true, NULL, 0},
	[SECTION_TYPE] = {"type", WORD, false, kldsim__spec_section_types, 0},
	[SECTION_FLAGS] = {"flags", FLAGS, false, kldsim__spec_section_flags,
	    0},
	[SECTION_ALIGN] = {"align", NUMBER, false, NULL, 0},
	[SECTION_ADDRESS] = {"address", NUMBER, false, NULL, 0},
	[SECTION_ENTSIZE] = {"entsize", NUMBER, false, NULL, 0},
	[SECTION_SIZE] = {"size", NUMBER, false, NULL, 0},
	[SECTION_BYTES] = {"bytes", BYTES, false, NULL, 0},
	[SECTION_TEXT] = {"text", TEXT, false, NULL, 0},
	END,
};

/* What a section begins with, and zeros up to its size. */
static void
fill_section(struct kldsim__spec *spec, const struct kldsim__spec_value *values,
    int section, uint32_t type)
{
	const struct kldsim__spec_value *size = &values[SECTION_SIZE];
	const struct kldsim__spec_value *bytes = values[SECTION_TEXT].given ?
	    &values[SECTION_TEXT] : &values[SECTION_BYTES];
	uint64_t have = bytes->size + (bytes == &values[SECTION_TEXT]);

	if (size->given && size->number < have) {
		kldsim__spec_fail(spec, size->origin,
		    "size: expected at least the %llu bytes given, found %llu",
		    (unsigned long long)have,
		    (unsigned long long)size->number);
		return;
	}
	if (type != SHT_NOBITS && !kldsim__spec_account(spec,
	    size->given ? size : bytes, size->given ? size->number : have))
		return;
	if (bytes->given)
		(void)kldsim_synth_append(spec->synth, section, bytes->text,
		    have);
	if (size->given)
		(void)kldsim_synth_append(spec->synth, section, NULL,
		    size->number - have);
}

static void
apply_section(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	uint32_t type;
	uint64_t flags, align;
	int section;

	kldsim__synth_usual(spec->synth, values[SECTION_NAME].text, &type,
	    &flags, &align);
	if (values[SECTION_TYPE].given)
		type = (uint32_t)values[SECTION_TYPE].number;
	if (values[SECTION_FLAGS].given)
		flags = values[SECTION_FLAGS].number;
	if (values[SECTION_ALIGN].given)
		align = values[SECTION_ALIGN].number;
	section = kldsim_synth_section(spec->synth, values[SECTION_NAME].text,
	    type, flags, align);
	kldsim_synth_section_fields(spec->synth, section,
	    values[SECTION_ADDRESS].given ? &values[SECTION_ADDRESS].number :
	    NULL, values[SECTION_ENTSIZE].number);
	fill_section(spec, values, section, type);
}

enum {
	SYMBOL_NAME, SYMBOL_BIND, SYMBOL_TYPE, SYMBOL_SECTION, SYMBOL_PLACE,
	SYMBOL_VALUE, SYMBOL_SIZE, SYMBOL_OTHER, SYMBOL_DYNAMIC
};
static const struct kldsim__spec_key symbol_keys[] = {
	[SYMBOL_NAME] = {"name", TEXT, false, NULL, 0},
	[SYMBOL_BIND] = {"bind", WORD, false, kldsim__spec_bindings, 0},
	[SYMBOL_TYPE] = {"type", WORD, false, kldsim__spec_symbol_types, 0},
	[SYMBOL_SECTION] = {"section", TEXT, false, NULL, 0},
	[SYMBOL_PLACE] = {"place", WORD, false, kldsim__spec_places, 0},
	[SYMBOL_VALUE] = {"value", NUMBER, false, NULL, 0},
	[SYMBOL_SIZE] = {"size", NUMBER, false, NULL, 0},
	[SYMBOL_OTHER] = {"other", NUMBER, false, NULL, 255},
	[SYMBOL_DYNAMIC] = {"dynamic", BOOL, false, NULL, 0},
	END,
};

/* Does the item say no more than that it is a section's own symbol? */
static bool
is_section_symbol(const struct kldsim__spec *spec,
    const struct kldsim__spec_value *values, int section)
{
	return values[SYMBOL_TYPE].number == STT_SECTION && section > 0 &&
	    !values[SYMBOL_NAME].given && values[SYMBOL_VALUE].number == 0 &&
	    values[SYMBOL_SIZE].number == 0 &&
	    spec->synth->sections[section].section_symbol == 0;
}

static void
apply_symbol(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int section = section_of(spec, &values[SYMBOL_SECTION]), symbol;
	int bind = values[SYMBOL_TYPE].number == STT_SECTION ||
	    values[SYMBOL_TYPE].number == STT_FILE ? STB_LOCAL : STB_GLOBAL;

	if (kldsim__spec_bad(spec))
		return;
	if (values[SYMBOL_PLACE].given && (section != 0 ||
	    values[SYMBOL_PLACE].number > -KLDSIM_SYNTH_COMMON)) {
		kldsim__spec_fail(spec, values[SYMBOL_PLACE].origin,
		    "place: expected undef, abs or common, and no section");
		return;
	}
	if (values[SYMBOL_PLACE].given)
		section = -(int)values[SYMBOL_PLACE].number;
	if (is_section_symbol(spec, values, section))
		symbol = kldsim_synth_section_symbol(spec->synth, section);
	else
		symbol = kldsim_synth_symbol(spec->synth,
		    values[SYMBOL_NAME].text, bind,
		    (int)values[SYMBOL_TYPE].number, section,
		    values[SYMBOL_VALUE].number, values[SYMBOL_SIZE].number);
	if (values[SYMBOL_OTHER].given)
		(void)kldsim_synth_other(spec->synth, symbol,
		    (unsigned)values[SYMBOL_OTHER].number);
	kldsim__spec_finish_symbol(spec, symbol, &values[SYMBOL_BIND],
	    &values[SYMBOL_DYNAMIC]);
}

enum { CODE_NAME, CODE_BIND, CODE_DYNAMIC };
static const struct kldsim__spec_key code_keys[] = {
	[CODE_NAME] = {"name", TEXT, true, NULL, 0},
	[CODE_BIND] = {"bind", WORD, false, kldsim__spec_bindings, 0},
	[CODE_DYNAMIC] = {"dynamic", BOOL, false, NULL, 0},
	END,
};

static void
apply_function(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	kldsim__spec_finish_symbol(spec, kldsim_synth_func(spec->synth,
	    values[CODE_NAME].text), &values[CODE_BIND],
	    &values[CODE_DYNAMIC]);
}

static void
apply_ifunc(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim__spec_finish_symbol(spec, kldsim_synth_ifunc(spec->synth,
	    values[CODE_NAME].text), &values[CODE_BIND],
	    &values[CODE_DYNAMIC]);
}

enum {
	RELOC_IN, RELOC_AT, RELOC_TYPE, RELOC_SYMBOL, RELOC_SECTION,
	RELOC_ADDEND, RELOC_WEAK, RELOC_RELA
};
static const struct kldsim__spec_key reloc_keys[] = {
	[RELOC_IN] = {"in", TEXT, true, NULL, 0},
	[RELOC_AT] = {"at", NUMBER, true, NULL, 0},
	[RELOC_TYPE] = {"type", TEXT, false, NULL, 0},
	[RELOC_SYMBOL] = {"symbol", TEXT, false, NULL, 0},
	[RELOC_SECTION] = {"section", TEXT, false, NULL, 0},
	[RELOC_ADDEND] = {"addend", NUMBER, false, NULL, 0},
	[RELOC_WEAK] = {"weak", BOOL, false, NULL, 0},
	[RELOC_RELA] = {"rela", BOOL, false, NULL, 0},
	END,
};

/* What a relocation or pointer is against: a symbol, a section, or nothing. */
static int
target_of(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int section;

	if (values[RELOC_SYMBOL].given && values[RELOC_SECTION].given) {
		kldsim__spec_fail(spec, values[RELOC_SECTION].origin,
		    "section: expected either a symbol or a section");
		return 0;
	}
	if (values[RELOC_SECTION].given) {
		section = section_of(spec, &values[RELOC_SECTION]);
		return section == 0 ? 0 :
		    kldsim_synth_section_symbol(spec->synth, section);
	}
	if (values[RELOC_SYMBOL].given && values[RELOC_WEAK].number != 0 &&
	    values[RELOC_SYMBOL].text[0] != '#')
		return kldsim_synth_weak_ref(spec->synth,
		    values[RELOC_SYMBOL].text);
	return kldsim__spec_symbol(spec, &values[RELOC_SYMBOL]);
}

/* A relocation; without a type a pointer, as the machine and kind have it. */
static void
apply_reloc(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	struct kldsim_synth *synth = spec->synth;
	int section = section_of(spec, &values[RELOC_IN]);
	int target = target_of(spec, values);
	uint64_t rela = synth->options[KLDSIM_SYNTH_RELA];

	if (kldsim__spec_bad(spec))
		return;
	if (values[RELOC_RELA].given)
		kldsim_synth_option(synth, KLDSIM_SYNTH_RELA,
		    values[RELOC_RELA].number);
	if (values[RELOC_TYPE].given)
		(void)kldsim_synth_reloc(synth, section,
		    values[RELOC_AT].number, values[RELOC_TYPE].text, target,
		    (int64_t)values[RELOC_ADDEND].number);
	else
		kldsim_synth_pointer(synth, section, values[RELOC_AT].number,
		    target, (int64_t)values[RELOC_ADDEND].number);
	kldsim_synth_option(synth, KLDSIM_SYNTH_RELA, rela);
}

enum { SEGMENT_TYPE, SEGMENT_FLAGS, SEGMENT_FIRST, SEGMENT_LAST };
static const struct kldsim__spec_key segment_keys[] = {
	[SEGMENT_TYPE] = {"type", WORD, true, kldsim__spec_segment_types, 0},
	[SEGMENT_FLAGS] = {"flags", FLAGS, false, kldsim__spec_segment_flags,
	    0},
	[SEGMENT_FIRST] = {"first", TEXT, false, NULL, 0},
	[SEGMENT_LAST] = {"last", TEXT, false, NULL, 0},
	END,
};

static void
apply_segment(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	int first = section_of(spec, &values[SEGMENT_FIRST]);
	int last = values[SEGMENT_LAST].given ?
	    section_of(spec, &values[SEGMENT_LAST]) : first;

	if (!kldsim__spec_bad(spec))
		kldsim_synth_segment(spec->synth,
		    (uint32_t)values[SEGMENT_TYPE].number,
		    (uint32_t)values[SEGMENT_FLAGS].number, first, last);
}

enum { STORE_IN, STORE_AT, STORE_BYTES };
static const struct kldsim__spec_key store_keys[] = {
	[STORE_IN] = {"in", TEXT, true, NULL, 0},
	[STORE_AT] = {"at", NUMBER, true, NULL, 0},
	[STORE_BYTES] = {"bytes", BYTES, true, NULL, 0},
	END,
};

static void
apply_store(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int section = section_of(spec, &values[STORE_IN]);

	if (!kldsim__spec_bad(spec))
		kldsim_synth_store(spec->synth, section,
		    values[STORE_AT].number, values[STORE_BYTES].text,
		    values[STORE_BYTES].size);
}

enum { POKE_AT, POKE_BYTES };
static const struct kldsim__spec_key poke_keys[] = {
	[POKE_AT] = {"at", NUMBER, true, NULL, 0},
	[POKE_BYTES] = {"bytes", BYTES, true, NULL, 0},
	END,
};

static void
apply_poke(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim_synth_poke(spec->synth, values[POKE_AT].number,
	    values[POKE_BYTES].text, values[POKE_BYTES].size);
}

const struct kldsim__spec_list kldsim__spec_elf_lists[] = {
	{"sections", section_keys, apply_section, false, NULL},
	{"symbols", symbol_keys, apply_symbol, false, NULL},
	{"functions", code_keys, apply_function, false, NULL},
	{"ifuncs", code_keys, apply_ifunc, false, NULL},
	{"relocs", reloc_keys, apply_reloc, false, NULL},
	{"stores", store_keys, apply_store, false, NULL},
	{"segments", segment_keys, apply_segment, false, NULL},
	{"pokes", poke_keys, apply_poke, false, NULL},
	{NULL, NULL, NULL, false, NULL},
};
