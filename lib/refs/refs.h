/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REFS_REFS_H
#define REFS_REFS_H

/*
 * Who refers to VNET and DPCPU variables; the public face is <kldsim/refs.h>.
 *
 *	refs.c       the calls, and what was read
 *	file.c       a file's headers and tables
 *	parts.c      a file's bytes, if few of them are needed
 *	names.c      which variables there are, by the symbols
 *	scan.c       who refers to them, by the relocations
 *	kernels.c    one kernel or two, and what differs between them
 *	plain.c      which names a kernel has without a prefix
 *	judge.c      what becomes of a file's imports
 *	retyped.c    whether a variable's type is another one
 */

#include <pthread.h>

#include <kldsim/refs.h>
#include <kldsim/types.h>

#include "elf/image.h"
#include "report/report.h"
#include "source/source.h"
#include "util/arena.h"
#include "util/limits.h"
#include "util/strmap.h"

#define KLDSIM__REFS_SETS 2 /* set_vnet and set_pcpu, by their prefixes */

struct kldsim__refs_variable {
	struct kldsim_refs_variable told;
	kldsim_addr address;   /* own: its symbol's value */
	uint32_t symbol;       /* own: in the table of all symbols */
	uint64_t first;        /* which reference of the file was its first */
	uint32_t section;      /* where that was; 0: nowhere */
};

/* Variables in a vector. */
struct kldsim__refs_list {
	struct kldsim__refs_variable *all;
	size_t count;
	size_t cap;
};

/* Names of modules. */
struct kldsim__refs_modules {
	const char **all;
	size_t count;
	size_t cap;
};

struct kldsim_refs {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena;
	struct kldsim_refs_info info;
	struct kldsim__refs_list imports; /* by prefix and name */
	struct kldsim__refs_list own;     /* by prefix and place */
	struct kldsim__refs_modules needs;    /* but for the kernel */
	struct kldsim__refs_modules provides; /* what others may need */
	bool hookless; /* it has hooks, and the kernel no vnets (J-10) */
	/* What it is for. */
	uint16_t machine;
	bool is64, big;
};

/* Bytes of a file that are there already. */
struct kldsim__refs_range {
	uint64_t from;
	uint64_t to;
};

/*
 * A file of which no more is read than is asked for: its bytes as far as they
 * were, each in its place.
 */
struct kldsim__refs_parts {
	const struct kldsim__open_file *file; /* NULL: all is there */
	uint8_t header[64];              /* the larger ELF header */
	uint8_t *bytes;                  /* as many as the file has */
	struct kldsim__refs_range end;   /* what is around the section headers */
	struct kldsim__refs_range last;  /* what was read last */
};

/* A file that is being read. */
struct kldsim__refs_reader {
	struct kldsim_refs *refs;
	const struct kldsim_refs_kernels *kernels;
	struct kldsim_limits limits;
	uint64_t work;                   /* steps that are left */
	const char *name;                /* of the file */
	struct kldsim_image *image;      /* NULL: it is read in parts */
	struct kldsim__refs_parts parts;
	struct kldsim__elf elf;
	GElf_Shdr *shdr;
	size_t nshdr;
	const char *names;               /* of sections */
	uint64_t names_size;
	struct kldsim__symview symbols;  /* those that relocations name */
	uint32_t symbols_index;          /* its section; 0: there is none */
	struct kldsim__symview full;     /* all there are */
	uint32_t set[KLDSIM__REFS_SETS]; /* sections; 0: it has none */
	uint32_t *slots;                 /* what each of `symbols` stands for */
	bool hooks;
	bool mentions;
	struct kldsim_error *error;      /* may be NULL */
	enum kldsim_status status;       /* the first that went wrong */
};

/* What a symbol stands for: nothing, a set of the file's own, or an import. */
enum {
	KLDSIM__REFS_SLOT_NONE = 0,
	KLDSIM__REFS_SLOT_SET = 1,     /* and the set's number */
	KLDSIM__REFS_SLOT_IMPORT = 3   /* and the variable's */
};

static inline bool
kldsim__refs_same_machine(const struct kldsim_refs *a,
    const struct kldsim_refs *b)
{
	return (a->machine == b->machine && a->is64 == b->is64 &&
	    a->big == b->big);
}

/* Say why; false.  The first one counts. */
bool kldsim__refs_fail(struct kldsim__refs_reader *reader,
    enum kldsim_status status, const char *format, ...) KLDSIM__PRINTF(3, 4);
bool kldsim__refs_nomem(struct kldsim__refs_reader *reader);
/* So many steps are about to be done. */
bool kldsim__refs_work(struct kldsim__refs_reader *reader, uint64_t steps);

/* The caller's options with the defaults; the answer is what is wrong, or NULL. */
const char *kldsim__refs_options(const struct kldsim_refs_options *given,
    struct kldsim_refs_options *options);

/* --- file.c --- */

bool kldsim__refs_open(struct kldsim__refs_reader *reader);
const char *kldsim__refs_section_name(const struct kldsim__refs_reader *reader,
    uint32_t index);
/* The bytes of a section that are in the file; NULL for none. */
const uint8_t *kldsim__refs_bytes(struct kldsim__refs_reader *reader,
    uint32_t index);

/* --- parts.c --- */

/* Whether a file is worth it: a module as most are. */
bool kldsim__refs_parts_open(struct kldsim__refs_parts *parts,
    const struct kldsim__open_file *file);
/* Room for its bytes, if it is read so; false: no memory. */
bool kldsim__refs_parts_init(struct kldsim__refs_reader *reader);
void kldsim__refs_parts_fini(struct kldsim__refs_reader *reader,
    const struct kldsim__alloc *alloc);
/* So many bytes of the file are needed, and are in it. */
bool kldsim__refs_need(struct kldsim__refs_reader *reader, uint64_t offset,
    uint64_t size);
/* And those of the section headers, with what mostly lies around these. */
bool kldsim__refs_need_headers(struct kldsim__refs_reader *reader,
    uint64_t offset, uint64_t size);

/* --- names.c --- */

/* The rest of a name behind its prefix; NULL: it has none. */
const char *kldsim__refs_rest(const char *name,
    enum kldsim_refs_prefix *prefix_ret);
/* Imports, and the file's own, which are then in order. */
bool kldsim__refs_names(struct kldsim__refs_reader *reader);
/* Whether a prefix is in bytes that are not for the kernel. */
bool kldsim__refs_mentioned(struct kldsim__refs_reader *reader, bool *is_ret);
/* One more; NULL after having failed.  The name is copied. */
struct kldsim__refs_variable *kldsim__refs_add(
    struct kldsim__refs_reader *reader, struct kldsim__refs_list *list,
    enum kldsim_refs_prefix prefix, const char *name);

/* --- scan.c --- */

bool kldsim__refs_scan(struct kldsim__refs_reader *reader);

/* --- modules.c --- */

/* Modules that the file provides and needs, if it has variables. */
void kldsim__refs_modules(struct kldsim__refs_reader *reader);

/* --- kernels.c --- */

/* A kernel's names without a prefix; see plain.c. */
struct kldsim__refs_plain {
	struct kldsim__symview symbols; /* of the kernel's image */
	pthread_mutex_t lock;           /* guards what follows */
	bool asked;
	bool indexed;                   /* else there was no memory */
	struct kldsim__strmap index;
};

struct kldsim__refs_kernel {
	struct kldsim_image *image;
	struct kldsim_refs *refs;
	struct kldsim__strmap names[KLDSIM__REFS_SETS]; /* to own[] */
	struct kldsim__refs_plain *plain;
	struct kldsim_types *types;  /* of two kernels; NULL: it has none */
};

struct kldsim_refs_kernels {
	struct kldsim__alloc alloc;
	struct kldsim__refs_kernel kernel[2];
	unsigned count;
	struct kldsim__strmap virtual_names; /* to own[] of the one that counts */
	struct kldsim__strmap provided;  /* modules, to files[] */
	struct kldsim__strmap elsewhere; /* "3/vnet_entry_x", of files[3] */
	const struct kldsim_refs **files;
	size_t nfiles;
	size_t files_cap;
	struct kldsim__arena arena;
	uint64_t work;                   /* steps that comparing may take */
	/* Of two kernels, what has become of each name. */
	struct kldsim_refs_change *changes; /* by prefix and name */
	size_t nchanges;
	size_t changes_cap;
	struct kldsim__strmap changed[KLDSIM__REFS_SETS]; /* to changes[] */
	uint32_t *different;             /* of changes[], those not the same */
	uint32_t ndifferent;
};

/* Those that nobody can tell apart are of the kernel that counts. */
const struct kldsim__refs_kernel *kldsim__refs_last(
    const struct kldsim_refs_kernels *kernels);
/* A kernel's variable of a name, NULL: it has none. */
const struct kldsim__refs_variable *kldsim__refs_of_kernel(
    const struct kldsim__refs_kernel *kernel, enum kldsim_refs_prefix prefix,
    const char *name);
/* Whether the kernel that counts has a plain name behind a prefix alone. */
bool kldsim__refs_is_hidden(const struct kldsim_refs_kernels *kernels,
    const char *name);
/* Whether the kernel that counts was built with VIMAGE. */
bool kldsim__refs_has_vnets(const struct kldsim_refs_kernels *kernels);
/* What becomes of a name. */
void kldsim__refs_change(const struct kldsim_refs_kernels *kernels,
    enum kldsim_refs_prefix prefix, const char *name,
    struct kldsim_refs_change *change_ret);

/* --- plain.c --- */

/* Whether the kernel has a variable of that name, without a prefix. */
bool kldsim__refs_is_plain(const struct kldsim__refs_kernel *kernel,
    const char *name);
/* Or a function, or anything else that an import is bound to. */
bool kldsim__refs_is_defined(const struct kldsim__refs_kernel *kernel,
    const char *name);
/* The symbols are looked at later; false: no memory. */
bool kldsim__refs_plain_init(struct kldsim__refs_kernel *kernel,
    const struct kldsim__alloc *alloc, const struct kldsim__symview *symbols);
void kldsim__refs_plain_fini(struct kldsim__refs_kernel *kernel,
    const struct kldsim__alloc *alloc);

/* --- retyped.c --- */

/* Compare the types of a variable of the same size in both; false: no memory. */
bool kldsim__refs_types(const struct kldsim_refs_kernels *kernels,
    uint32_t before, uint32_t after, struct kldsim_refs_change *change);

#endif
