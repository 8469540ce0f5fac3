/* SPDX-License-Identifier: BSD-2-Clause */

/* Compressed CTF: all but the header is one zlib stream (C-04). */

#define ZLIB_CONST
#include <zlib.h>

#include "types/ctf.h"
#include "util/libdeflate.h"

/* zlib counts in unsigned int. */
#define PIECE (UINT64_C(1) << 30)

static unsigned
piece(uint64_t size)
{
	return ((unsigned)(size < PIECE ? size : PIECE));
}

/* Z_STREAM_END and all bytes, or what went wrong. */
static int
inflate_all(z_stream *stream, uint64_t from, uint64_t to)
{
	int answer = Z_OK;

	do {
		const unsigned in = piece(from), out = piece(to);

		stream->avail_in = in;
		stream->avail_out = out;
		answer = inflate(stream, Z_NO_FLUSH);
		from -= in - stream->avail_in;
		to -= out - stream->avail_out;
	} while (answer == Z_OK);
	if (answer == Z_STREAM_END && to != 0)
		return (Z_BUF_ERROR);
	return (answer);
}

static bool
fail(struct kldsim__ctf *ctf, int answer, uint64_t at)
{
	if (answer == Z_MEM_ERROR)
		return (kldsim__build_nomem(ctf->build));
	return (kldsim__build_fail(ctf->build, KLDSIM_MALFORMED,
	    kldsim__ctf_at(at), answer == Z_BUF_ERROR || answer == Z_OK ?
	    "what is compressed is not the %ju bytes that the header says" :
	    "no zlib stream of %ju bytes", (uintmax_t)ctf->size));
}

/* Much memory for a short time is better had from the host, in large pages. */
#define MUCH (1u << 20)

/* Behind the strings those of symbols and of a parent, each with a NUL. */
static uint64_t
room_for_more_strings(const struct kldsim__ctf *ctf)
{
	const uint64_t parents = ctf->offered != NULL ?
	    ctf->offered->strings_size : 0;

	return (4 + ctf->section->symbols.names_end + parents);
}

static void *
room(struct kldsim__ctf *ctf)
{
	const struct kldsim__alloc *alloc = &ctf->build->types->alloc;

	if (!kldsim__is_libc(alloc) || ctf->size < MUCH)
		return (kldsim__malloc(alloc, (size_t)ctf->size));
	ctf->mapped = ctf->size + room_for_more_strings(ctf);
	return (ctf->mapped <= SIZE_MAX ?
	    kldsim__map_pages((size_t)ctf->mapped) : NULL);
}

bool
kldsim__ctf_keep_strings(struct kldsim__ctf *ctf)
{
	const size_t at = ctf->header.stroff;

	/* Name 0 is none, whatever is there. */
	if (ctf->mapped == 0 || ctf->inflated[at] != '\0' ||
	    !kldsim__build_strings_in(ctf->build, ctf->inflated,
	    (size_t)ctf->mapped, at, ctf->header.strlen))
		return (false);
	ctf->inflated = NULL;
	return (true);
}

void
kldsim__ctf_release(struct kldsim__ctf *ctf)
{
	struct kldsim_types *types = ctf->build->types;

	if (types->pages != NULL)
		kldsim__unmap_before(&types->pages, &types->pages_size,
		    ctf->header.stroff);
	else if (ctf->inflated != NULL && ctf->mapped != 0)
		kldsim__unmap_pages(ctf->inflated, (size_t)ctf->mapped);
	else
		kldsim__free(&types->alloc, ctf->inflated);
}

/* libdeflate is worth loading for what takes zlib longer than that. */
#define WORTH_LOADING (64u << 10)

/*
 * Its memory would not be the caller's allocator's.
 *
 * FIDELITY: libdeflate takes lengths 286 and 287 and distances 30 and 31, which
 * RFC 1951 reserves, for 285 and 29, where zlib refuses the stream; it takes
 * blocks that tell how long the codes of these are, used or not; and where a
 * block has one distance or none, a bit that is no code stands for one.  Nothing
 * that compresses writes such, and the checksum has to be right all the same.
 */
static bool
inflate_at_once(const struct kldsim__ctf *ctf, uint64_t stored,
    uint64_t *used_ret)
{
	size_t used;

	if (!kldsim__is_libc(&ctf->build->types->alloc) ||
	    ctf->size < WORTH_LOADING || !kldsim__libdeflate(ctf->data,
	    (size_t)stored, ctf->inflated, (size_t)ctf->size, &used))
		return (false);
	*used_ret = used;
	return (true);
}

/* By zlib, which says what is wrong. */
static bool
inflate_in_pieces(struct kldsim__ctf *ctf, uint64_t stored, uint64_t *used_ret)
{
	z_stream stream = { .zalloc = kldsim__zalloc, .zfree = kldsim__zfree,
		.opaque = &ctf->build->types->alloc };
	int answer;

	if (inflateInit(&stream) != Z_OK)
		return (kldsim__build_nomem(ctf->build));
	stream.next_in = ctf->data;
	stream.next_out = ctf->inflated;
	answer = inflate_all(&stream, stored, ctf->size);
	(void)inflateEnd(&stream);
	*used_ret = (uint64_t)(stream.next_in - ctf->data);
	return (answer == Z_STREAM_END || fail(ctf, answer, 0));
}

bool
kldsim__ctf_inflate(struct kldsim__ctf *ctf)
{
	const uint64_t stored = ctf->section->size - KLDSIM__CTF_HEADER;
	uint64_t used = 0;

	ctf->inflated = room(ctf);
	if (ctf->inflated == NULL)
		return (kldsim__build_nomem(ctf->build));
	if (!inflate_at_once(ctf, stored, &used) &&
	    !inflate_in_pieces(ctf, stored, &used))
		return (false);
	if (used != stored)
		kldsim__build_remark(ctf->build, "C-04", KLDSIM__CTF_HEADER,
		    "%ju bytes behind what is compressed",
		    (uintmax_t)(stored - used));
	ctf->data = ctf->inflated;
	return (true);
}
