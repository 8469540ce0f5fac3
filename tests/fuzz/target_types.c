/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: types.  The input is an ELF file, or a byte that chooses and then
 * a section of CTF, which is read beside a symbol table that is always the same,
 * and compressed, too; both alone or with a parent at hand.  Whatever comes of it can be asked, and says the same the
 * second time.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "graph.h"
#include "types/ctf.h"

#define SYMBOLS 25

/* What the first byte chooses. */
enum { BIG = 1, SMALL_WORDS = 2, KERNEL = 4, MIXED = 8, NO_SYMBOLS = 16,
	COMPRESS = 32, CHILD = 64 };

/* --- a parent --- */

/* Who has the types that a child refers to (C-30); NULL: it is not at hand. */
static const struct kldsim_types *parent;

/* The kernel's, of a label that a child's header can name. */
static const struct kldsim_types *
make_parent(void)
{
	static const char spec[] = "machine: amd64\nkind: kernel\n"
	    "options: {ctf-version: 3, ctf-compress: no}\n"
	    "type-labels: [L]\ntypes:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    "  - {kind: pointer, type: 3}\n"
	    "  - {kind: struct, name: foo, size: 16, members: [{name: next, "
	    "type: 2, bit: 0}, {name: n, type: int, bit: 64, bits: 3}]}\n"
	    "  - {kind: typedef, name: foo_t, type: 3}\n";
	static struct kldsim_types *types;
	struct kldsim_synth *synth = NULL;
	struct kldsim_image *image;
	struct kldsim_error error;

	if (types != NULL)
		return (types);
	FUZZ_CHECK(kldsim_synth_spec_bytes(spec, sizeof(spec) - 1, "parent",
	    &synth, &error) == KLDSIM_OK, "%s", error.text);
	image = fuzz_made(synth, "parent");
	FUZZ_CHECK(kldsim_types_read(image, NULL, &types, &error) ==
	    KLDSIM_OK, "%s", error.text);
	kldsim_image_unref(image);
	return (types);
}

static void
limit(struct kldsim_types_options *options)
{
	kldsim_types_options_init(options, sizeof(*options));
	options->parent = parent;
	options->limits.types = 1 << 14;
	options->limits.type_members = 1 << 16;
	options->limits.type_strings = 1 << 20;
	options->limits.type_bytes = 1 << 20;
	options->limits.findings = 20;
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
	return (types != NULL ? fuzz_graph(types) | 1 : 0);
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
	parent = (choice & CHILD) != 0 ? make_parent() : NULL;
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
		(void)fuzz_graph(types);
	kldsim_image_unref(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);

	parent = fuzz_choose(&choices, 2) != 0 ? make_parent() : NULL;
	if (file.left >= 4 && memcmp(file.at, "\177ELF", 4) == 0)
		target_file(&file);
	else if (size != 0)
		target_section(data[0], data + 1, size - 1);
	return (0);
}
