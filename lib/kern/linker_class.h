/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_LINKER_CLASS_H
#define KERN_LINKER_CLASS_H

/* A linker class: the methods of <sys/linker_if.m> that a flow calls (L-03). */

#include "kern/sim.h"

/* A symbol as a class found it; good as long as its file. */
struct kldsim__symref {
	uint32_t index;
	bool dynamic; /* of the dynamic table; else of the full one */
};

/* A symbol found by address. */
struct kldsim__nearest {
	const char *name;
	kldsim_size size;       /* st_size */
	kldsim_size difference; /* bytes below the address */
};

/*
 * What symbol_values says of an ifunc's size where the release gives that of
 * the symbol just at the resolver's answer (O-63); only kldsym(2) asks.
 */
#define KLDSIM__SIZE_OF_TARGET UINT64_MAX

/* Which symbols are to be told. */
#define KLDSIM__IMPORTS 0x1u /* undefined ones */
#define KLDSIM__OBJECTS 0x2u /* variables that the file defines */

/* Names that a class is told of at a time. */
#define KLDSIM__TOLD_NAMES 32u

/* One with a name, as its file's table has it. */
struct kldsim__told_symbol {
	const char *name;
	bool defined;
	kldsim_addr address; /* if it is defined */
	kldsim_size size;    /* st_size */
};

/*
 * load_file is cut in two where the kernel's own calls
 * linker_load_dependencies(): loading those is a loop of ours, not a recursion
 * that a file could drive.
 *
 * A class knows no flow.  Where the kernel's class unloads a file that it
 * could not load, ours hands it over and the caller does.
 */
struct kldsim__linker_class {
	/* ENOENT if there is none. */
	int (*lookup_symbol)(struct kldsim *sim, struct kldsim__file *file,
	    const char *name, struct kldsim__symref *sym_ret);
	int (*symbol_values)(struct kldsim *sim, struct kldsim__file *file,
	    const struct kldsim__symref *sym, kldsim_addr *value_ret,
	    kldsim_size *size_ret);
	/*
	 * Names that are looked up next, KLDSIM__TOLD_NAMES at most: a
	 * class may get ready for them, which only the clock notices.  The kernel's class has it.
	 */
	void (*expect_symbols)(const struct kldsim__file *file,
	    const char *const *names, size_t nnames);
	/*
	 * A symbol that the tables have under this name, and that
	 * lookup_symbol does not give, or with the value 0: why, in words that
	 * go on after "and".  NULL if there is none.  For findings alone.
	 */
	const char *(*why_hidden)(struct kldsim *sim,
	    struct kldsim__file *file, const char *name);
	/* Bounds of a linker set; ESRCH or ENOENT if there is none. */
	int (*lookup_set)(struct kldsim *sim, struct kldsim__file *file,
	    const char *name, kldsim_addr *start_ret, kldsim_addr *stop_ret);
	/*
	 * *file_ret is the new file, also of a load that failed once there was
	 * one: it is the caller's to unload.  NULL: there is none.
	 */
	int (*load_begin)(struct kldsim *sim, struct kldsim_image *image,
	    const char *path, struct kldsim__file **file_ret);
	/* Likewise a file that is in memory; EFTYPE: not of this class. */
	int (*link_preload)(struct kldsim *sim,
	    const struct kldsim__preloaded *preloaded,
	    struct kldsim__file **file_ret);
	/* The dependencies are there; a failed file is the caller's. */
	int (*load_finish)(struct kldsim *sim, struct kldsim__file *file);
	/* The load has failed for good: what else is there to say? */
	void (*lint)(struct kldsim *sim, struct kldsim__file *file);
	int (*unload)(struct kldsim *sim, struct kldsim__file *file);
	/* The nearest symbol at or below an address (O-64); ENOENT if none. */
	int (*search_symbol)(struct kldsim *sim, struct kldsim__file *file,
	    kldsim_addr address, struct kldsim__nearest *nearest_ret);
	/* The function whose code is at an address, NULL if none is; a walk. */
	const char *(*function_at)(const struct kldsim__file *file,
	    kldsim_addr address);
	/* All functions in the order of the symbol table (O-66). */
	void (*each_function)(const struct kldsim__file *file,
	    kldsim_function_fn told, void *user);
	/* Some of the symbols of a file that is linked. */
	void (*each_symbol)(const struct kldsim__file *file, unsigned which,
	    void (*told)(void *user, const struct kldsim__told_symbol *symbol),
	    void *user);
	/* Copy set_vnet to the vnets, NULL: nothing to do. */
	int (*propagate_vnets)(struct kldsim *sim, struct kldsim__file *file);
	/* Free what class_data holds besides the file's arena. */
	void (*fini)(struct kldsim__file *file);
};

#endif
