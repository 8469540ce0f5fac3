/* SPDX-License-Identifier: BSD-2-Clause */
/* The section .SUNW_ctf of a file, as ctfmerge leaves it there. */

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "synth/ctf.h"

/* One stretch of the stream; zlib counts in unsigned ints. */
static bool
deflate_part(struct kldsim_synth *synth, z_stream *stream,
    const unsigned char *bytes, size_t size, int flush,
    struct kldsim__synth_buf *into)
{
	unsigned char room[16384];
	int status;

	stream->next_in = (Bytef *)(uintptr_t)bytes;
	stream->avail_in = (uInt)size;
	do {
		stream->next_out = room;
		stream->avail_out = sizeof(room);
		status = deflate(stream, flush);
		if (status == Z_STREAM_ERROR ||
		    !kldsim__synth_buf_add(synth, into, room,
		    sizeof(room) - stream->avail_out))
			return false;
	} while (stream->avail_out == 0);
	return true;
}

/* C-04: what follows the header is one stream, flushed before the strings. */
static void
compress_data(struct kldsim__synth_ctf_out *out, struct kldsim__synth_buf *into)
{
	struct kldsim_synth *synth = out->synth;
	const size_t strings = out->bytes.size - out->strings.size;
	const unsigned char *data = out->bytes.data;
	z_stream stream;

	memset(&stream, 0, sizeof(stream));
	if (!kldsim__synth_buf_add(synth, into, data,
	    KLDSIM__SYNTH_CTF_HEADER))
		return;
	if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for zlib");
		return;
	}
	if (!deflate_part(synth, &stream, data + KLDSIM__SYNTH_CTF_HEADER,
	    strings - KLDSIM__SYNTH_CTF_HEADER, Z_FULL_FLUSH, into) ||
	    !deflate_part(synth, &stream, data + strings, out->strings.size,
	    Z_FINISH, into))
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for zlib");
	(void)deflateEnd(&stream);
}

/* The symbols in the order in which they were made, not in the file's. */
static uint32_t *
as_made(struct kldsim_synth *synth)
{
	uint32_t *order = malloc(synth->nsymbols * sizeof(*order)), i;

	if (order == NULL)
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for types");
	for (i = 0; order != NULL && i < synth->nsymbols; i++)
		order[i] = i;
	return order;
}

static void
make(struct kldsim__synth_layout *layout, bool symtab,
    struct kldsim__synth_buf *into)
{
	struct kldsim_synth *synth = layout->synth;
	const bool made = synth->options[KLDSIM_SYNTH_CTF_AS_MADE] != 0;
	uint32_t *order = made ? as_made(synth) : layout->symbols;
	struct kldsim__synth_ctf_out out = {0};

	if (order != NULL && kldsim__synth_ctf_emit(&out, synth, order,
	    symtab ? synth->nsymbols : 0)) {
		kldsim__synth_ctf_break(&out);
		if (synth->options[KLDSIM_SYNTH_CTF_COMPRESS] != 0)
			compress_data(&out, into);
		else
			(void)kldsim__synth_buf_add(synth, into,
			    out.bytes.data, out.bytes.size);
	}
	kldsim__synth_ctf_done(&out);
	if (made)
		free(order);
}

/* Its place is the one before .symtab; C-01 says what it looks like. */
void
kldsim__synth_ctf_place(struct kldsim__synth_layout *layout, uint32_t symtab)
{
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_BYTES,
	    .type = SHT_PROGBITS, .align = 4, .link = symtab,
	    .group = KLDSIM__SYNTH_NOLOAD};

	if (layout->synth->ctf == NULL)
		return;
	make(layout, symtab != 0, &layout->ctf);
	if (kldsim__synth_bad(layout->synth))
		return;
	place.bytes = layout->ctf.data;
	place.size = layout->ctf.size;
	(void)kldsim__synth_place_add(layout, ".SUNW_ctf", &place);
}
