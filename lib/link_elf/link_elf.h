/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_ELF_LINK_ELF_H
#define LINK_ELF_LINK_ELF_H

/* struct elf_file of sys/kern/link_elf.c. */

#include "kern/linker_file.h"
#include "link_elf/class.h"
#include "linker_class/elf_set.h"
#include "sym/addrindex.h"
#include "sym/elfhash.h"
#include "sym/elfindex.h"
#include "sym/fullsyms.h"

/* Largest number of segments of any release (D-03). */
#define KLDSIM__MAXSEGS 16u

/* What the program headers say (D-02, D-03). */
struct kldsim__segments {
	GElf_Phdr segs[KLDSIM__MAXSEGS]; /* PT_LOAD, in the file's order */
	unsigned nsegs;
	GElf_Phdr dynamic;               /* the last PT_DYNAMIC */
	bool has_dynamic;
};

/* The relocation tables of a module in the order of D-41. */
enum kldsim__dyntable {
	KLDSIM__DYN_REL,
	KLDSIM__DYN_RELA,
	KLDSIM__DYN_PLTREL,  /* DT_JMPREL, if DT_PLTREL is not DT_RELA */
	KLDSIM__DYN_PLTRELA, /* DT_JMPREL, if it is */
	KLDSIM__DYN_NTABLES
};

struct kldsim__dynrel {
	kldsim_addr address; /* 0: there is none */
	int size;            /* bytes; the kernel has an int (Z-42) */
};

/* What the dynamic section says; addresses are biased, 0 is none (D-10). */
struct kldsim__tags {
	kldsim_addr hash, symtab, strtab, jmprel, pltgot, ppc_got;
	int strsz, pltrelsz;
	uint64_t pltrel;
	struct kldsim__dynrel tables[KLDSIM__DYN_NTABLES];
};

struct kldsim__dyn {
	struct kldsim__elf elf;
	GElf_Phdr *phdr;                /* the kernel's */
	unsigned nphdr;
	GElf_Shdr *shdr;                /* NULL: the file has none */
	unsigned nshdr;
	kldsim_addr bias;               /* symbol addresses are bias + st_value */
	kldsim_addr mask;               /* of the target's addresses */
	struct kldsim__symview dynsym;  /* DT_SYMTAB, as far as there is memory */
	uint32_t dynsym_room;           /* symbols up to the buffer's end */
	uint32_t dynsym_reach;          /* and up to the mapping's end */
	struct kldsim__elfhash hash;    /* DT_HASH */
	struct kldsim__elfindex index;  /* of the kernel's, when often asked */
	struct kldsim__symview symtab;  /* the debug table: all symbols */
	bool has_symtab;                /* false: it is dynsym again */
	struct kldsim__fullsyms *symbols; /* of symtab; kept by the image */
	bool in_image;                  /* symtab: the image's own bytes */
	struct kldsim__addrindex addresses; /* of symtab; made when asked */
	const uint8_t *rela;            /* the kernel's DT_RELA, in the image */
	uint64_t nrela;
	const uint8_t *rel;             /* the kernel's DT_REL */
	uint64_t nrel;
	const uint8_t *plt;             /* DT_JMPREL */
	uint64_t nplt;
	bool plt_rela;                  /* DT_PLTREL */

	/* Modules alone. */
	GElf_Phdr *segs;       /* struct kldsim__segments, not of preloaded */
	unsigned nsegs;
	GElf_Phdr pt_dynamic;
	kldsim_addr base_vaddr;
	uint8_t *host;                  /* the mapping as far as it is flat */
	kldsim_size host_size;
	bool preloaded;
	kldsim_addr map_start;          /* its first page */
	kldsim_addr ssym, esym;         /* preloaded: the block of L-19 */
	kldsim_addr dynamic;
	struct kldsim__tags tags;
	struct kldsim__dynset sets[2];  /* by enum kldsim_set */
	bool relocated;                 /* by both passes */
};

static inline struct kldsim__dyn *
kldsim__dyn_of(const struct kldsim__file *file)
{
	return (file->class_data);
}

/* An address of the file: all arithmetic wraps as the target's does. */
static inline kldsim_addr
kldsim__dyn_address(const struct kldsim__dyn *dyn, kldsim_addr value)
{
	return ((dyn->bias + value) & dyn->mask);
}

/*
 * The bytes behind [address, address + size) of a module, NULL if that is not
 * all in its own mapping.
 */
static inline uint8_t *
kldsim__dyn_own(const struct kldsim__file *file, kldsim_addr address,
    kldsim_size size)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	kldsim_addr offset = (address - file->address) & dyn->mask;

	return (kldsim__in_range(offset, size, dyn->host_size) ?
	    dyn->host + offset : NULL);
}

/* How far a module's own mapping goes from an address; 0: it is outside. */
static inline kldsim_size
kldsim__dyn_room(const struct kldsim__file *file, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	kldsim_addr offset = (address - file->address) & dyn->mask;

	return (offset < dyn->host_size ? dyn->host_size - offset : 0);
}

/*
 * The same with the zeros that a large .bss has behind the buffer: what lies
 * there has no bytes to point to, but the kernel reads it like anything else.
 */
static inline kldsim_size
kldsim__dyn_reach(const struct kldsim__file *file, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const kldsim_size end = dyn->host_size > file->size ?
	    dyn->host_size : file->size;
	kldsim_addr offset = (address - file->address) & dyn->mask;

	return (offset < end ? end - offset : 0);
}

static inline bool
kldsim__dyn_read(const struct kldsim *sim, const struct kldsim__file *file,
    kldsim_addr address, void *bytes, size_t size)
{
	return (size <= kldsim__dyn_reach(file, address) &&
	    kldsim__aspace_read(&sim->space, address, bytes, size));
}

/*
 * link_elf_kernel.c.  Read a kernel file: program headers, dynamic section,
 * symbol tables.  What is wrong with it is a host failure with its reason
 * (KLDSIM__ABORT).
 */
int kldsim__dyn_read_kernel(struct kldsim *sim, struct kldsim__file *file);

/* link_elf.c: the file object, and D-20 from parse_dynamic() on. */
int kldsim__dyn_make_file(struct kldsim *sim, struct kldsim_image *image,
    const struct kldsim__elf *elf, const char *path,
    struct kldsim__file **file_ret);
int kldsim__dyn_link(struct kldsim *sim, struct kldsim__file *file);

/* link_elf_load.c: D-02 to D-07. */
int kldsim__dyn_read_phdrs(struct kldsim *sim, const struct kldsim__elf *elf,
    const char *path, struct kldsim__segments *segments_ret);
int kldsim__dyn_map(struct kldsim *sim, struct kldsim__file *file);
/* Give the mapping back. */
int kldsim__dyn_unmap(struct kldsim *sim, struct kldsim__file *file);

/* link_elf_dynamic.c: D-10 to D-12. */
int kldsim__dyn_parse_dynamic(struct kldsim *sim, struct kldsim__file *file);

/* link_elf_set.c: D-30 to D-36, D-51, D-53. */
int kldsim__dyn_parse_set(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which);
int kldsim__dyn_free_sets(struct kldsim *sim, struct kldsim__file *file);
/* elf_relocaddr(). */
kldsim_addr kldsim__dyn_relocaddr(const struct kldsim *sim,
    const struct kldsim__file *file, kldsim_addr address);

/* link_elf_reloc.c: D-40 to D-50. */
int kldsim__dyn_reloc_local(struct kldsim *sim, struct kldsim__file *file);
int kldsim__dyn_reloc_global(struct kldsim *sim, struct kldsim__file *file);
/* link_elf.c: the first of a name in the debug table; false: no memory. */
bool kldsim__dyn_find_full(struct kldsim__file *file, const char *name,
    struct kldsim__fullsym *found_ret);
/* link_elf.c: the debug table by address; false: no memory. */
bool kldsim__dyn_index_addresses(struct kldsim *sim,
    struct kldsim__file *file);
/* link_elf_hidden.c: the class method. */
const char *kldsim__dyn_why_hidden(struct kldsim *sim,
    struct kldsim__file *file, const char *name);
/* Report every undefined symbol, not only the first; changes nothing. */
int kldsim__dyn_undefined_symbols(struct kldsim *sim,
    struct kldsim__file *file);

/*
 * link_elf_preload.c: the class method link_preload (P-25), and what follows
 * the global pass of a preloaded file.
 */
int kldsim__dyn_link_preload(struct kldsim *sim,
    const struct kldsim__preloaded *loaded, struct kldsim__file **file_ret);
int kldsim__dyn_preload_finish(struct kldsim *sim, struct kldsim__file *file);

/*
 * link_elf_lint.c: what reaches for the file's own copy of a set, once it has
 * been relocated.
 */
void kldsim__dyn_lint(struct kldsim *sim, struct kldsim__file *file);
/* link_elf_preload.c: what would be, had the boot loader brought the file. */
void kldsim__dyn_lint_headers(struct kldsim *sim,
    const struct kldsim__file *file);

/* link_elf_sections.c: D-21. */
/* The debug table is another one from now on. */
void kldsim__dyn_set_symtab(struct kldsim__dyn *dyn, const uint8_t *symbols,
    uint32_t count, const uint8_t *strings, uint64_t strings_size);
int kldsim__dyn_read_sections(struct kldsim *sim, struct kldsim__file *file);
/* What the public API tells of sections; names may be NULL. */
int kldsim__dyn_record_sections(struct kldsim *sim, struct kldsim__file *file,
    const GElf_Shdr *shdr, unsigned nshdr, const GElf_Shdr *names);

/* link_elf_trace.c: of what section a place is, and of which set. */
struct kldsim_trace_reloc;
void kldsim__dyn_tell_place(const struct kldsim__dyn *dyn, uint64_t offset,
    kldsim_addr at, struct kldsim_trace_reloc *told);

#endif
