/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_MUTATOR_IMPL_H
#define FUZZ_MUTATOR_IMPL_H

/* What the files of the mutator share: a view of an ELF file that may lie. */

#include "mutator.h"

#define FUZZ_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The structures of an ELF file. */
enum fuzz_struct {
	FUZZ_EHDR, FUZZ_SHDR, FUZZ_PHDR, FUZZ_SYM, FUZZ_REL, FUZZ_RELA,
	FUZZ_DYN, FUZZ_HASH, FUZZ_STRUCTS
};

/* What a field means, and so which values are telling. */
enum fuzz_meaning {
	FUZZ_INDEX,  /* of a section or symbol */
	FUZZ_AMOUNT, /* a size or count */
	FUZZ_PLACE,  /* an offset or address */
	FUZZ_ALIGN,
	FUZZ_STRING, /* an offset in a string table */
	FUZZ_WORD,   /* a type, a tag, flags: small numbers */
	FUZZ_MEANINGS
};

/* The fields of ELF's structures, and the halves of r_info. */
enum fuzz_field_id {
	E_CLASS, E_DATA, E_OSABI, E_TYPE, E_MACHINE, E_VERSION, E_ENTRY,
	E_PHOFF, E_SHOFF, E_FLAGS, E_PHENTSIZE, E_PHNUM, E_SHENTSIZE,
	E_SHNUM, E_SHSTRNDX,
	SH_NAME, SH_TYPE, SH_FLAGS, SH_ADDR, SH_OFFSET, SH_SIZE, SH_LINK,
	SH_INFO, SH_ADDRALIGN, SH_ENTSIZE,
	P_TYPE, P_FLAGS, P_OFFSET, P_VADDR, P_FILESZ, P_MEMSZ, P_ALIGN,
	ST_NAME, ST_INFO, ST_OTHER, ST_SHNDX, ST_VALUE, ST_SIZE,
	REL_OFFSET, REL_INFO, REL_FIRST, REL_SECOND,
	RELA_OFFSET, RELA_INFO, RELA_FIRST, RELA_SECOND, RELA_ADDEND,
	D_TAG, D_UN,
	HASH_WORD,
	FUZZ_FIELDS
};

struct fuzz_field {
	enum fuzz_struct of;
	struct {
		uint8_t at;
		uint8_t width;
	} in[2]; /* ELFCLASS32, ELFCLASS64; width 0: not there */
	enum fuzz_meaning meaning;
};

/* Entries of one kind, all within the file. */
struct fuzz_table {
	enum fuzz_struct of;
	size_t offset;
	size_t count;
	size_t stride;
	uint32_t section; /* index of its header; 0: it has none */
};

#define FUZZ_TABLES 64

struct fuzz_elf {
	struct fuzz_input *input;
	struct fuzz_random *random;
	bool wide;
	bool big;
	uint16_t type;
	size_t ntables;
	struct fuzz_table tables[FUZZ_TABLES];
};

/* A section header, numbers as stored. */
struct fuzz_section {
	uint64_t name, type, flags, address, offset, size, link, info;
};

/* --- mutator_tables.c --- */

/* False if there is not even a header. */
bool fuzz_elf_view(struct fuzz_elf *elf, struct fuzz_input *input,
    struct fuzz_random *random);
size_t fuzz_stride(const struct fuzz_elf *elf, enum fuzz_struct of);

/* Bounded: outside of the file is 0, and is not written. */
uint64_t fuzz_get(const struct fuzz_elf *elf, uint64_t at, unsigned width);
bool fuzz_put(struct fuzz_elf *elf, uint64_t at, unsigned width,
    uint64_t value);

/* A field of the entry at an offset; put is false if nothing changed. */
uint64_t fuzz_get_field(const struct fuzz_elf *elf, uint64_t entry,
    enum fuzz_field_id field);
bool fuzz_put_field(struct fuzz_elf *elf, uint64_t entry,
    enum fuzz_field_id field, uint64_t value);

/* The table that has all of a structure; NULL if there is none. */
const struct fuzz_table *fuzz_table_of(const struct fuzz_elf *elf,
    enum fuzz_struct of);
/* Any of the tables of the structures in the mask, 1 << FUZZ_SYM for one. */
const struct fuzz_table *fuzz_any_table(const struct fuzz_elf *elf,
    unsigned mask, size_t least);
/* Any entry of a table, the first and the last more often. */
size_t fuzz_any_entry(const struct fuzz_elf *elf,
    const struct fuzz_table *table);

bool fuzz_section(const struct fuzz_elf *elf, uint64_t index,
    struct fuzz_section *section);
/* Where the header of a section is. */
size_t fuzz_section_header(const struct fuzz_elf *elf, uint64_t index);
/* The bytes of a section, as many as are in the file; never NULL. */
uint8_t *fuzz_section_bytes(const struct fuzz_elf *elf,
    const struct fuzz_section *section, size_t *size_ret);
/* A string of a string table; whether it begins with a word. */
bool fuzz_string_begins(const struct fuzz_elf *elf, uint64_t table,
    uint64_t at, const char *word);
/* The file offset of an address of ET_EXEC and ET_DYN; false if nowhere. */
bool fuzz_address_offset(const struct fuzz_elf *elf, uint64_t address,
    uint64_t *offset_ret);

/* --- mutator_values.c --- */

extern const struct fuzz_field fuzz_fields[FUZZ_FIELDS];
extern const char *const fuzz_names[];
extern const size_t fuzz_nnames;

/* A telling value for a field that now has another. */
uint64_t fuzz_value(const struct fuzz_elf *elf, enum fuzz_meaning meaning,
    uint64_t now);

/* --- mutator_entries.c, mutator_names.c, mutator_links.c --- */

bool fuzz_change_field(struct fuzz_elf *elf);
bool fuzz_change_borrow(struct fuzz_elf *elf);
bool fuzz_change_swap(struct fuzz_elf *elf);
bool fuzz_change_copy(struct fuzz_elf *elf);
bool fuzz_change_remove(struct fuzz_elf *elf);
bool fuzz_change_insert(struct fuzz_elf *elf);
bool fuzz_change_name(struct fuzz_elf *elf);
bool fuzz_change_terminator(struct fuzz_elf *elf);
bool fuzz_change_bound(struct fuzz_elf *elf);
bool fuzz_change_edge(struct fuzz_elf *elf);
bool fuzz_change_chain(struct fuzz_elf *elf);
bool fuzz_change_metadata(struct fuzz_elf *elf);

/* Half of the time. */
bool fuzz_coin(struct fuzz_random *random);

#endif
