/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYNTH_IMPL_H
#define SYNTH_IMPL_H

/*
 * The inside of the builder.
 *
 * Objects (synth.c, symbols.c) are kept as they were asked for; freebsd.c and
 * kernel.c make more of them through the public calls.  layout.c turns the
 * objects into places, dynamic.c makes what only ET_EXEC and ET_DYN have,
 * emit.c writes the bytes and override.c breaks them.  ctf.h has the types.
 * Nothing here is shared with the readers of ELF files and of CTF.
 */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/spec.h>
#include <kldsim/synth.h>

#include "util/format.h"

/* The largest sh_addralign that can be built; all are powers of two, or 0. */
#define KLDSIM__SYNTH_ALIGN (UINT64_C(1) << 40)

/* A relocation type as the builder needs it: its name and what it covers. */
struct kldsim__synth_row {
	const char *name;
	uint32_t number;
	unsigned width; /* bytes for an addend in place; 0: it cannot hold one */
};

/* A machine as data. */
struct kldsim__synth_machine {
	const char *name;
	uint16_t e_machine;
	uint8_t elf_class;
	uint8_t elf_data;
	uint8_t osabi;
	bool rela;
	uint16_t kernel_type;
	uint16_t module_type;
	uint32_t e_flags;
	uint32_t page; /* how far apart segments are */
	uint64_t kernel_base;
	uint32_t word;      /* the absolute relocation of a pointer */
	uint32_t relative;  /* R_*_RELATIVE */
	uint32_t jump_slot; /* R_*_JUMP_SLOT */
	uint32_t irelative; /* R_*_IRELATIVE */
	const struct kldsim__synth_row *rows;
	size_t nrows;
};

/* Growing bytes. */
struct kldsim__synth_buf {
	unsigned char *data;
	size_t size;
	size_t cap;
};

/* Ids by name; the first id of a name stays. */
struct kldsim__synth_slot {
	uint32_t hash;
	uint32_t id; /* 0: empty */
};
struct kldsim__synth_index {
	struct kldsim__synth_slot *slots;
	size_t cap; /* a power of two */
	size_t count;
};

struct kldsim__synth_reloc {
	uint64_t offset;
	int64_t addend;
	uint32_t symbol;
	uint32_t type;
	bool rela;
	bool pointer; /* kldsim_synth_pointer: type is chosen by layout */
	uint16_t column;
	uint32_t line;
};

/* Where in a spec something was asked for; line 0: in no spec. */
struct kldsim__synth_origin {
	uint32_t line;
	uint16_t column;
};

struct kldsim__synth_section {
	uint32_t name; /* in section_names */
	uint32_t type;
	uint64_t flags;
	uint64_t align;
	uint64_t size;
	uint64_t entsize; /* 0: by type and flags */
	uint64_t address; /* asked for; see fixed */
	bool fixed;
	struct kldsim__synth_buf bytes;
	struct kldsim__synth_reloc *relocs;
	size_t nrelocs;
	size_t relocs_cap;
	size_t nrela; /* how many of them are RELA */
	uint32_t section_symbol;
	uint32_t index; /* section header index when last finished */
	uint64_t addr;
	uint64_t offset;
};

enum kldsim__synth_symbol_flag {
	KLDSIM__SYNTH_REF = 1,    /* made by a reference, not yet defined */
	KLDSIM__SYNTH_DYN = 2,    /* into .dynsym */
	KLDSIM__SYNTH_NODYN = 4,  /* not into .dynsym */
	KLDSIM__SYNTH_END = 8,    /* value counts from the section's end */
	KLDSIM__SYNTH_NEEDED = 16 /* a dynamic relocation names it */
};

struct kldsim__synth_symbol {
	uint64_t value;
	uint64_t size;
	uint64_t final; /* st_value when last finished */
	uint32_t name;  /* in symbol_names, which is .strtab */
	int32_t section;
	uint32_t index;     /* in .symtab */
	uint32_t dyn_index; /* in .dynsym; 0: not there */
	uint8_t bind;
	uint8_t type;
	uint8_t other;
	uint8_t flags;
};

struct kldsim__synth_ctf;

struct kldsim__synth_segment {
	uint32_t type;
	uint32_t flags;
	int first;
	int last;
};

struct kldsim__synth_override {
	size_t name; /* in patches */
	uint64_t value;
	struct kldsim__synth_origin origin;
};

struct kldsim__synth_poke {
	uint64_t offset;
	size_t bytes; /* in patches */
	size_t size;
	struct kldsim__synth_origin origin;
};

enum { KLDSIM__SYNTH_SPEC_FILE = 1 << 30 }; /* bytes that a spec may make */

struct kldsim_synth {
	const struct kldsim__synth_machine *machine;
	uint16_t e_type;
	bool is_kernel;
	bool is64;
	bool big;
	bool defaults_done;
	bool dpcpu_modspace_done;
	bool vnet_modspace_done;
	bool set_pad_done;
	bool fixed; /* a section has a fixed address */
	bool truncate;
	bool finished;
	uint64_t truncate_size;
	uint64_t options[KLDSIM_SYNTH_OPTION_COUNT];
	struct kldsim_error error;
	char *spec; /* name of the spec that it comes from, or NULL */
	struct kldsim__synth_origin origin; /* of the call under way */
	const struct kldsim__synth_row *last_row;

	struct kldsim__synth_section *sections; /* 0 is unused */
	size_t nsections;
	size_t sections_cap;
	struct kldsim__synth_symbol *symbols; /* 0 is the null symbol */
	size_t nsymbols;
	size_t symbols_cap;
	struct kldsim__synth_buf section_names;
	struct kldsim__synth_buf symbol_names;
	struct kldsim__synth_index section_index;
	struct kldsim__synth_index symbol_index;

	struct kldsim__synth_segment *segments;
	size_t nsegments;
	size_t segments_cap;
	struct kldsim__synth_override *overrides;
	size_t noverrides;
	size_t overrides_cap;
	struct kldsim__synth_poke *pokes;
	size_t npokes;
	size_t pokes_cap;
	struct kldsim__synth_buf patches;
	struct kldsim__synth_ctf *ctf; /* see ctf.h; NULL: no types */
};

/* What a place in the file is made of. */
enum kldsim__synth_source {
	KLDSIM__SYNTH_NOTHING,
	KLDSIM__SYNTH_USER,   /* a section of the caller's */
	KLDSIM__SYNTH_BYTES,  /* ready-made */
	KLDSIM__SYNTH_RELOCS, /* the relocations of one section (ET_REL) */
	KLDSIM__SYNTH_SYMS,
	KLDSIM__SYNTH_DYNSYMS,
	KLDSIM__SYNTH_DYNRELOCS,
	KLDSIM__SYNTH_TAGS
};

/* A section header to be. */
struct kldsim__synth_place {
	enum kldsim__synth_source source;
	uint32_t user;  /* the section, or the section relocated */
	uint32_t table; /* which enum kldsim__synth_table */
	uint32_t name;
	uint32_t type;
	uint32_t link;
	uint32_t info;
	uint32_t group; /* which load segment; KLDSIM__SYNTH_NOLOAD: none */
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint64_t align;
	uint64_t entsize;
	const unsigned char *bytes;
};

enum kldsim__synth_group {
	KLDSIM__SYNTH_R,
	KLDSIM__SYNTH_RX,
	KLDSIM__SYNTH_RELRO_GROUP,
	KLDSIM__SYNTH_RW,
	KLDSIM__SYNTH_NOLOAD,
	KLDSIM__SYNTH_RUN /* the first run of sections with fixed addresses */
};

enum kldsim__synth_table {
	KLDSIM__SYNTH_REL_DYN,
	KLDSIM__SYNTH_RELA_DYN,
	KLDSIM__SYNTH_REL_PLT,
	KLDSIM__SYNTH_RELA_PLT,
	KLDSIM__SYNTH_TABLES,
	KLDSIM__SYNTH_STATIC = KLDSIM__SYNTH_TABLES /* in no table */
};

struct kldsim__synth_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct kldsim__synth_tag {
	uint64_t tag;
	uint64_t value;
};

struct kldsim__synth_layout {
	struct kldsim_synth *synth;
	struct kldsim__synth_place *places;
	size_t nplaces;
	size_t places_cap;
	struct kldsim__synth_phdr *phdrs;
	size_t nphdrs;
	size_t phdrs_cap;
	struct kldsim__synth_tag *tags;
	size_t ntags;
	size_t tags_cap;

	uint32_t *symbols; /* .symtab order */
	size_t nsymbols;
	uint32_t nlocals;
	uint32_t *dynsyms; /* .dynsym order */
	size_t ndynsyms;
	uint32_t ndynlocals;
	uint32_t ndynundef; /* first symbol of .gnu.hash */
	uint32_t *dyn_names;
	size_t table_count[KLDSIM__SYNTH_TABLES];
	bool text_relocs;
	/* Where the first run's segment begins, of fixed addresses. */
	uint64_t fixed_addr, fixed_offset;

	struct kldsim__synth_buf section_names;
	struct kldsim__synth_buf dyn_strings;
	struct kldsim__synth_buf hash;
	struct kldsim__synth_buf gnu_hash;
	struct kldsim__synth_buf ctf;

	/* Section header indexes of what was generated; 0: not there. */
	uint32_t interp, symtab, strtab, shstrtab, dynsym, dynstr, hash_place;
	uint32_t gnu_hash_place, dynamic, tables[KLDSIM__SYNTH_TABLES];

	uint64_t shoff;
	uint64_t size;
	unsigned char *out;
};

/* synth.c */
void kldsim__synth_fail(struct kldsim_synth *synth, enum kldsim_status status,
    const char *fmt, ...) KLDSIM__PRINTF(3, 4);
bool kldsim__synth_bad(const struct kldsim_synth *synth);
bool kldsim__synth_grow(struct kldsim_synth *synth, void *array, size_t *cap,
    size_t need, size_t size);
bool kldsim__synth_buf_add(struct kldsim_synth *synth,
    struct kldsim__synth_buf *buf, const void *bytes, uint64_t size);
struct kldsim__synth_section *kldsim__synth_get_section(
    struct kldsim_synth *synth, int section, const char *who);
const char *kldsim__synth_section_name(const struct kldsim_synth *synth,
    int section);
int kldsim__synth_find_section(const struct kldsim_synth *synth,
    const char *name);
unsigned kldsim__synth_word(const struct kldsim_synth *synth);
void kldsim__synth_usual(const struct kldsim_synth *synth, const char *name,
    uint32_t *type_ret, uint64_t *flags_ret, uint64_t *align_ret);

/* files.c */
enum kldsim_status kldsim__synth_tell(struct kldsim_error *error,
    enum kldsim_status status, const char *fmt, ...)
    KLDSIM__PRINTF(3, 4);
enum kldsim_status kldsim__synth_slurp(const char *path, size_t max,
    struct kldsim__synth_buf *into, struct kldsim_error *error);

/* index.c */
uint32_t kldsim__synth_hash(const char *name);
uint32_t kldsim__synth_index_find(const struct kldsim__synth_index *index,
    const struct kldsim_synth *synth, const char *name, uint32_t hash,
    const char *(*name_of)(const struct kldsim_synth *synth, uint32_t id));
void kldsim__synth_index_add(struct kldsim__synth_index *index,
    struct kldsim_synth *synth, uint32_t hash, uint32_t id);

/* symbols.c */
struct kldsim__synth_symbol *kldsim__synth_get_symbol(
    struct kldsim_synth *synth, int symbol, const char *who);
const char *kldsim__synth_symbol_name(const struct kldsim_synth *synth,
    uint32_t symbol);
void kldsim__synth_end_symbol(struct kldsim_synth *synth, int symbol);
unsigned kldsim__synth_reloc_width(const struct kldsim_synth *synth,
    uint32_t type);

/* machines.c */
const struct kldsim__synth_machine *kldsim__synth_machine(const char *name);

/* freebsd.c */

/* What VNET variables and VNET_SYSINITs become (A-41, J-21). */
enum kldsim__synth_vnets {
	KLDSIM__SYNTH_PLAIN,  /* ordinary ones, and SYSINITs */
	KLDSIM__SYNTH_VIMAGE,
	KLDSIM__SYNTH_RUNTIME /* a module of D20278 */
};

enum kldsim__synth_vnets kldsim__synth_vnets(const struct kldsim_synth *synth);
int kldsim__synth_named(struct kldsim_synth *synth, const char *prefix,
    const char *name, const char *suffix, int bind, int type, int section,
    uint64_t value, uint64_t size);
void kldsim__synth_string_pointer(struct kldsim_synth *synth, int section,
    uint64_t offset, const char *text);
int kldsim__synth_structure(struct kldsim_synth *synth, uint64_t size,
    uint64_t *at_ret);
void kldsim__synth_store_int(struct kldsim_synth *synth, int section,
    uint64_t at, uint32_t value);

/* freebsd_net.c */
void kldsim__synth_set_pads(struct kldsim_synth *synth);

/* kernel.c */
void kldsim__synth_defaults(struct kldsim_synth *synth);

/* layout.c */
uint32_t kldsim__synth_user_place(struct kldsim__synth_layout *layout,
    size_t user, uint32_t group);
bool kldsim__synth_layout(struct kldsim__synth_layout *layout);
void kldsim__synth_layout_free(struct kldsim__synth_layout *layout);
uint32_t kldsim__synth_place_add(struct kldsim__synth_layout *layout,
    const char *name, const struct kldsim__synth_place *place);
uint64_t kldsim__synth_symbol_final(const struct kldsim_synth *synth,
    uint32_t symbol);
unsigned kldsim__synth_sym_size(const struct kldsim_synth *synth);
unsigned kldsim__synth_reloc_size(const struct kldsim_synth *synth, bool rela);
bool kldsim__synth_count_syms(struct kldsim__synth_layout *layout);

/* fixed.c */
void kldsim__synth_fixed_places(struct kldsim__synth_layout *layout);
uint64_t kldsim__synth_fixed_first(struct kldsim__synth_layout *layout,
    uint64_t headers, uint64_t address);
void kldsim__synth_fixed_phdrs(struct kldsim__synth_layout *layout);
void kldsim__synth_fixed_fill(struct kldsim__synth_layout *layout,
    struct kldsim__synth_phdr *phdr);

/* segments.c */
uint64_t kldsim__synth_up(uint64_t value, uint64_t align);
struct kldsim__synth_phdr *kldsim__synth_phdr_add(
    struct kldsim__synth_layout *layout, uint32_t type, uint32_t flags);
void kldsim__synth_cover(struct kldsim__synth_phdr *phdr,
    const struct kldsim__synth_place *place, bool first);
void kldsim__synth_count_phdrs(struct kldsim__synth_layout *layout);
void kldsim__synth_assign(struct kldsim__synth_layout *layout);
void kldsim__synth_phdrs(struct kldsim__synth_layout *layout);

/* dynamic.c */
enum kldsim__synth_table kldsim__synth_fate(const struct kldsim_synth *synth,
    const struct kldsim__synth_reloc *reloc, uint32_t *type_ret);
bool kldsim__synth_dyn_symbols(struct kldsim__synth_layout *layout);
void kldsim__synth_dyn_places(struct kldsim__synth_layout *layout);
void kldsim__synth_dyn_late_places(struct kldsim__synth_layout *layout);
void kldsim__synth_tags(struct kldsim__synth_layout *layout);

/* hash.c */
bool kldsim__synth_sysv_hash(struct kldsim__synth_layout *layout);
bool kldsim__synth_gnu_hash(struct kldsim__synth_layout *layout);
bool kldsim__synth_gnu_order(struct kldsim__synth_layout *layout);

/* emit.c */
void kldsim__synth_put(const struct kldsim_synth *synth, unsigned char *at,
    unsigned width, uint64_t value);
uint64_t kldsim__synth_get(const struct kldsim_synth *synth,
    const unsigned char *at, unsigned width);
void kldsim__synth_emit(struct kldsim__synth_layout *layout);

/* override.c */
void kldsim__synth_break(struct kldsim__synth_layout *layout);

#endif
