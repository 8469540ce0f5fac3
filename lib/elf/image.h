/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ELF_IMAGE_H
#define ELF_IMAGE_H

/*
 * One immutable view of a file's bytes.
 *
 * libelf gives the types and turns headers of foreign byte order and word
 * size into them.  Finding and bounding every byte is done here: libelf hides
 * or refuses files that the kernel looks at, and the kernel's answers are
 * what counts.  Symbols and relocations, of which there can be millions, are
 * read in place.
 */

#include <gelf.h>
#include <stdbool.h>

#include <kldsim/image.h>

#include "util/bytes.h"

/* Newer than some <elf.h>. */
#ifndef SHT_X86_64_UNWIND
#define SHT_X86_64_UNWIND 0x70000001
#endif

/* The word size, byte order and bytes that every reader needs. */
struct kldsim__elf {
	const uint8_t *bytes;
	uint64_t size;
	bool is64;
	bool big;
	GElf_Ehdr ehdr;
};

/* A symbol table and its strings, read in place. */
struct kldsim__symview {
	const uint8_t *syms;
	uint32_t count;
	bool is64;
	bool big;
	const char *strings;
	uint64_t strings_size;
	uint64_t names_end;  /* past the last NUL: a name begins before it */
	uint64_t blank_end;  /* names from there to here are empty; seldom any */
};

struct kldsim__sym {
	uint32_t name;
	uint8_t info;
	uint8_t other;
	uint16_t shndx;
	uint64_t value;
	uint64_t size;
};

struct kldsim__rel {
	uint64_t offset;
	uint32_t sym;
	uint32_t type;
	uint64_t addend; /* two's complement; 0 for REL */
};

const uint8_t *kldsim__image_bytes(const struct kldsim_image *image,
    uint64_t *size_ret);
const char *kldsim__image_name(const struct kldsim_image *image);
/* Whether it was unpacked, so that nobody else can open it by its name. */
bool kldsim__image_is_packed(const struct kldsim_image *image);
/* Of one that nobody else has yet. */
void kldsim__image_set_packed(struct kldsim_image *image);

/*
 * Something that is made once from an image and kept with it (an index of its
 * symbols).  make() runs at most once at a time, under the image's lock; NULL
 * means no memory, and it may be tried again.
 */
void *kldsim__image_cache(struct kldsim_image *image,
    void *(*make)(struct kldsim_image *image, void *arg), void *arg,
    void (*drop)(void *cached));

/*
 * Read the ELF header.  False if the bytes are too few or do not begin as an
 * ELF file of a known class and byte order; nothing else is judged.
 */
bool kldsim__elf_open(const struct kldsim_image *image,
    struct kldsim__elf *elf_ret);
bool kldsim__elf_open_bytes(const uint8_t *bytes, uint64_t size,
    struct kldsim__elf *elf_ret);

/* Read `count` headers at `offset`; false if they do not lie in the file. */
bool kldsim__elf_phdrs(const struct kldsim__elf *elf, uint64_t offset,
    size_t count, GElf_Phdr *phdrs_ret);
bool kldsim__elf_shdrs(const struct kldsim__elf *elf, uint64_t offset,
    size_t count, GElf_Shdr *shdrs_ret);

/* The target's own sizes. */
size_t kldsim__elf_sizeof(const struct kldsim__elf *elf, Elf_Type type);

/*
 * The text at `offset` of a string table, NULL if it begins outside the table
 * or does not end in it.
 */
static inline const char *
kldsim__strtab_get(const char *strings, uint64_t size, uint64_t offset)
{
	if (offset >= size ||
	    memchr(strings + offset, '\0', size - offset) == NULL)
		return (NULL);
	return (strings + offset);
}

/* The headers of an ET_EXEC or ET_DYN file, decoded; the arrays are others'. */
struct kldsim__elf_headers {
	const struct kldsim__elf *elf;
	const GElf_Phdr *phdr;
	unsigned nphdr;
	const GElf_Shdr *shdr;
	unsigned nshdr;
};

/*
 * The last symbol table that no segment brings into memory, as its header has
 * it: the one that the boot loader puts behind the segments.  NULL: none.
 */
const GElf_Shdr *kldsim__elf_last_symtab(
    const struct kldsim__elf_headers *headers);

/* Give a symbol table its strings. */
static inline void
kldsim__symview_set_strings(struct kldsim__symview *view,
    const uint8_t *strings, uint64_t size)
{
	view->strings = (const char *)strings;
	view->strings_size = size;
	while (size != 0 && strings[size - 1] != '\0')
		size--;
	view->names_end = size;
	view->blank_end = 0;
}

static inline void
kldsim__sym_get(const struct kldsim__symview *view, uint32_t index,
    struct kldsim__sym *sym_ret)
{
	if (view->is64) {
		const uint8_t *p = view->syms + (size_t)index * 24;

		sym_ret->name = kldsim__load32(p, view->big);
		sym_ret->info = p[4];
		sym_ret->other = p[5];
		sym_ret->shndx = kldsim__load16(p + 6, view->big);
		sym_ret->value = kldsim__load64(p + 8, view->big);
		sym_ret->size = kldsim__load64(p + 16, view->big);
	} else {
		const uint8_t *p = view->syms + (size_t)index * 16;

		sym_ret->name = kldsim__load32(p, view->big);
		sym_ret->value = kldsim__load32(p + 4, view->big);
		sym_ret->size = kldsim__load32(p + 8, view->big);
		sym_ret->info = p[12];
		sym_ret->other = p[13];
		sym_ret->shndx = kldsim__load16(p + 14, view->big);
	}
}

/* What each_function_name() of both linker classes takes (O-66). */
static inline bool
kldsim__sym_is_function(uint8_t info, uint64_t value)
{
	return (value != 0 && ((info & 0xf) == STT_FUNC ||
	    (info & 0xf) == STT_GNU_IFUNC));
}

/* A symbol's binding and type without the rest. */
static inline uint8_t
kldsim__sym_info(const struct kldsim__symview *view, uint32_t index)
{
	return (view->is64 ? view->syms[(size_t)index * 24 + 4] :
	    view->syms[(size_t)index * 16 + 12]);
}

static inline uint16_t
kldsim__sym_shndx(const struct kldsim__symview *view, uint32_t index)
{
	return (kldsim__load16(view->is64 ? view->syms + (size_t)index * 24 +
	    6 : view->syms + (size_t)index * 16 + 14, view->big));
}

/* A symbol's st_name, the first member in both word sizes. */
static inline uint32_t
kldsim__sym_name_offset(const struct kldsim__symview *view, uint32_t index)
{
	return (kldsim__load32(view->syms +
	    (size_t)index * (view->is64 ? 24 : 16), view->big));
}

/* A symbol's name; NULL if it is not within the strings (Z-05). */
static inline const char *
kldsim__sym_name(const struct kldsim__symview *view, uint32_t name)
{
	if (name < view->names_end)
		return (view->strings + name);
	return (name < view->blank_end ? "" : NULL);
}

/* Entry `index` of a relocation table. */
static inline void
kldsim__rel_decode(const uint8_t *table, bool is64, bool big, bool rela,
    uint64_t index, struct kldsim__rel *rel_ret)
{
	if (is64) {
		const uint8_t *p = table + index * (rela ? 24 : 16);
		uint64_t info = kldsim__load64(p + 8, big);

		rel_ret->offset = kldsim__load64(p, big);
		rel_ret->sym = (uint32_t)(info >> 32);
		rel_ret->type = (uint32_t)info;
		rel_ret->addend = rela ? kldsim__load64(p + 16, big) : 0;
	} else {
		const uint8_t *p = table + index * (rela ? 12 : 8);
		uint32_t info = kldsim__load32(p + 4, big);

		rel_ret->offset = kldsim__load32(p, big);
		rel_ret->sym = info >> 8;
		rel_ret->type = info & 0xff;
		rel_ret->addend = rela ? (uint64_t)(int64_t)(int32_t)
		    kldsim__load32(p + 8, big) : 0;
	}
}

static inline void
kldsim__rel_get(const struct kldsim__elf *elf, const uint8_t *table,
    bool rela, uint64_t index, struct kldsim__rel *rel_ret)
{
	kldsim__rel_decode(table, elf->is64, elf->big, rela, index, rel_ret);
}

#endif
