/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_ELF_OBJ_LINK_ELF_OBJ_H
#define LINK_ELF_OBJ_LINK_ELF_OBJ_H

/*
 * struct elf_file of sys/kern/link_elf_obj.c, and the parts into which its
 * load is cut here: tables, placement, relocation, what is left to say.
 */

#include "kern/linker_file.h"
#include "link_elf_obj/class.h"
#include "sym/addrindex.h"
#include "sym/symindex.h"
#include "util/strmap.h"

/* Elf_progent: one loaded section. */
struct kldsim__progent {
	const char *name;
	kldsim_addr addr;   /* 0 until placed */
	kldsim_size size;   /* 0 until placed */
	kldsim_addr hole;   /* its place in the mapping */
	unsigned sec;
	enum kldsim_region region;
	bool relocated;     /* some table of relocations is for it */
	bool lent;          /* its bytes stay in the file */
	uint8_t *host;      /* its bytes, if they lie together and are ours */
};

/* Text that nobody will read: it stays as the file has it (link_elf_obj_lend.c). */
static inline bool
kldsim__obj_is_unread(const struct kldsim__progent *prog)
{
	return (prog->lent && prog->relocated);
}

/* Elf_relent, Elf_relaent: one relocation section. */
struct kldsim__relent {
	const uint8_t *table;
	uint64_t count;
	unsigned sec;    /* the section it is, for messages */
	unsigned target; /* the section it is for */
	bool rela;
};

/*
 * What a symbol is, so that a relocation need not ask the file.  The low bits
 * are one of these, the high bits the binding.
 */
enum kldsim__symstate {
	KLDSIM__SYM_UNDEF,    /* SHN_UNDEF */
	KLDSIM__SYM_DEFINED,  /* of a loaded section, or absolute */
	KLDSIM__SYM_CACHED,   /* SHN_FBSD_CACHED: looked up in this pass */
	/* Those that follow are odd, and said to be. */
	KLDSIM__SYM_UNLOADED, /* of a section that is not loaded (O-30) */
	KLDSIM__SYM_RESERVED, /* SHN_COMMON and its like (O-56) */
	KLDSIM__SYM_POSES     /* the file says SHN_FBSD_CACHED of its own */
};

/* st_shndx of a symbol that was looked up, while a pass runs (O-53). */
#define KLDSIM__SHN_CACHED 0xff20u

#define KLDSIM__SYM_IS_IFUNC 0x8 /* STT_GNU_IFUNC, defined or not */
#define KLDSIM__SYM_STATE(s) ((enum kldsim__symstate)((s) & 0x7))
#define KLDSIM__SYM_BIND(s) ((unsigned)(s) >> 4)

struct kldsim__obj {
	struct kldsim__elf elf;
	GElf_Shdr *shdr;
	unsigned nshdr;
	struct kldsim__progent *progtab;
	unsigned nprogtab;
	unsigned *progent_of;  /* by section index, plus 1; 0: not loaded */
	struct kldsim__relent *reltab; /* all REL, then all RELA */
	unsigned nreltab;
	unsigned counted;        /* entries of progtab, by the census (O-04) */
	unsigned missing_relocs; /* those of tables that were not made (U-14) */
	struct kldsim__symview symtab;
	unsigned symtab_sec;
	kldsim_addr *value;    /* st_value as the passes change it */
	uint8_t *state;
	uint32_t bad_name;     /* first symbol whose name is no string */
	const char *shstrtab;  /* NULL: sections have no names */
	uint64_t shstrtab_size;
	struct kldsim__symindex index; /* slots NULL until first asked */
	struct kldsim__addrindex addresses; /* likewise */
	struct kldsim__strmap section_names; /* first progent of a name */
	bool mapped;
	bool preloaded;
	bool imports_elsewhere; /* it has no name that it asks for */
	bool has_ifuncs;       /* some entry may be of the ifunc kind */
	bool skipped_told;     /* relocations with a bad symbol index */
	bool told_bound_zero;  /* bounds of the first section loaded (Z-22) */
	kldsim_addr dtors;
	kldsim_size dtors_size;
};

static inline struct kldsim__obj *
kldsim__obj_of(const struct kldsim__file *file)
{
	return (file->class_data);
}

/* The name of a section header for messages; "" if it has none. */
const char *kldsim__obj_section_name(const struct kldsim__obj *obj,
    unsigned sec);
/* Where something in a section of this file is. */
struct kldsim__where kldsim__obj_where(const struct kldsim__file *file,
    unsigned sec);
/* Refuse a file that ends before this section does (EINVAL). */
int kldsim__obj_cut_off(struct kldsim *sim, const struct kldsim__file *file,
    unsigned sec);
/* A symbol's name for messages, NULL if it has none. */
const char *kldsim__obj_symbol_name(const struct kldsim__obj *obj,
    uint32_t symbol);

/* link_elf_obj_tables.c: O-03 to O-06. */
int kldsim__obj_read_tables(struct kldsim *sim, struct kldsim__file *file);
/* The parts of it that a preloaded file shares. */
bool kldsim__obj_is_loaded(const struct kldsim *sim, const GElf_Shdr *shdr);
int kldsim__obj_read_shdrs(struct kldsim *sim, struct kldsim__file *file);
int kldsim__obj_read_symbols(struct kldsim *sim, struct kldsim__file *file);
int kldsim__obj_read_section_names(struct kldsim *sim,
    struct kldsim__file *file);

/* link_elf_obj_place.c: O-10 to O-25, O-30. */
int kldsim__obj_place(struct kldsim *sim, struct kldsim__file *file);
/* The parts of it that a preloaded file shares. */
int kldsim__obj_name_section(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__progent *prog, bool preload);
void kldsim__obj_note_constructors(struct kldsim *sim,
    struct kldsim__file *file, const struct kldsim__progent *prog,
    kldsim_addr cursor, bool preload);
enum kldsim_region kldsim__obj_region_of(const struct kldsim *sim,
    const char *name);
int kldsim__obj_allocate_in_set(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog, const char *function,
    kldsim_addr *addr_ret);
int kldsim__obj_record_section(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog);
int kldsim__obj_fix_symbols(struct kldsim *sim, struct kldsim__file *file);

/* Where a section begins that has to begin at or behind an address (O-11). */
kldsim_addr kldsim__obj_align(kldsim_addr address, uint64_t addralign);
/* Whether a section has bytes in the file that are loaded. */
bool kldsim__obj_has_bits(const GElf_Shdr *shdr);

/*
 * link_elf_obj_lend.c: sections that need no copy, as parts of a mapping of so
 * many bytes at the file's address; there is room for one more than it has
 * sections.  How many there are.
 */
size_t kldsim__obj_lend(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size length, struct kldsim__lent *lent);
/* link_elf_obj_imports.c: find out whether imports are all of other files. */
int kldsim__obj_note_imports(struct kldsim *sim, struct kldsim__file *file);
/* link_elf_obj_preload.c: the class method link_preload (P-21 to P-24). */
int kldsim__obj_link_preload(struct kldsim *sim,
    const struct kldsim__preloaded *loaded, struct kldsim__file **file_ret);
/* link_elf_obj_reloc.c: O-32, O-40 to O-47. */
int kldsim__obj_reloc_local(struct kldsim *sim, struct kldsim__file *file,
    bool ifuncs);
int kldsim__obj_reloc_global(struct kldsim *sim, struct kldsim__file *file);
/* link_elf_obj_lookup.c, O-50 to O-57: nobody has to be asked or called. */
static inline bool
kldsim__obj_is_known(uint8_t state)
{
	return ((KLDSIM__SYM_STATE(state) == KLDSIM__SYM_DEFINED ||
	    KLDSIM__SYM_STATE(state) == KLDSIM__SYM_CACHED) &&
	    (state & KLDSIM__SYM_IS_IFUNC) == 0);
}
/*
 * link_elf_obj_plain.c: a table of RELA, of a 64-bit little-endian file, for one
 * section.
 */
struct kldsim__obj_plain {
	const struct kldsim__plain *rows; /* by type */
	const uint8_t *state;             /* of the file's symbols */
	const kldsim_addr *value;
	uint32_t nsyms;
	kldsim_addr addr;                 /* of the section */
	kldsim_size size;
	uint8_t *host;                    /* its bytes */
	const uint8_t *entries;
	uint64_t count;
};
/*
 * Apply entries of one pass, local symbols' or all others', from that one on.
 * The answer is the first that the caller has to handle, for it is not plain, or
 * names no symbol; count: there is none.
 */
uint64_t kldsim__obj_apply_plain(const struct kldsim__obj_plain *plain,
    bool local, uint64_t from);
/* The same of any symbols, and nothing is stored. */
uint64_t kldsim__obj_skip_plain(const struct kldsim__obj_plain *plain,
    uint64_t from);
/* elf_obj_lookup() (O-50): EINVAL if there is no such symbol. */
int kldsim__obj_lookup(struct kldsim *sim, struct kldsim__file *file,
    uint32_t symbol, kldsim_addr *value_ret);
/* link_elf_obj_protect.c: O-70. */
int kldsim__obj_protect(struct kldsim *sim, struct kldsim__file *file);
/* link_elf_obj_lint.c: what the kernel would not say. */
int kldsim__obj_undefined_symbols(struct kldsim *sim,
    struct kldsim__file *file);
void kldsim__obj_lint(struct kldsim *sim, struct kldsim__file *file);
/* Of an address that a lookup by name has found elsewhere (D-51). */
void kldsim__obj_lint_found(struct kldsim *sim,
    const struct kldsim__file *file, const char *name, kldsim_addr value);

#endif
