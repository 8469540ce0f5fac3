/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * How the kernel reads a file's types, for DTrace and DDB: sys/kern/kern_ctf.c
 * (B-30).  It checks the little that is here, and walks the types unchecked
 * later; whether they are sound is asked of kldsim_types_read().
 *
 * The kernel opens the file again by its path.  Here it is the image that was
 * loaded: nobody has replaced or removed the file since.
 *
 * Where it reads CTF as it loads a file (V-56), it prints nothing, and whoever
 * asks later is told EFTYPE, whatever went wrong then.  An image never changes,
 * so it is read when somebody asks, with that answer.
 *
 * FIDELITY: kernels have DDB_CTF, as GENERIC has; without it all is EOPNOTSUPP.
 * The line numbers of 12 and 13 are those of main in November 2021; the one
 * with inflate() is counted in a tree that somebody had formatted anew.
 */

#define ZLIB_CONST
#include <string.h>

#include <zlib.h>

#include "elf/image.h"
#include "kern/bad_news.h"
#include "linker_class/ctf.h"
#include "util/bytes.h"

#define SECTION ".SUNW_ctf"

#define CTF_HEADER 36u
#define CTF_MAGIC 0xcff1u
#define CTF_COMPRESSED 1u
#define CTH_VERSION 2
#define CTH_FLAGS 3
#define CTH_STROFF 28
#define CTH_STRLEN 32

/* A complaint, which has the line of kern_ctf.c that it comes from. */
enum complaint {
	NO_NAMES,
	NO_SECTION,
	BAD_MAGIC,
	BAD_VERSION,
	NOT_INFLATED,
	NCOMPLAINTS
};

static const int lines[2][NCOMPLAINTS] = {
	{ 147, 170, 188, 197, 260 },
	{ 142, 165, 179, 188, 248 }, /* with version 3 */
};

/* What it comes to without uncompress(): ten lines more. */
#define INFLATE_LINES 10
/* Lines that went with $FreeBSD$. */
#define IDENT_LINES 2

struct reader {
	struct kldsim *sim;
	const struct kldsim__file *file;
	struct kldsim__elf elf;
	GElf_Shdr *shdrs;
	const uint8_t *ctf;
	uint64_t size;
};

static int
line_of(const struct kldsim *sim, enum complaint complaint)
{
	int line = lines[sim->facts.ctf_v3][complaint];

	if (complaint == NOT_INFLATED && !sim->facts.ctf_uncompress)
		line += INFLATE_LINES;
	return (line - (sim->facts.ctf_no_ident ? IDENT_LINES : 0));
}

/* A line on the console, where one is printed. */
#define COMPLAIN(reader, complaint, format, ...)                            \
	((reader)->sim->facts.ctf_eager ? (void)0 :                         \
	    kldsim__console((reader)->sim, "link_elf_ctf_get(%d): " format, \
	    line_of((reader)->sim, (complaint)), __VA_ARGS__))

static int
refuse(const struct reader *reader, int error, const char *why)
{
	const struct kldsim__where where = { .file = reader->file->filename };

	return (kldsim__refuse(reader->sim, error, KLDSIM__F_CTF_UNREAD,
	    &where, "%s", why));
}

/* vn_rdwr(): what does not lie in the file is EIO, also a part of it. */
static int
read_at(const struct reader *reader, uint64_t offset, uint64_t size,
    const uint8_t **bytes_ret)
{
	if (!kldsim__in_range(offset, size, reader->elf.size))
		return (refuse(reader, KLDSIM__EIO, "the file ends before "
		    "what its headers say is there"));
	*bytes_ret = reader->elf.bytes + offset;
	return (0);
}

static int
read_headers(struct reader *reader)
{
	const GElf_Ehdr *ehdr = &reader->elf.ehdr;
	struct kldsim *sim = reader->sim;

	if (!kldsim__elf_open(reader->file->image, &reader->elf))
		return (refuse(reader, KLDSIM__ENOEXEC, "not an ELF file"));
	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0 || ehdr->e_shentsize !=
	    kldsim__elf_sizeof(&reader->elf, ELF_T_SHDR))
		return (refuse(reader, KLDSIM__ENOEXEC,
		    "it has no section headers"));
	reader->shdrs = kldsim__calloc(&sim->alloc, ehdr->e_shnum,
	    sizeof(*reader->shdrs));
	if (reader->shdrs == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__elf_shdrs(&reader->elf, ehdr->e_shoff, ehdr->e_shnum,
	    reader->shdrs))
		return (refuse(reader, KLDSIM__EIO,
		    "its section headers are not all in the file"));
	/* The index is not checked: the kernel reads behind its headers. */
	if (ehdr->e_shstrndx >= ehdr->e_shnum)
		return (kldsim__fail(sim, KLDSIM_FAULT, "%s: e_shstrndx is %u "
		    "of %u section headers, and the kernel reads what lies "
		    "behind them", reader->file->filename, ehdr->e_shstrndx,
		    ehdr->e_shnum));
	return (0);
}

/* The first section of the name; names outside the table are nobody's. */
static int
find_section(struct reader *reader, const GElf_Shdr **shdr_ret)
{
	const GElf_Ehdr *ehdr = &reader->elf.ehdr;
	const GElf_Shdr *strings = &reader->shdrs[ehdr->e_shstrndx];
	const char *path = reader->file->pathname;
	const uint8_t *names = NULL;
	int error;

	if (ehdr->e_shstrndx == 0 || strings->sh_type != SHT_STRTAB) {
		COMPLAIN(reader, NO_NAMES, "module %s e_shstrndx is %u, "
		    "sh_type is %d", path, ehdr->e_shstrndx,
		    (int)strings->sh_type);
		return (refuse(reader, KLDSIM__EFTYPE,
		    "its sections have no names"));
	}
	error = read_at(reader, strings->sh_offset, strings->sh_size, &names);
	if (error != 0)
		return (error);
	for (unsigned i = 0; i < ehdr->e_shnum; i++) {
		const char *name = kldsim__strtab_get((const char *)names,
		    strings->sh_size, reader->shdrs[i].sh_name);

		*shdr_ret = &reader->shdrs[i];
		if (name != NULL && strcmp(name, SECTION) == 0)
			return (0);
	}
	COMPLAIN(reader, NO_SECTION, "module %s has no " SECTION " section",
	    path);
	return (refuse(reader, KLDSIM__EFTYPE, "it has no types: no section "
	    SECTION));
}

static int
check_header(const struct reader *reader)
{
	const char *path = reader->file->pathname;
	const unsigned version = reader->ctf[CTH_VERSION];

	if (kldsim__load16(reader->ctf, reader->elf.big) != CTF_MAGIC) {
		COMPLAIN(reader, BAD_MAGIC, "module %s has invalid format",
		    path);
		return (refuse(reader, KLDSIM__EFTYPE, SECTION " does not "
		    "begin as CTF"));
	}
	if (version == 2 || (version == 3 && reader->sim->facts.ctf_v3))
		return (0);
	if (reader->sim->facts.ctf_v3)
		COMPLAIN(reader, BAD_VERSION, "module %s CTF format has "
		    "unsupported version %u", path, version);
	else
		COMPLAIN(reader, BAD_VERSION, "module %s CTF format version "
		    "is %u (2 expected)", path, version);
	return (refuse(reader, KLDSIM__EFTYPE, "its CTF is of a version that "
	    "this kernel does not read"));
}

/* What inflate() answers to all of it at once. */
static int
inflate_all(const struct reader *reader, uint8_t *bytes, uint64_t size)
{
	z_stream stream = { .zalloc = kldsim__zalloc, .zfree = kldsim__zfree,
		.opaque = &reader->sim->alloc,
		.next_in = reader->ctf + CTF_HEADER,
		.avail_in = (unsigned)(reader->size - CTF_HEADER),
		.next_out = bytes, .avail_out = (unsigned)size };
	int answer = inflateInit(&stream);

	if (answer != Z_OK)
		return (answer);
	answer = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	/* uncompress() tells too little from too much. */
	if (reader->sim->facts.ctf_uncompress && (answer == Z_NEED_DICT ||
	    (answer == Z_BUF_ERROR && (stream.avail_out != 0 || size == 0))))
		return (Z_DATA_ERROR);
	return (answer);
}

static int
inflate_into(const struct reader *reader, uint8_t *bytes, uint64_t size)
{
	struct kldsim *sim = reader->sim;
	const int answer = inflate_all(reader, bytes, size);

	if (answer == Z_MEM_ERROR)
		return (kldsim__nomem(sim));
	if (answer == Z_STREAM_END)
		return (0);
	COMPLAIN(reader, NOT_INFLATED, "zlib %s returned %d",
	    sim->facts.ctf_uncompress ? "uncompress" : "inflate", answer);
	return (refuse(reader, KLDSIM__EIO, "its CTF is compressed, and does "
	    "not unpack to the size that the header says"));
}

/* Only whether it goes matters: the bytes are let go. */
static int
decompress(const struct reader *reader)
{
	struct kldsim *sim = reader->sim;
	const uint64_t size = (uint32_t)(kldsim__load32(reader->ctf +
	    CTH_STROFF, reader->elf.big) + kldsim__load32(reader->ctf +
	    CTH_STRLEN, reader->elf.big));
	uint8_t *bytes;
	int error;

	if (reader->size < CTF_HEADER)
		return (kldsim__fail(sim, KLDSIM_FAULT, "%s: " SECTION " is "
		    "shorter than its header, and the kernel unpacks what "
		    "lies behind it", reader->file->filename));
	error = kldsim__limited(sim, &sim->options.limits.type_bytes,
	    size > reader->size ? size : reader->size,
	    "%s: bytes of CTF", reader->file->filename);
	if (error != 0)
		return (error);
	bytes = kldsim__malloc(&sim->alloc, (size_t)size + 1);
	if (bytes == NULL)
		return (kldsim__nomem(sim));
	error = inflate_into(reader, bytes, size);
	kldsim__free(&sim->alloc, bytes);
	return (error);
}

static int
read_ctf(struct reader *reader)
{
	const GElf_Shdr *shdr = NULL;
	int error = read_headers(reader);

	if (error == 0)
		error = find_section(reader, &shdr);
	if (error == 0)
		error = read_at(reader, shdr->sh_offset, CTF_HEADER,
		    &reader->ctf);
	if (error == 0)
		error = check_header(reader);
	if (error == 0)
		error = read_at(reader, shdr->sh_offset, shdr->sh_size,
		    &reader->ctf);
	if (error != 0)
		return (error);
	reader->size = shdr->sh_size;
	return ((reader->ctf[CTH_FLAGS] & CTF_COMPRESSED) != 0 ?
	    decompress(reader) : 0);
}

int
kldsim__link_elf_ctf_get(struct kldsim *sim, struct kldsim__file *file)
{
	struct reader reader = { .sim = sim, .file = file };
	int64_t count = -1;
	int error;

	if (file->ctfcnt < 0)
		return (refuse(&reader, KLDSIM__EFTYPE, "its types could not "
		    "be read before, and the kernel tries once"));
	if (file->ctfcnt > 0)
		return (0);
	error = read_ctf(&reader);
	kldsim__free(&sim->alloc, reader.shdrs);
	if (error < 0)
		return (error);
	if (error == 0)
		count = (int64_t)reader.size; /* packed, if it is (B-30) */
	if (!KLDSIM__SET(&sim->undo, file->ctfcnt, count))
		return (kldsim__nomem(sim));
	return (error > 0 && sim->facts.ctf_eager ? KLDSIM__EFTYPE : error);
}
