/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_REFS_H
#define KLDSIM_REFS_H

/*
 * Which VNET and DPCPU variables a file refers to, its own and others', and
 * what becomes of that in one kernel or from one kernel to another.  Files are
 * read as they lie there; nothing is loaded.
 *
 * A variable that lives once for each vnet is the symbol vnet_entry_NAME, one
 * of each CPU is pcpu_entry_NAME.  A module binds to them by name when it is
 * loaded, so it does not care where they are; it was compiled with their size
 * and type.
 *
 * Code that the linker has bound inside a file without a relocation is not
 * seen (F-04).  Members of struct pcpu are numbers in code and leave no name.
 *
 * Thread: what was read never changes; any number of threads may ask it.
 * Ownership: texts last as long as what gave them.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/kbi.h>
#include <kldsim/options.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_refs;
struct kldsim_refs_kernels;
struct kldsim_source;

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_refs_options {
	size_t size;                 /* sizeof(struct kldsim_refs_options) */
	struct kldsim_limits limits; /* sections, symbols, work; 0: default */
	struct kldsim_allocator allocator;
};

/* What stands before the name. */
enum kldsim_refs_prefix {
	KLDSIM_REFS_VNET = 0,  /* vnet_entry_ */
	KLDSIM_REFS_DPCPU = 1, /* pcpu_entry_ */
	KLDSIM_REFS_PLAIN = 2  /* nothing: built without VIMAGE */
};

/* What a file has to do with such variables; of several the last one. */
enum kldsim_refs_use {
	KLDSIM_REFS_NOTHING = 0,
	KLDSIM_REFS_MENTIONS = 1, /* a prefix is in its bytes, and no variable */
	KLDSIM_REFS_HOOKS = 2,    /* it is told of vnets, without a variable */
	KLDSIM_REFS_OWN = 3,      /* variables of its own alone */
	KLDSIM_REFS_IMPORTS = 4   /* others' variables */
};

struct kldsim_refs_variable {
	const char *name;      /* without the prefix; "": nothing names it */
	enum kldsim_refs_prefix prefix;
	bool own;              /* in its own set; else it is imported */
	bool weak;             /* imported, and 0 if nobody has it */
	kldsim_addr offset;    /* own: from the start of its set */
	kldsim_size size;      /* own */
	uint64_t references;   /* relocations */
	uint64_t got;          /* those of them that fill the GOT, where a slot
	                          serves any number of uses */
	/* The first reference; section is NULL if there is none. */
	const char *section;
	kldsim_addr section_offset;
	const char *function;  /* that it is in; NULL: none */
	kldsim_addr function_offset;
};

struct kldsim_refs_info {
	const char *file;      /* the name of the image */
	bool kernel;           /* it is one */
	bool relocatable;      /* ET_REL */
	enum kldsim_refs_use use;
	uint32_t imports;      /* variables; those that are imported come first */
	uint32_t own;
	uint64_t references;   /* of imported variables */
	uint64_t own_references;
	kldsim_size set[2];    /* bytes of set_vnet and set_pcpu, by prefix */
	bool foreign;          /* another machine's than the kernels', if there
	                          were any when it was read */
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_refs_options_init(struct kldsim_refs_options *options,
    size_t size);

/**
 * Read what a file refers to.  With kernels, plain names count as imported if
 * these have them as VNET or DPCPU variables.  Options of NULL are the defaults.
 *
 * Ownership: the caller frees it with kldsim_refs_free(); the image may go
 * before, and the kernels may.
 * Errors: KLDSIM_NOT_ELF, KLDSIM_MALFORMED for a file whose section headers,
 * symbols or relocations are not all there, KLDSIM_LIMIT, KLDSIM_NOMEM,
 * KLDSIM_ARG.
 * Kernel: F-01 to F-05 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_read(
    struct kldsim_image *image, const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *options, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret);

/**
 * Read what the file at a path refers to, as kldsim_refs_read() would of
 * kldsim_source_image(); of a module on the host no more is read than that
 * takes, which is a part of it.  A source of NULL is the host.
 *
 * Ownership: as kldsim_refs_read().
 * Errors: as those two.
 * Kernel: F-01 to F-05 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_read_path(
    struct kldsim_source *source, const char *path,
    const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *options, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret);

/** Free what was read; NULL is fine. */
KLDSIM_API void kldsim_refs_free(struct kldsim_refs *refs);

/** Say how much there is. */
KLDSIM_API void kldsim_refs_info(const struct kldsim_refs *refs,
    struct kldsim_refs_info *info_ret);

/**
 * One variable: those that are imported by prefix and name, then the file's own
 * by prefix and place.
 *
 * Units: index counts from 0 to imports + own - 1.
 * Errors: KLDSIM_NOENT for an index out of range.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_variable(
    const struct kldsim_refs *refs, uint32_t index,
    struct kldsim_refs_variable *variable_ret);

/* --- against kernels --- */

/* What becomes of a name, in one kernel or from the first to the second. */
enum kldsim_refs_change_kind {
	KLDSIM_REFS_FOUND = 0,    /* one kernel: it has it */
	KLDSIM_REFS_MISSING,      /* one kernel: it does not */
	KLDSIM_REFS_SAME,
	KLDSIM_REFS_MOVED,        /* another place, which no module knows */
	KLDSIM_REFS_RESIZED,
	KLDSIM_REFS_RETYPED,      /* of the same size, and something else */
	KLDSIM_REFS_UNTYPED,      /* of the same size, and one has no type */
	KLDSIM_REFS_ADDED,
	KLDSIM_REFS_REMOVED,
	KLDSIM_REFS_VIRTUALIZED,  /* it was a plain variable */
	KLDSIM_REFS_DEVIRTUALIZED, /* it is a plain variable */
	KLDSIM_REFS_ELSEWHERE     /* a file that it depends on has it */
};

/* A variable of one kernel. */
struct kldsim_refs_place {
	bool there;
	kldsim_addr address;
	kldsim_addr offset; /* from the start of its set */
	kldsim_size size;
};

struct kldsim_refs_change {
	const char *name;   /* without the prefix */
	enum kldsim_refs_prefix prefix;
	enum kldsim_refs_change_kind kind;
	enum kldsim_kbi_verdict verdict; /* for who imports it */
	struct kldsim_refs_place before;  /* the first of two kernels */
	struct kldsim_refs_place after;   /* the second, or the only one */
	char text[256];     /* why, in a few words; "" if there is no more to say */
};

/* Told of each import; change is as long as the call. */
typedef void (*kldsim_refs_judged_fn)(void *user, uint32_t index,
    const struct kldsim_refs_change *change);

/**
 * Read one kernel, or two: the one that modules were built for, and the one
 * they shall be loaded into.
 *
 * Ownership: the caller frees them with kldsim_refs_kernels_free(); kernel2
 * is NULL for one kernel; the images may go before.
 * Errors: as kldsim_refs_read(); KLDSIM_ARG for kernels of different machines; of
 * types that cannot be read there is no error, they are not there.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_kernels_read(
    struct kldsim_image *kernel, struct kldsim_image *kernel2,
    const struct kldsim_refs_options *options,
    struct kldsim_refs_kernels **kernels_ret, struct kldsim_error *error_ret);

/** Free kernels; NULL is fine. */
KLDSIM_API void kldsim_refs_kernels_free(struct kldsim_refs_kernels *kernels);

/**
 * Say that a file goes with the kernel: what it has as its own is there for
 * those that depend on it.  The file has to outlive the kernels; add all before
 * the first is judged, from one thread.
 *
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_kernels_add(
    struct kldsim_refs_kernels *kernels, const struct kldsim_refs *refs);

/**
 * Judge what a file imports: the worst of what becomes of its variables.  What
 * nobody has will keep the kernel from loading the file, unless no relocation
 * wants it or it is weak; of a file that depends on others than the kernel nobody
 * can tell.  Its own variables count if they are of vnets and the kernel has
 * none: it has to be built again, and will not load if it has VNET_SYSINITs, as
 * far as it was read with the kernels.  A file of another machine will not load,
 * and its variables are not judged.  judged() may be NULL.
 *
 * Kernel: F-06 to F-09 of docs/inspect-semantics.md; O-46, O-60.
 */
KLDSIM_API enum kldsim_kbi_verdict kldsim_refs_judge(
    const struct kldsim_refs_kernels *kernels, const struct kldsim_refs *refs,
    kldsim_refs_judged_fn judged, void *user);

/**
 * One name that differs between two kernels, in strcmp(3) order, VNET variables
 * first.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT behind the last one, and for one kernel.
 * Kernel: F-07 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_refs_change(
    const struct kldsim_refs_kernels *kernels, uint32_t index,
    struct kldsim_refs_change *change_ret);

/** "vnet_entry_", "pcpu_entry_", "" . */
KLDSIM_API const char *kldsim_refs_prefix_name(enum kldsim_refs_prefix prefix);

/** The name of a use: "imports", "own", "hooks", "mentions", "nothing". */
KLDSIM_API const char *kldsim_refs_use_name(enum kldsim_refs_use use);

/** The name of a change: "moved", "resized". */
KLDSIM_API const char *kldsim_refs_change_name(
    enum kldsim_refs_change_kind kind);

#ifdef __cplusplus
}
#endif

#endif
