/* SPDX-License-Identifier: BSD-2-Clause */

/* Compressed debug sections (W-32): zlib, zstd, and the ".zdebug" of old. */

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef KLDSIM_LIBZSTD
#include <zstd.h>
#endif

#include "dwarf/bytes.h"
#include "dwarf/sections.h"
#include "late.h"

/* The gABI's numbers, which older headers have not. */
enum { ZLIB = 1, ZSTD = 2 };

/* zlib can do no better than 1032 : 1; zstd has no such bound. */
#define RATIO 1100
#define SLACK (64 << 10)
#define MOST (UINT64_C(1) << 30)

struct packed {
	unsigned type;
	uint64_t size;        /* inflated */
	const uint8_t *bytes;
	uint64_t left;
};

/* Elf32_Chdr: type, size, alignment; Elf64_Chdr: type, a word, both wide. */
static bool
read_header(const struct dwarf_sections *sections,
    const struct dwarf_section *section, bool old_style,
    struct packed *packed_ret)
{
	const unsigned header = old_style ? 12 : sections->wide ? 24 : 12;
	const uint8_t *at = section->bytes;

	if (section->size < header || (old_style && memcmp(at, "ZLIB", 4) != 0))
		return (false);
	packed_ret->type = old_style ? ZLIB :
	    (unsigned)load_number(at, 4, sections->big);
	if (old_style)
		packed_ret->size = load_number(at + 4, 8, true);
	else
		packed_ret->size = sections->wide ?
		    load_number(at + 8, 8, sections->big) :
		    load_number(at + 4, 4, sections->big);
	packed_ret->bytes = at + header;
	packed_ret->left = section->size - header;
	return (true);
}

static bool
inflate_zlib(const struct packed *packed, uint8_t *to)
{
	z_stream stream;
	bool good;

	if (packed->left > UINT32_MAX)
		return (false);
	memset(&stream, 0, sizeof(stream));
	stream.next_in = (Bytef *)(uintptr_t)packed->bytes;
	stream.avail_in = (uInt)packed->left;
	stream.next_out = to;
	stream.avail_out = (uInt)packed->size;
	if (inflateInit(&stream) != Z_OK)
		return (false);
	good = inflate(&stream, Z_FINISH) == Z_STREAM_END &&
	    stream.avail_out == 0;
	(void)inflateEnd(&stream);
	return (good);
}

#ifdef KLDSIM_LIBZSTD

typedef size_t zstd_decompress(void *to, size_t room, const void *from,
    size_t size);

/* Loaded when it is needed, as libdw is.  NULL: it is there; else why not. */
static const char *
find_zstd(zstd_decompress **found_ret)
{
#ifdef KLDSIM_LIBZSTD_SONAME
	static const struct late_row row = { "ZSTD_decompress", 0 };

	return (late_load(KLDSIM_LIBZSTD_SONAME, &row, 1, found_ret));
#else
	*found_ret = ZSTD_decompress;
	return (NULL);
#endif
}

static bool
inflate_zstd(const struct packed *packed, uint8_t *to)
{
	zstd_decompress *decompress;

	return (find_zstd(&decompress) == NULL && decompress(to,
	    (size_t)packed->size, packed->bytes, (size_t)packed->left) ==
	    packed->size);
}

static const char *
why_no_zstd(void)
{
	zstd_decompress *unused;

	return (find_zstd(&unused));
}

#else /* KLDSIM_LIBZSTD */

static bool
inflate_zstd(const struct packed *packed, uint8_t *to)
{
	(void)packed;
	(void)to;
	return (false);
}

static const char *
why_no_zstd(void)
{
	return ("built without libzstd");
}

#endif /* KLDSIM_LIBZSTD */

void
dwarf_inflate_prepare(void)
{
	(void)why_no_zstd();
}

/* NULL: it can be undone; else why not. */
static const char *
why_packed(unsigned type)
{
	if (type == ZLIB)
		return (NULL);
	return (type == ZSTD ? why_no_zstd() : "nobody has told it how");
}

enum kldsim_status
dwarf_inflate(struct dwarf_sections *sections, enum dwarf_section_name name,
    bool old_style, struct kldsim_error *error)
{
	struct dwarf_section *section = &sections->all[name];
	const char *called = dwarf_section_called(name);
	struct packed packed;
	const char *why;
	uint8_t *bytes;

	if (!read_header(sections, section, old_style, &packed))
		return (dwarf_fail(error, KLDSIM_MALFORMED, sections->file,
		    "section .debug_%s is compressed, and has no header of "
		    "that", called));
	why = why_packed(packed.type);
	if (why != NULL)
		return (dwarf_fail(error, KLDSIM_UNSUPPORTED, sections->file,
		    "section .debug_%s is compressed by method %u, which this "
		    "kldsim cannot undo: %s", called, packed.type, why));
	if (packed.size > MOST || (packed.type == ZLIB &&
	    packed.size / RATIO > packed.left + SLACK / RATIO))
		return (dwarf_fail(error, KLDSIM_MALFORMED, sections->file,
		    "section .debug_%s says that its %ju bytes become %ju",
		    called, (uintmax_t)packed.left, (uintmax_t)packed.size));
	bytes = need(malloc((size_t)packed.size + 1));
	if (!(packed.type == ZLIB ? inflate_zlib(&packed, bytes) :
	    inflate_zstd(&packed, bytes))) {
		free(bytes);
		return (dwarf_fail(error, KLDSIM_MALFORMED, sections->file,
		    "section .debug_%s does not become the %ju bytes that it "
		    "says", called, (uintmax_t)packed.size));
	}
	section->bytes = section->own = bytes;
	section->size = packed.size;
	sections->as_it_stands = false;
	sections->compressed = true;
	return (KLDSIM_OK);
}
