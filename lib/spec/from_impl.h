/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPEC_FROM_IMPL_H
#define SPEC_FROM_IMPL_H

/*
 * From an existing file to its spec.  from_read.c checks every bound and makes
 * plain tables of headers, sections and strings; from_symbols.c and
 * from_relocs.c turn tables into what the builder knows, in an order that
 * building and reading again does not change; from_ctf.c reads the types.
 * from_write.c and from_types.c write all of it down, and from_meta.c says in
 * comments what the metadata mean.
 */

#include "synth/impl.h"

struct kldsim__spec_word;

struct kldsim__from_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t align;
	uint64_t entsize;
	uint32_t id;     /* in the spec, from 1; 0: not in it */
	uint32_t symbol; /* its own symbol, 0 if it has none */
	bool first;      /* of its name, so that the name means it */
};

/* section is an index into sections, 0 for what is in none (see place). */
struct kldsim__from_symbol {
	const char *name;
	uint64_t value; /* in the section */
	uint64_t size;
	uint32_t section;
	int place; /* enum kldsim_synth_place */
	uint32_t shndx;
	uint64_t st_value;
	uint8_t bind;
	uint8_t type;
	uint8_t other;
	bool dynamic;
	bool first; /* of its name */
};

struct kldsim__from_reloc {
	uint32_t section;
	uint32_t type;
	uint64_t at;
	int64_t addend;
	uint32_t symbol; /* in the spec, from 1; 0: none */
	uint32_t number; /* for a stable order */
	uint8_t table;   /* enum kldsim__synth_table */
	bool rela;
};

struct kldsim__from {
	const unsigned char *bytes;
	size_t size;
	const char *name;
	struct kldsim_error *error;
	enum kldsim_status status;

	const struct kldsim__synth_machine *machine;
	struct kldsim_synth order; /* only for byte order */
	bool is64;
	bool interp;
	bool slots_elsewhere; /* JUMP_SLOTs are not in a table of their own */
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_flags;
	uint8_t osabi;
	uint64_t e_entry;
	uint64_t base; /* where the first PT_LOAD begins; UINT64_MAX: none */

	struct kldsim__from_section *sections; /* 0 is unused */
	uint32_t nsections;
	uint32_t *kept; /* indexes of sections in the spec's order */
	uint32_t nkept;
	uint32_t symtab, dynsym, hash, gnu_hash; /* 0: not there */

	struct kldsim__from_symbol *symbols; /* 0 is unused */
	uint32_t nsymbols;
	uint32_t *symtab_map, *dynsym_map; /* index to symbol */
	uint32_t nsymtab, ndynsym;

	/* Has the types, and symbols numbered as in .symtab; NULL: none. */
	struct kldsim_synth *types;
	bool types_packed;

	struct kldsim__from_reloc *relocs;
	size_t nrelocs;
	size_t relocs_cap;

	struct kldsim__synth_buf out;
};

/* from_read.c */
void kldsim__from_fail(struct kldsim__from *from, enum kldsim_status status,
    const char *fmt, ...) KLDSIM__PRINTF(3, 4);
bool kldsim__from_bad(const struct kldsim__from *from);
uint64_t kldsim__from_get(const struct kldsim__from *from, uint64_t offset,
    unsigned width);
const char *kldsim__from_string(struct kldsim__from *from, uint32_t strtab,
    uint64_t offset, const char *what);
void *kldsim__from_alloc(struct kldsim__from *from, size_t count, size_t size);
uint32_t kldsim__from_section_at(const struct kldsim__from *from,
    uint64_t addr);
void kldsim__from_read(struct kldsim__from *from);

/* from_symbols.c */
uint32_t kldsim__from_table_size(struct kldsim__from *from, uint32_t table);
void kldsim__from_symbol(struct kldsim__from *from, uint32_t table,
    uint32_t number, struct kldsim__from_symbol *symbol);
void kldsim__from_symbols(struct kldsim__from *from);

/* from_ctf.c */
void kldsim__from_ctf(struct kldsim__from *from);

/* from_relocs.c */
void kldsim__from_relocs(struct kldsim__from *from);

/* from_meta.c */
void kldsim__from_meta(struct kldsim__from *from);

/* from_write.c */
void kldsim__from_put(struct kldsim__from *from, const char *fmt, ...)
    KLDSIM__PRINTF(2, 3);
void kldsim__from_put_name(struct kldsim__from *from, const char *name);
void kldsim__from_put_word(struct kldsim__from *from,
    const struct kldsim__spec_word *words, uint64_t number);
void kldsim__from_put_flags(struct kldsim__from *from,
    const struct kldsim__spec_word *words, uint64_t flags);
void kldsim__from_put_symbol(struct kldsim__from *from, uint32_t number);
void kldsim__from_write(struct kldsim__from *from);

/* from_types.c */
void kldsim__from_put_types(struct kldsim__from *from);

#endif
