/* SPDX-License-Identifier: BSD-2-Clause */

/* What is true of every graph of types, whoever read it. */

#include "graph.h"

#include <string.h>

#include "fuzz.h"
#include "types/neutral.h"

static uint64_t digest;

static void
add(uint64_t number)
{
	digest = (digest ^ number) * 0x9e3779b97f4a7c15u;
	digest ^= digest >> 29;
}

static void
add_text(const char *text)
{
	add(strlen(text));
	for (; *text != '\0'; text++)
		add((unsigned char)*text);
}

static void
check_parts(const struct kldsim_types *types, kldsim_type_id id,
    const struct kldsim_type *type, uint32_t ids)
{
	struct kldsim_type_member member;
	struct kldsim_type_value value;
	kldsim_type_id argument;
	uint64_t parts = 0;

	for (; kldsim_type_member(types, id, parts, &member) == KLDSIM_OK;
	    parts++) {
		FUZZ_CHECK(member.type <= ids, "a member of no type");
		FUZZ_CHECK(!member.bits_at_most || member.bits != 0,
		    "at most no bits");
		add_text(member.name);
		add(member.type);
		add(member.bit_offset);
		add(member.bits);
	}
	for (; kldsim_type_value(types, id, parts, &value) == KLDSIM_OK;
	    parts++) {
		add_text(value.name);
		add((uint64_t)value.value);
	}
	for (; kldsim_type_argument(types, id, parts, &argument) == KLDSIM_OK;
	    parts++) {
		FUZZ_CHECK(argument <= ids, "an argument of no type");
		add(argument);
	}
	FUZZ_CHECK(type->kind == KLDSIM_TYPE_ARRAY || parts == type->count,
	    "%ju parts of %ju", (uintmax_t)parts, (uintmax_t)type->count);
}

static void
check_neutral(const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim__neutral neutral;
	struct kldsim__neutral_walk walk;
	struct kldsim__neutral_member member;
	unsigned told = 0;

	kldsim__neutral(types, id, &neutral);
	add(neutral.kind);
	add(neutral.bits);
	add_text(neutral.handle);
	FUZZ_CHECK(neutral.id == kldsim_type_strip(types, id),
	    "another type");
	kldsim__neutral_members(types, id, 64, &walk);
	for (; kldsim__neutral_next(&walk, &member); told++)
		add_text(member.name);
	FUZZ_CHECK(told <= 64, "more members than were asked for");
}

static void
check_text(const struct kldsim_types *types, kldsim_type_id id)
{
	char text[200], cut[20];

	kldsim_type_text(types, id, "x", text, sizeof(text));
	kldsim_type_text(types, id, "x", cut, sizeof(cut));
	FUZZ_CHECK(strlen(text) < sizeof(text) && strlen(cut) < sizeof(cut),
	    "a text that is too long");
	FUZZ_CHECK(strlen(text) >= sizeof(cut) || strcmp(text, cut) == 0,
	    "'%s' and '%s'", text, cut);
	add_text(text);
}

static void
check_type(const struct kldsim_types *types, kldsim_type_id id, uint32_t ids)
{
	const kldsim_type_id stripped = kldsim_type_strip(types, id);
	struct kldsim_type type, bare;

	FUZZ_CHECK(kldsim_type_get(types, id, &type) == KLDSIM_OK, "no type");
	FUZZ_CHECK(type.kind <= KLDSIM_TYPE_RESTRICT, "kind %d", type.kind);
	FUZZ_CHECK(type.target <= ids, "refers to nothing");
	FUZZ_CHECK(stripped <= ids &&
	    kldsim_type_strip(types, stripped) == stripped, "stripped twice");
	if (kldsim_type_get(types, stripped, &bare) == KLDSIM_OK)
		FUZZ_CHECK(bare.size == type.size && bare.kind <
		    KLDSIM_TYPE_TYPEDEF, "a typedef of another size");
	else
		FUZZ_CHECK(type.size == 0, "void of %ju bytes",
		    (uintmax_t)type.size);
	add(type.kind);
	add_text(type.name);
	add(type.size);
	add(type.target);
	add(type.offset);
	check_parts(types, id, &type, ids);
	check_text(types, id);
	check_neutral(types, id);
}

/* A name leads to all that have it, in order. */
static void
check_name(const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim_type type;
	kldsim_type_id found = 0, before;
	bool met = false;

	FUZZ_CHECK(kldsim_type_get(types, id, &type) == KLDSIM_OK, "no type");
	if (*type.name == '\0')
		return;
	do {
		before = found;
		found = kldsim_types_find(types, type.name, before);
		FUZZ_CHECK(found == 0 || found > before, "found backwards");
		met = met || found == id;
	} while (found != 0 && found < id);
	FUZZ_CHECK(met, "%s is not found", type.name);
}

static void
check_symbols(const struct kldsim_types *types,
    const struct kldsim_types_info *info)
{
	struct kldsim_typed_symbol symbol, same;
	struct kldsim_type type;
	uint32_t count = 0, last = 0, functions = 0;

	for (; kldsim_types_symbol(types, count, &symbol) == KLDSIM_OK;
	    count++) {
		FUZZ_CHECK(count == 0 || symbol.index > last,
		    "symbols out of order");
		last = symbol.index;
		functions += symbol.function;
		FUZZ_CHECK(symbol.type != 0 && kldsim_type_get(types,
		    symbol.type, &type) == KLDSIM_OK, "a symbol of no type");
		FUZZ_CHECK(!symbol.function ||
		    type.kind == KLDSIM_TYPE_FUNCTION,
		    "a function that is none");
		FUZZ_CHECK(kldsim_types_symbol_at(types, last, &same) ==
		    KLDSIM_OK && same.type == symbol.type, "another symbol");
		add_text(symbol.name);
		add(symbol.type);
	}
	FUZZ_CHECK(count == info->functions + info->variables &&
	    functions == info->functions, "symbols of another number");
	FUZZ_CHECK(info->no_functions == NULL || info->functions == 0,
	    "functions, and none");
	FUZZ_CHECK(info->no_variables == NULL || info->variables == 0,
	    "variables, and none");
}

uint64_t
fuzz_graph(struct kldsim_types *types)
{
	struct kldsim_types_remark remark;
	struct kldsim_types_info info;

	digest = 0;
	kldsim_types_info(types, &info);
	FUZZ_CHECK(info.types <= info.ids, "more types than ids");
	for (kldsim_type_id id = 1; id <= info.ids; id++)
		check_type(types, id, info.ids);
	for (kldsim_type_id id = 1; id <= info.ids && id < 100; id++)
		check_name(types, id);
	check_symbols(types, &info);
	for (uint32_t i = 0; i < info.remarks; i++) {
		FUZZ_CHECK(kldsim_types_remark(types, i, &remark) ==
		    KLDSIM_OK && *remark.text != '\0', "an empty remark");
		add(remark.offset);
	}
	kldsim_types_free(types);
	return (digest);
}
