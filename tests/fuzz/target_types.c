/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: types.  The input is an ELF file, or a byte that chooses and then
 * a section of CTF, which is read beside a symbol table that is always the same,
 * and compressed, too.  Whatever comes of it can be asked, and says the same the
 * second time.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "types/ctf.h"
#include "types/neutral.h"

#define SYMBOLS 25

/* What the first byte chooses. */
enum { BIG = 1, SMALL_WORDS = 2, KERNEL = 4, MIXED = 8, NO_SYMBOLS = 16,
	COMPRESS = 32 };

static void
limit(struct kldsim_types_options *options)
{
	kldsim_types_options_init(options);
	options->limits.types = 1 << 14;
	options->limits.type_members = 1 << 16;
	options->limits.type_strings = 1 << 20;
	options->limits.type_bytes = 1 << 20;
	options->limits.findings = 20;
}

/* --- what is true of every graph --- */

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
		    (type.kind == KLDSIM_TYPE_FUNCTION && type.made),
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

/* All there is, as a number; the types are freed. */
static uint64_t
check(struct kldsim_types *types)
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

/* --- a section --- */

/* Functions and objects in turn; a symbol of each kind that does not count. */
static void
make_symbols(struct kldsim__ctf_section *section, uint8_t *syms,
    unsigned choice)
{
	static const char strings[] = "\0a\0b\0_START_\0_END_";
	const unsigned each = (choice & SMALL_WORDS) != 0 ? 16 : 24;

	section->symbols.syms = syms;
	section->symbols.count = SYMBOLS;
	section->symbols.is64 = each == 24;
	section->symbols.big = section->big;
	kldsim__symview_set_strings(&section->symbols,
	    (const uint8_t *)strings, sizeof(strings));
	memset(syms, 0, (size_t)SYMBOLS * each);
	for (unsigned i = 1; i < SYMBOLS; i++) {
		uint8_t *sym = syms + (size_t)i * each;
		const unsigned bind = (choice & MIXED) != 0 && i > SYMBOLS / 2;

		kldsim__store(sym, 4, section->big, i % 10 == 9 ? 0 :
		    i % 20 == 8 ? 5 : 1 + 2 * (i % 2));
		sym[each == 24 ? 4 : 12] = (uint8_t)(bind << 4 |
		    (i % 7 == 6 ? STT_NOTYPE : i % 3 == 0 ? STT_OBJECT :
		    STT_FUNC));
		kldsim__store(sym + (each == 24 ? 6 : 14), 2, section->big,
		    i % 11 == 10 ? SHN_UNDEF : 1);
	}
}

/* Read it; 0 for a refusal. */
static uint64_t
read_section(const struct kldsim__ctf_section *section)
{
	struct kldsim_types_options options;
	struct kldsim_types *types = NULL;
	struct kldsim_error error;
	enum kldsim_status status;

	limit(&options);
	error.text[0] = '\0';
	status = kldsim__ctf_read(section, &options, &types, &error);
	FUZZ_CHECK(status != KLDSIM_NOMEM, "no memory");
	FUZZ_CHECK((status == KLDSIM_OK) == (types != NULL), "status %d",
	    status);
	FUZZ_CHECK(status == KLDSIM_OK || (error.status == status &&
	    error.text[0] != '\0'), "status %d, and nothing said", status);
	return (types != NULL ? check(types) | 1 : 0);
}

/* Compressed it says the same, but for what is behind its data. */
static void
read_compressed(const struct kldsim__ctf_section *plain, uint64_t same)
{
	struct kldsim__ctf_section section = *plain;
	uLongf packed = compressBound((uLong)plain->size);
	uint8_t *bytes = malloc(36 + packed);
	uint64_t size = 0;

	FUZZ_CHECK(bytes != NULL, "malloc");
	for (unsigned at = 28; at <= 32; at += 4)
		size += kldsim__load32(plain->bytes + at, plain->big);
	if (same != 0 && (plain->bytes[3] & 1) == 0 &&
	    size == plain->size - 36) {
		memcpy(bytes, plain->bytes, 36);
		bytes[3] |= 1;
		FUZZ_CHECK(compress2(bytes + 36, &packed, plain->bytes + 36,
		    (uLong)size, 1) == Z_OK, "compress2");
		section.bytes = bytes;
		section.size = 36 + packed;
		FUZZ_CHECK(read_section(&section) == same,
		    "compressed it says something else");
	}
	free(bytes);
}

static void
target_section(unsigned choice, const uint8_t *bytes, size_t size)
{
	uint8_t syms[SYMBOLS * 24];
	struct kldsim__ctf_section section = { .file = "f", .bytes = bytes,
		.size = size, .word_bits = (choice & SMALL_WORDS) != 0 ? 32 :
		64, .big = (choice & BIG) != 0,
		.kernel = (choice & KERNEL) != 0 };
	uint64_t first;

	make_symbols(&section, syms, choice);
	if ((choice & NO_SYMBOLS) != 0)
		section.no_symbols = "none";
	first = read_section(&section);
	FUZZ_CHECK(read_section(&section) == first, "another graph");
	if ((choice & COMPRESS) != 0 && size >= 36)
		read_compressed(&section, first);
}

static void
target_file(const struct fuzz_bytes *file)
{
	struct kldsim_image *image = fuzz_image(file, "f");
	struct kldsim_types_options options;
	struct kldsim_types *types = NULL;
	struct kldsim_error error;

	limit(&options);
	if (kldsim_types_read(image, &options, &types, &error) == KLDSIM_OK)
		(void)check(types);
	kldsim_image_unref(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;

	(void)fuzz_split(data, size, &file);
	if (file.left >= 4 && memcmp(file.at, "\177ELF", 4) == 0)
		target_file(&file);
	else if (size != 0)
		target_section(data[0], data + 1, size - 1);
	return (0);
}
