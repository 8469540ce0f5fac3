/* SPDX-License-Identifier: BSD-2-Clause */

/* The header, what it promises, labels and strings (C-03 to C-06). */

#include "types/ctf.h"

#include <string.h>

#include "util/long_string.h"

#define MAGIC 0xcff1
#define COMPRESSED 1u /* of the flags */
#define OTHER_TABLE 0x80000000u /* of references to strings */

static const struct kldsim__ctf_format formats[] = {
	{ .version = 2, .word = 2, .sized = 0xffff, .kind_shift = 11,
	    .root = 1 << 10, .vlen = 0x3ff, .child = 0x8000, .large = 8192,
	    .types = 65535 },
	{ .version = 3, .word = 4, .sized = 0xffffffff, .kind_shift = 26,
	    .root = 1 << 25, .vlen = 0xffffff, .child = 0x80000000,
	    .large = UINT64_C(1) << 29, .types = 0x7fffffff },
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

static bool
malformed(struct kldsim__ctf *ctf, uint64_t at, const char *what)
{
	return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED, at, "%s",
	    what));
}

/* --- the header --- */

/* C-01: the tools write as their own machine does, and release builds cross. */
static bool
read_magic(struct kldsim__ctf *ctf)
{
	const struct kldsim__ctf_section *section = ctf->section;

	ctf->big = section->big;
	if (kldsim__load16(section->bytes, ctf->big) == MAGIC)
		return (true);
	ctf->big = !section->big;
	if (kldsim__load16(section->bytes, ctf->big) != MAGIC)
		return (malformed(ctf, 0, "it does not begin as CTF"));
	kldsim__build_remark(ctf->build, "C-01", 0, "made on a machine of the "
	    "other byte order, %s first; the kernel itself cannot read it",
	    ctf->big ? "most significant" : "least significant");
	return (true);
}

/* Magic, version and flags: the bytes that say how to read the others. */
static bool
read_preamble(struct kldsim__ctf *ctf)
{
	const struct kldsim__ctf_section *section = ctf->section;
	unsigned version, flags;

	if (section->size < KLDSIM__CTF_HEADER)
		return (malformed(ctf, section->size,
		    "it ends within the header, 36 bytes"));
	if (!read_magic(ctf))
		return (false);
	version = section->bytes[2];
	flags = section->bytes[3];
	for (size_t i = 0; i < NFORMATS; i++)
		if (formats[i].version == version)
			ctf->format = &formats[i];
	if (ctf->format == NULL)
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED, 2,
		    "version %u of CTF; FreeBSD has 2 and 3", version));
	if ((flags & ~COMPRESSED) != 0)
		kldsim__build_remark(ctf->build, "C-03", 3,
		    "flags 0x%x, of which only 0x1 means something", flags);
	ctf->compressed = (flags & COMPRESSED) != 0;
	ctf->plain_words = ctf->format->word == 4 &&
	    ctf->big == KLDSIM__HOST_BIG;
	return (true);
}

/* Its parts follow each other, each where it may begin. */
static bool
check_order(struct kldsim__ctf *ctf)
{
	const struct kldsim__ctf_header *h = &ctf->header;
	const struct {
		const char *name;
		uint32_t offset;
		unsigned align;
	} parts[] = {
		{ "labels", h->lbloff, 4 },
		{ "objects", h->objtoff, 2 },
		{ "functions", h->funcoff, 2 },
		{ "types", h->typeoff, 4 },
		{ "strings", h->stroff, 1 },
	};

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const uint64_t at = 12 + 4 * i;

		if (parts[i].offset % parts[i].align != 0)
			return (kldsim__build_fail(ctf->build,
			    KLDSIM_MALFORMED, at, "%s begin at 0x%jx, which is "
			    "no multiple of %u", parts[i].name,
			    (uintmax_t)parts[i].offset, parts[i].align));
		if (i > 0 && parts[i].offset < parts[i - 1].offset)
			return (kldsim__build_fail(ctf->build,
			    KLDSIM_MALFORMED, at, "%s begin at 0x%jx, before "
			    "%s", parts[i].name, (uintmax_t)parts[i].offset,
			    parts[i - 1].name));
	}
	return (true);
}

static bool
read_header(struct kldsim__ctf *ctf)
{
	struct kldsim__ctf_header *h = &ctf->header;
	uint32_t *const words[] = { &h->parlabel, &h->parname, &h->lbloff,
		&h->objtoff, &h->funcoff, &h->typeoff, &h->stroff,
		&h->strlen };

	if (!read_preamble(ctf))
		return (false);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		*words[i] = kldsim__load32(ctf->section->bytes + 4 + 4 * i,
		    ctf->big);
	ctf->data = ctf->section->bytes + KLDSIM__CTF_HEADER;
	ctf->size = (uint64_t)h->stroff + h->strlen;
	return (check_order(ctf));
}

/* --- the data --- */

/* Is it likely at all that so few bytes become so many (C-04)? */
static bool
may_inflate(struct kldsim__ctf *ctf)
{
	const uint64_t stored = ctf->section->size;

	if (stored < UINT64_MAX / 2048 &&
	    ctf->size > 1100 * stored + (64 << 10))
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED, 28,
		    "%ju bytes cannot be %ju bytes compressed",
		    (uintmax_t)ctf->size, (uintmax_t)stored));
	return (kldsim__ctf_inflate(ctf));
}

/* C-31: ld puts sections of one name behind each other, aligned to up to 4. */
static void
look_behind(struct kldsim__ctf *ctf, uint64_t there)
{
	uint64_t next = ctf->size;

	while (next < there && next < ctf->size + 3 && ctf->data[next] == 0)
		next++;
	ctf->unmerged = there >= next + KLDSIM__CTF_HEADER &&
	    kldsim__load16(ctf->data + next, ctf->big) == MAGIC;
	if (ctf->unmerged)
		kldsim__build_remark(ctf->build, "C-31", kldsim__ctf_at(next),
		    "the CTF of another file: ctfmerge(1) was not run; only "
		    "the types of the first file are read");
	else if (ctf->size < there)
		kldsim__build_remark(ctf->build, "C-03",
		    kldsim__ctf_at(ctf->size), "%ju bytes behind the strings",
		    (uintmax_t)(there - ctf->size));
}

static bool
get_data(struct kldsim__ctf *ctf)
{
	const uint64_t there = ctf->section->size - KLDSIM__CTF_HEADER;
	struct kldsim_types_info *info = &ctf->build->types->info;

	info->stored = ctf->section->size;
	info->size = KLDSIM__CTF_HEADER + ctf->size;
	if (!kldsim__build_limited(ctf->build, &ctf->build->limits.type_bytes,
	    ctf->size, "bytes of CTF"))
		return (false);
	if (ctf->compressed)
		return (may_inflate(ctf));
	if (ctf->size > there)
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED, 28,
		    "it has %ju bytes behind its header, which says %ju",
		    (uintmax_t)there, (uintmax_t)ctf->size));
	look_behind(ctf, there);
	return (true);
}

/* --- strings and labels --- */

static bool
get_strings(struct kldsim__ctf *ctf)
{
	const uint64_t at = ctf->header.stroff, size = ctf->header.strlen;

	if (size == 0 || ctf->data[ctf->size - 1] != '\0')
		return (malformed(ctf, kldsim__ctf_at(ctf->size),
		    "the last string has no end"));
	ctf->strings = kldsim__ctf_keep_strings(ctf) ? 0 :
	    kldsim__build_strings(ctf->build, ctf->data + at, size);
	ctf->long_names = kldsim__has_long_string((const char *)ctf->data + at,
	    size);
	ctf->names_end = ctf->long_names ? 0 :
	    size < OTHER_TABLE ? (uint32_t)size : OTHER_TABLE;
	return (!kldsim__build_failed(ctf->build));
}

static bool
name_at(struct kldsim__ctf *ctf, uint64_t at, uint32_t reference,
    uint32_t *name_ret)
{
	*name_ret = 0;
	if ((reference & OTHER_TABLE) != 0)
		return (malformed(ctf, at,
		    "a string of another table, which FreeBSD never makes"));
	if (reference >= ctf->header.strlen)
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED, at,
		    "a string at %ju of %ju", (uintmax_t)reference,
		    (uintmax_t)ctf->header.strlen));
	if (ctf->long_names && strnlen((const char *)ctf->data +
	    ctf->header.stroff + reference, KLDSIM__NAME_LONG + 1) >
	    KLDSIM__NAME_LONG)
		return (kldsim__build_fail(ctf->build, KLDSIM_LIMIT, at,
		    "a name of more than %u bytes", KLDSIM__NAME_LONG));
	if (reference != 0)
		*name_ret = ctf->strings + reference;
	return (true);
}

/* One that is not in the strings, or that may be long. */
bool
kldsim__ctf_odd_name(struct kldsim__ctf *ctf, uint64_t place,
    uint32_t *name_ret)
{
	return (name_at(ctf, kldsim__ctf_at(place),
	    kldsim__ctf_u32(ctf, place), name_ret));
}

/* C-06: one label is all that is ever written. */
static void
read_label(struct kldsim__ctf *ctf, uint32_t *label_ret)
{
	const uint64_t place = ctf->header.lbloff;
	uint32_t reference;

	*label_ret = 0;
	if (ctf->header.objtoff - place < 8)
		return;
	reference = kldsim__ctf_u32(ctf, place);
	if (reference < ctf->header.strlen)
		*label_ret = ctf->strings + reference;
	else
		kldsim__build_remark(ctf->build, "C-06",
		    kldsim__ctf_at(place), "the label is no string");
}

/* --- references to types --- */

/* C-30: one of a file with a parent, or none. */
bool
kldsim__ctf_odd_id(const struct kldsim__ctf *ctf, uint32_t *id)
{
	const uint32_t child = ctf->format->child;

	if (ctf->header.parname == 0)
		return (false);
	if ((*id & child) != 0) {
		*id &= ~child;
		return (*id <= ctf->types);
	}
	if (ctf->parent != NULL && *id >= ctf->parent->ntypes) {
		*id += ctf->types;
		return (false);
	}
	*id = ctf->types + (ctf->parent != NULL ? *id : 1);
	return (true);
}

/* One that is not as it stands. */
bool
kldsim__ctf_take_id(struct kldsim__ctf *ctf, uint64_t place,
    uint32_t *id_ret)
{
	if (!kldsim__ctf_resolve(ctf, place, id_ret))
		return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
		    kldsim__ctf_at(place), "type %ju of %ju",
		    (uintmax_t)*id_ret, (uintmax_t)ctf->types));
	if (*id_ret > ctf->types && ctf->parents++ == 0)
		ctf->first_parent = place;
	return (true);
}

/* --- all of it --- */

static void
tell_of_parent(struct kldsim__ctf *ctf, const char *parent)
{
	if (ctf->parents != 0 && ctf->parent == NULL)
		kldsim__build_remark(ctf->build, "C-30",
		    kldsim__ctf_at(ctf->first_parent), "%ju references, of "
		    "which this is the first, are to types of \"%.100s\", "
		    "where nobody looked", (uintmax_t)ctf->parents, parent);
}

static void
name_all(struct kldsim__ctf *ctf, uint32_t label, uint32_t parent)
{
	struct kldsim_types *types = ctf->build->types;
	struct kldsim_types_info *info = &types->info;

	tell_of_parent(ctf, types->strings + parent);
	info->format = "CTF";
	info->version = ctf->format->version;
	info->compressed = ctf->compressed;
	info->big_endian = ctf->section->big;
	/* Strings move no more. */
	info->label = types->strings + label;
	info->parent = types->strings + parent;
}

/* C-30: by its label, and a file that names none has none. */
static void
find_parent(struct kldsim__ctf *ctf, uint32_t parlabel)
{
	const char *label = ctf->build->types->strings + parlabel;
	const struct kldsim_types *parent = ctf->offered;

	if (ctf->header.parname == 0 || parent == NULL)
		return;
	if (*label != '\0' && strcmp(label, parent->info.label) == 0 &&
	    parent->info.word_bits == ctf->section->word_bits)
		ctf->parent = parent;
	else
		kldsim__build_remark(ctf->build, "C-30", 0, "its parent is "
		    "labelled \"%.100s\", and %.100s is \"%.100s\": its types "
		    "are others", label, parent->info.file,
		    parent->info.label);
}

static bool
read_graph(struct kldsim__ctf *ctf)
{
	struct kldsim__build_rows rows = { 0 };
	struct kldsim__ctf_symbols symbols;

	if (!kldsim__ctf_count_types(ctf, &rows))
		return (false);
	kldsim__ctf_check_symbols(ctf, &symbols, &rows);
	if (!kldsim__build_reserve(ctf->build, &rows) ||
	    !kldsim__ctf_take_types(ctf))
		return (false);
	kldsim__ctf_take_symbols(&symbols);
	return (true);
}

static void
read_section(struct kldsim__ctf *ctf)
{
	uint32_t label, parent, parlabel;

	ctf->build->types->info.word_bits = ctf->section->word_bits;
	if (!read_header(ctf) || !get_data(ctf))
		return;
	if (ctf->compressed) {
		ctf->build->section = KLDSIM__CTF_SECTION ", inflated";
		ctf->build->file_offset = 0;
	}
	if (!get_strings(ctf) ||
	    !name_at(ctf, 4, ctf->header.parlabel, &parlabel) ||
	    !name_at(ctf, 8, ctf->header.parname, &parent))
		return;
	read_label(ctf, &label);
	find_parent(ctf, parlabel);
	if (read_graph(ctf))
		name_all(ctf, label, parent);
}

enum kldsim_status
kldsim__ctf_read(const struct kldsim__ctf_section *section,
    const struct kldsim_types_options *options,
    struct kldsim_types **types_ret, struct kldsim_error *error_ret)
{
	struct kldsim__build build;
	struct kldsim__ctf ctf = { .build = &build, .section = section };
	struct kldsim_types_options all;

	if (!kldsim__build_init(&build, section->file, options, error_ret))
		return (build.status);
	build.section = KLDSIM__CTF_SECTION;
	build.file_offset = section->offset;
	build.types->enums_cut = true;
	if (kldsim__types_options(options, &all) == NULL)
		ctf.offered = all.parent;
	read_section(&ctf);
	kldsim__ctf_release(&ctf);
	return (kldsim__build_finish(&build, types_ret));
}
