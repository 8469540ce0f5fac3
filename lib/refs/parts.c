/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A file's bytes, if few of them are needed.  Most modules refer to nothing
 * here, which their symbols tell, and these lie at their end; to map a file and
 * to touch it costs more than to read so much.
 */

#include "refs/refs.h"

#include <errno.h>
#include <unistd.h>

#define LARGEST (16u << 20) /* bytes of a file that is read so */
#define AROUND 0x2000u      /* bytes before the headers: symbols, as a rule */
#define LEAST 0x1000u       /* bytes that are read at once, if there are more */

/* Bytes of the file; false at its end too, for it has become shorter. */
static bool
read_bytes(int fd, uint8_t *bytes, uint64_t size, uint64_t offset)
{
	uint64_t got = 0;

	while (got < size) {
		const ssize_t n = pread(fd, bytes + got, (size_t)(size - got),
		    (off_t)(offset + got));

		if (n <= 0 && (n == 0 || errno != EINTR))
			return (false);
		got += n > 0 ? (uint64_t)n : 0;
	}
	return (true);
}

bool
kldsim__refs_parts_open(struct kldsim__refs_parts *parts,
    const struct kldsim__open_file *file)
{
	struct kldsim__elf elf;

	parts->file = file;
	return (file->fd >= 0 && file->st.type == KLDSIM_SOURCE_FILE &&
	    file->st.size >= sizeof(parts->header) && file->st.size <= LARGEST &&
	    read_bytes(file->fd, parts->header, sizeof(parts->header), 0) &&
	    kldsim__elf_open_bytes(parts->header, sizeof(parts->header),
	    &elf) &&
	    elf.ehdr.e_type == ET_REL);
}

static bool
read_range(struct kldsim__refs_reader *reader, uint64_t from, uint64_t to,
    struct kldsim__refs_range *range)
{
	struct kldsim__refs_parts *parts = &reader->parts;

	range->from = range->to = 0;
	if (!read_bytes(parts->file->fd, parts->bytes + from, to - from, from))
		return (kldsim__refs_fail(reader, KLDSIM_MALFORMED,
		    "offset 0x%jx: %ju bytes are not there any more",
		    (uintmax_t)from, (uintmax_t)(to - from)));
	range->from = from;
	range->to = to;
	return (true);
}

bool
kldsim__refs_parts_init(struct kldsim__refs_reader *reader)
{
	struct kldsim__refs_parts *parts = &reader->parts;

	if (parts->file == NULL)
		return (true);
	parts->bytes = kldsim__malloc(&reader->refs->alloc,
	    (size_t)parts->file->st.size);
	if (parts->bytes == NULL)
		return (kldsim__refs_nomem(reader));
	memcpy(parts->bytes, parts->header, sizeof(parts->header));
	return (true);
}

void
kldsim__refs_parts_fini(struct kldsim__refs_reader *reader,
    const struct kldsim__alloc *alloc)
{
	kldsim__free(alloc, reader->parts.bytes);
}

static bool
is_in(const struct kldsim__refs_range *range, uint64_t offset, uint64_t size)
{
	return (offset >= range->from && offset <= range->to &&
	    size <= range->to - offset);
}

bool
kldsim__refs_need(struct kldsim__refs_reader *reader, uint64_t offset,
    uint64_t size)
{
	struct kldsim__refs_parts *parts = &reader->parts;
	uint64_t to;

	if (parts->file == NULL || size == 0 ||
	    is_in(&parts->end, offset, size) ||
	    is_in(&parts->last, offset, size))
		return (true);
	to = offset + (size < LEAST ? LEAST : size);
	return (read_range(reader, offset, to < parts->file->st.size ? to :
	    parts->file->st.size, &parts->last));
}

bool
kldsim__refs_need_headers(struct kldsim__refs_reader *reader,
    uint64_t offset, uint64_t size)
{
	struct kldsim__refs_parts *parts = &reader->parts;
	const uint64_t from = offset > AROUND ? offset - AROUND : 0;
	uint64_t to = offset + size + LEAST;

	if (parts->file == NULL)
		return (true);
	return (read_range(reader, from, to < parts->file->st.size ? to :
	    parts->file->st.size, &parts->end));
}
