/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_KERN_H
#define KERN_KERN_H

/*
 * The objects of a simulated kernel: struct kldsim itself, linker files,
 * modules and interfaces, and what every flow needs to change them.
 *
 * What each object is follows <sys/linker.h> and <sys/module.h>; what is done
 * to them is lib/link's.  How they are put back is util/undo.h's: every field
 * of a committed object is saved there before it changes.
 *
 * Functions that model the kernel return an int: 0, a FreeBSD errno, or
 * KLDSIM__ABORT.  An abort is not the kernel's answer: the host has failed or
 * the real kernel would have panicked; everybody returns at once, and the
 * public call rolls back.
 */

#include <stdarg.h>
#include <stdbool.h>

#include <kldsim/kldsim.h>

#include "arch/arch.h"
#include "elf/image.h"
#include "mem/aspace.h"
#include "mem/exec_arena.h"
#include "mem/set.h"
#include "meta/metadata.h"
#include "meta/preload_metadata.h"
#include "reloc/reloc.h"
#include "report/freebsd_errno.h"
#include "report/report.h"
#include "util/arena.h"
#include "util/buckets.h"
#include "util/list.h"
#include "util/undo.h"

#define KLDSIM__ABORT (-1)

struct kldsim__file;
struct kldsim__loaded;

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

/*
 * The methods of <sys/linker_if.m> that a flow calls (L-03).  load_file is cut
 * in two where the kernel's own calls linker_load_dependencies(): loading
 * those is a loop of ours, not a recursion that a file could drive.
 */
struct kldsim__linker_class {
	/* ENOENT if there is none. */
	int (*lookup_symbol)(struct kldsim *sim, struct kldsim__file *file,
	    const char *name, struct kldsim__symref *sym_ret);
	int (*symbol_values)(struct kldsim *sim, struct kldsim__file *file,
	    const struct kldsim__symref *sym, kldsim_addr *value_ret,
	    kldsim_size *size_ret);
	/* Bounds of a linker set; ESRCH or ENOENT if there is none. */
	int (*lookup_set)(struct kldsim *sim, struct kldsim__file *file,
	    const char *name, kldsim_addr *start_ret, kldsim_addr *stop_ret);
	/* *file_ret is set only on success; a failed file is gone. */
	int (*load_begin)(struct kldsim *sim, struct kldsim_image *image,
	    const char *path, struct kldsim__file **file_ret);
	/*
	 * A file that the boot loader has put into memory; EFTYPE: not of this
	 * class.  NULL: the class has none.  A failed file is gone.
	 */
	int (*link_preload)(struct kldsim *sim,
	    const struct kldsim__loaded *loaded,
	    struct kldsim__file **file_ret);
	/* The dependencies are there; a failed file is the caller's. */
	int (*load_finish)(struct kldsim *sim, struct kldsim__file *file);
	/* The load has failed for good: what else is there to say? */
	void (*lint)(struct kldsim *sim, struct kldsim__file *file);
	int (*unload)(struct kldsim *sim, struct kldsim__file *file);
	/* The nearest symbol at or below an address (O-64); ENOENT if none. */
	int (*search_symbol)(struct kldsim *sim, struct kldsim__file *file,
	    kldsim_addr address, struct kldsim__nearest *nearest_ret);
	/* All functions in the order of the symbol table (O-66). */
	void (*each_function)(const struct kldsim__file *file,
	    kldsim_function_fn told, void *user);
	/* Copy set_vnet to the vnets, NULL: nothing to do. */
	int (*propagate_vnets)(struct kldsim *sim, struct kldsim__file *file);
	/* Free what class_data holds besides the file's arena. */
	void (*fini)(struct kldsim__file *file);
};

/* An entry of the provided-interface list, "modlist" (L-13). */
struct kldsim__interface {
	struct kldsim__link link;
	struct kldsim__link file_link; /* of its file's */
	struct kldsim__bucketed by_name;
	struct kldsim__file *file;
	const char *name;
	int version;
};

/* struct module (L-12). */
struct kldsim__module {
	struct kldsim__link link;      /* of all modules */
	struct kldsim__link file_link; /* of its file's */
	struct kldsim__bucketed by_name;
	struct kldsim__bucketed by_id;
	struct kldsim__file *file;
	const char *name;
	kldsim_addr handler;
	kldsim_addr priv;
	int id;
	int refs;
};

/* Storage made for a common symbol that nobody defines (O-60 step 4). */
struct kldsim__common {
	struct kldsim__common *next; /* of its file */
	struct kldsim__bucketed by_name;
	struct kldsim__file *file;
	const char *name;
	kldsim_addr address;
};

/* What the linker tells of a loaded section (struct kldsim_section). */
struct kldsim__file {
	struct kldsim__link link;
	struct kldsim__bucketed by_name; /* without ".ko" */
	struct kldsim__arena arena; /* all that goes with the file */
	struct kldsim *sim;
	const struct kldsim__linker_class *class;
	const char *class_name;
	struct kldsim_image *image;
	int id;
	int refs;
	int userrefs;
	int loadcnt;
	bool linked;        /* LINKER_FILE_LINKED */
	const char *filename; /* base name */
	const char *pathname;
	kldsim_addr address;
	kldsim_size size;
	kldsim_addr ctors;
	kldsim_size ctors_size;
	struct kldsim__file **deps;
	size_t ndeps;
	size_t deps_cap;
	struct kldsim__link modules;
	struct kldsim__link interfaces;
	struct kldsim__common *commons;
	struct kldsim_section *sections;
	size_t nsections;
	struct kldsim_protection *protections;
	size_t nprotections;
	struct kldsim_set_part *parts[2]; /* by enum kldsim_set */
	size_t nparts[2];
	kldsim_addr *constructors;
	size_t nconstructors;
	bool constructed;    /* they have been called, if there are any (O-80) */
	struct kldsim__event *events; /* the newest one first */
	void *class_data;
};

/* A resolver that nobody answers for, which is said once. */
struct kldsim__missed_ifunc {
	struct kldsim__bucketed by_resolver;
	kldsim_addr resolver;
};

/* Why a call is being aborted. */
struct kldsim__abort {
	bool panic;
	struct kldsim_error error;
};

/* A handler's answer (kldsim_module_answer()). */
struct kldsim__answer {
	struct kldsim__answer *next;
	const char *module;
	enum kldsim_modevent event;
	int error;
	bool raises;     /* no answer: */
	int securelevel; /* what it raises the securelevel to */
};

/* A registered VNET_SYSINIT or VNET_SYSUNINIT. */
struct kldsim__vnet_sysinit {
	struct kldsim__link link;
	struct kldsim__file *file;
	kldsim_addr record; /* struct vnet_sysinit of the target */
	struct kldsim__sysinit call;
};

/* An event; it stays where it is as long as the kernel lives. */
struct kldsim__event {
	struct kldsim_event told;
	bool named;
	struct kldsim__event *next_of_file;
};

/* A point to which kldsim_restore() can go back. */
struct kldsim__snapshot {
	uint64_t id;
	size_t undo;
	struct kldsim__report_mark report;
	bool dead;
};

/*
 * An entry of a list that was asked for by its number, for whoever asks for
 * the next one.  It holds as long as nothing changes.
 */
struct kldsim__cursor {
	const struct kldsim__link *list;
	const struct kldsim__link *at;
	size_t number;
	uint64_t changes;
};

/* What of the kernel's symbols the linker's bookkeeping has to know. */
#define KLDSIM__KNOWN_SYMBOLS(EACH) \
	EACH(module_register_init) \
	EACH(vnet_register_sysinit) \
	EACH(vnet_register_sysuninit) \
	EACH(vnet_deregister_sysinit) \
	EACH(vnet_deregister_sysuninit) \
	EACH(vnet_head) /* variables */ \
	EACH(vnet0) \
	EACH(vnet_init_var)

#define KLDSIM__KNOWN_ADDRESS(name) kldsim_addr name;

struct kldsim__known_symbols {
	KLDSIM__KNOWN_SYMBOLS(KLDSIM__KNOWN_ADDRESS)
};

struct kldsim {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena; /* options and what else lives as long */
	struct kldsim__undo undo;
	struct kldsim__aspace space;
	struct kldsim__report report;
	struct kldsim_options options; /* a copy, pointers into the arena */
	const struct kldsim__arch *arch;
	struct kldsim__facts facts;
	struct kldsim__relocator relocator;
	struct kldsim__meta meta;
	uint32_t osreldate;
	kldsim_addr load_floor; /* first address for mappings (O-12) */
	struct kldsim__set dpcpu;
	struct kldsim__set vnet;
	kldsim_addr vnet_init_var; /* saved initial values, 0: none */
	struct kldsim__exec_arena exec_arena; /* of shared objects (D-05) */
	struct kldsim__link elf_sets[2]; /* set_pcpu_list, set_vnet_list */
	struct kldsim__file *kernel;
	struct kldsim__link files;
	struct kldsim__link modules;
	struct kldsim__link interfaces;
	struct kldsim__buckets files_by_name;
	struct kldsim__buckets modules_by_name;
	struct kldsim__buckets modules_by_id;
	struct kldsim__buckets interfaces_by_name;
	struct kldsim__file **files_by_id; /* NULL: nobody has the id */
	size_t files_by_id_cap;
	struct kldsim__cursor *cursor; /* asking moves it and nothing else */
	struct kldsim__buckets missed_ifuncs;
	struct kldsim__buckets commons_by_name;
	size_t nanswering; /* ifuncs whose answers are being looked up */
	struct kldsim__known_symbols known; /* 0: the kernel has none */
	struct kldsim__answer *answers;
	struct kldsim__event **events;
	size_t nevents;
	size_t events_cap;
	struct kldsim__link vnets;           /* struct vnet */
	struct kldsim__link vnet_sysinits;   /* ascending */
	struct kldsim__link vnet_sysuninits;
	bool vnet_ready; /* the kernel's own are registered */
	bool unrecorded; /* what is called now is not news */
	struct kldsim__preload_metadata preload_metadata; /* in the arena */
	/*
	 * kern.module_path: not a string but a buffer, as what is behind its
	 * first NUL counts as well (K-12).
	 */
	char *module_path;
	size_t module_path_size;
	bool module_path_written; /* it is not that of the boot any more */
	int securelevel;   /* of prison0 (L-15) */
	int mac_kld_load;  /* what mac_kld_check_load() answers (K-47) */
	struct kldsim__hints_file *hints_files; /* read so far; a mere cache */
	int *preload_errors; /* of options.preloads */
	int *preload_ids;
	size_t boot_console; /* console lines and findings of the boot */
	size_t boot_findings;
	int next_file_id;
	int loadcnt;
	int next_module_id;
	bool dead;
	uint64_t work; /* steps of the call in progress */
	struct kldsim__abort abort;
	struct kldsim__snapshot *snapshots; /* oldest first: undo.snapshots */
	size_t snapshots_cap;
	uint64_t last_snapshot; /* id, never given twice */
};

#define KLDSIM__FILE(l) KLDSIM__ENTRY(l, struct kldsim__file, link)
#define KLDSIM__MODULE(l) KLDSIM__ENTRY(l, struct kldsim__module, link)
#define KLDSIM__INTERFACE(l) KLDSIM__ENTRY(l, struct kldsim__interface, link)

/* --- limits.c: what a file may cost --- */

/* What is 0 gets its default. */
void kldsim__limits_defaults(struct kldsim_limits *limits);
/* So many, if the limit, a field of sim->options.limits, allows. */
int kldsim__limited(struct kldsim *sim, const uint64_t *limit, uint64_t have,
    const char *format, ...) KLDSIM__PRINTF(4, 5);
/* So many steps are about to be done for a file; see limits.work. */
int kldsim__work(struct kldsim *sim, const struct kldsim__file *file,
    uint64_t steps);

/* --- kern_abort.c: bad news --- */

/* A line on the console. */
#define kldsim__console(sim, ...) \
	kldsim__report_console(&(sim)->report, __VA_ARGS__)

/* The host failed: set why and return KLDSIM__ABORT. */
int kldsim__fail(struct kldsim *sim, enum kldsim_status status,
    const char *format, ...) KLDSIM__PRINTF(3, 4);
int kldsim__nomem(struct kldsim *sim);
/* Turn an access that must not fault into 0 or KLDSIM__ABORT. */
int kldsim__accessed(struct kldsim *sim, enum kldsim__access access);

void kldsim__find(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
    KLDSIM__PRINTF(4, 5);
/* A finding that ends the simulated kernel: returns KLDSIM__ABORT. */
int kldsim__panic(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
    KLDSIM__PRINTF(4, 5);

/* --- linker_file.c: files and interfaces --- */

/* The entry of a list by its number, from 0; NULL: it has fewer. */
const struct kldsim__link *kldsim__nth(const struct kldsim *sim,
    const struct kldsim__link *list, size_t number);

/* The text after the last slash (L-08). */
const char *kldsim__basename(const char *path);

/* linker_make_file() (L-05): in the list at once, with an id. */
int kldsim__make_file(struct kldsim *sim,
    const struct kldsim__linker_class *class, const char *class_name,
    struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret);
/* Free a file and all that its arena holds. */
void kldsim__free_file(void *sim, void *file);
/* Out of the list; freed when that is final. */
int kldsim__drop_file(struct kldsim *sim, struct kldsim__file *file);
struct kldsim__file *kldsim__find_file_by_name(const struct kldsim *sim,
    const char *name);
struct kldsim__file *kldsim__find_file_by_id(const struct kldsim *sim,
    int id);
/* linker_file_add_dependency(), which takes no reference (L-11). */
int kldsim__add_dependency(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__file *dep);
int kldsim__ref_file(struct kldsim *sim, struct kldsim__file *file, int by);

/* modlist_lookup() and modlist_lookup2() (L-13); any version if dep NULL. */
struct kldsim__interface *kldsim__modlist_lookup(const struct kldsim *sim,
    const char *name, int version);
struct kldsim__interface *kldsim__modlist_lookup2(const struct kldsim *sim,
    const char *name, const struct kldsim__mod_depend *dep);
int kldsim__modlist_add(struct kldsim *sim, struct kldsim__file *file,
    const char *name, int version);
int kldsim__modlist_remove(struct kldsim *sim,
    struct kldsim__interface *interface);

/*
 * The list of modules: module_lookupbyname(), module_lookupbyid(), into it and
 * out of it (L-12).
 */
struct kldsim__module *kldsim__find_module(const struct kldsim *sim,
    const char *name);
struct kldsim__module *kldsim__find_module_by_id(const struct kldsim *sim,
    int id);
int kldsim__insert_module(struct kldsim *sim, struct kldsim__module *module);
int kldsim__remove_module(struct kldsim *sim, struct kldsim__module *module);

/* --- events.c: calls that are not made --- */

/*
 * Record a call for a file; names are copied, the function's is found when
 * asked for.
 */
int kldsim__record(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim_event *event);
/* kld_load, kld_unload_try or kld_unload of a file (L-14). */
int kldsim__record_kld(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_event_kind kind);
/* A file goes: find the names of its functions while they can be found. */
int kldsim__name_events(struct kldsim *sim, const struct kldsim__file *file);
/* An answer for a handler; what it says is for the caller to fill in. */
struct kldsim__answer *kldsim__new_answer(struct kldsim *sim,
    const char *module, enum kldsim_modevent event);
/* A handler is called: what it does to the kernel besides answering. */
int kldsim__handler_runs(struct kldsim *sim,
    const struct kldsim__module *module, enum kldsim_modevent event);
/* What a module's handler answers (M-20: none means the default one). */
int kldsim__handler_answer(const struct kldsim *sim,
    const struct kldsim__module *module, enum kldsim_modevent event);

/* --- linker_lookup.c: names --- */

/*
 * linker_file_lookup_symbol() (O-60): *value_ret is 0 if nobody has it.
 */
int kldsim__lookup(struct kldsim *sim, struct kldsim__file *file,
    const char *name, bool deps, kldsim_addr *value_ret);
/* The nearest symbol of any file; ENOENT if there is none (O-64). */
int kldsim__search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *difference_ret,
    struct kldsim__file **file_ret);
/* What a resolver answers, by the options (O-51). */
int kldsim__call_resolver(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr resolver, kldsim_addr *value_ret);

#endif
