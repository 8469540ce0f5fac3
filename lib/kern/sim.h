/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_SIM_H
#define KERN_SIM_H

/*
 * The simulated kernel, struct kldsim, and the parts that it consists of.  The
 * objects in its lists have headers of their own: linker_file.h, module.h,
 * interface.h, events.h, vnets.h.
 *
 * A function that only looks something up takes the part that it looks into,
 * const.  Who takes struct kldsim itself may change it, and has to save the
 * old bytes first (util/undo.h).
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

struct kldsim__answer;
struct kldsim__event;
struct kldsim__file;
struct kldsim__file_types;
struct kldsim__hints_file;
struct kldsim__own_oid;
struct kldsim__snapshot;

/* --- what a call has to do with the host --- */

/* Why a call is being aborted. */
struct kldsim__abort {
	bool panic;
	struct kldsim_error error;
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

struct kldsim__snapshots {
	struct kldsim__snapshot *all; /* oldest first; undo.snapshots of them */
	size_t cap;
	uint64_t last_id; /* never given twice */
};

/* --- sys/kern/kern_linker.c --- */

/* What a file that was refused would have provided: for findings alone. */
struct kldsim__refused_interface {
	struct kldsim__refused_interface *next;
	const char *name;
	const char *path; /* of the file */
};

/* The linker's own lists: files, and what they provide (L-05, L-13). */
struct kldsim__linker {
	struct kldsim__file *kernel;
	struct kldsim__link files;
	struct kldsim__file *gone; /* that others still point to (U-16) */
	struct kldsim__buckets files_by_name;
	struct kldsim__file **files_by_id; /* NULL: nobody has the id */
	size_t files_by_id_cap;
	int next_file_id;
	int loadcnt;
	struct kldsim__link interfaces; /* "modlist" */
	struct kldsim__buckets interfaces_by_name;
	struct kldsim__refused_interface *refused; /* the last one first */
	size_t nrefused;
	struct kldsim__buckets commons_by_name;
	struct kldsim__link elf_sets[2]; /* set_pcpu_list, set_vnet_list */
	bool preloading; /* linker_preload() runs: nobody listens yet */
	/*
	 * text_unread: it is only asked whether modules load; relocations of
	 * text are checked, and not stored (link_elf_obj_lend.c).  text_asked:
	 * somebody has read such text all the same, and got what the file has,
	 * or there is something to be said of its relocations.
	 */
	bool text_unread;
	bool text_asked;
	/* What link_elf_load_file() reads a file's beginning into (D-01). */
	uint8_t *first_page;
};

/* Where files are looked for: kern.module_path and the hints (K-12, K-13). */
struct kldsim__search {
	struct kldsim_source *source; /* NULL: the host, as it is */
	/* Not a string but a buffer: what is behind its first NUL counts. */
	char *path;
	size_t path_size;
	bool path_written; /* it is not that of the boot any more */
	struct kldsim__hints_file *hints; /* read so far; a mere cache */
	struct kldsim_names *names; /* who has what; NULL: nobody has asked */
};

/* Who may load and unload (L-15, K-47). */
struct kldsim__policy {
	int securelevel;  /* of prison0 */
	int mac_kld_load; /* what mac_kld_check_load() answers */
};

/* A resolver that nobody answers for, which is said once. */
struct kldsim__missed_ifunc {
	struct kldsim__missed_ifunc *next; /* of those of the same call */
	struct kldsim__bucketed by_resolver;
	kldsim_addr resolver;
	const struct kldsim__file *file;   /* until the call ends */
	const char *name;                  /* "": IRELATIVE has none */
};

struct kldsim__ifuncs {
	struct kldsim__buckets missed;
	struct kldsim__missed_ifunc *first; /* to be told at the call's end */
	struct kldsim__missed_ifunc *last;
	size_t nanswering; /* whose answers are being looked up */
};

/* --- sys/kern/kern_module.c --- */

struct kldsim__modules {
	struct kldsim__link all;
	struct kldsim__buckets by_name;
	struct kldsim__buckets by_id;
	int next_id;
	struct kldsim__answer *answers; /* what handlers answer */
	/* The kernel file's own are in the order of the boot (L-12). */
	bool ordered;
	kldsim_addr sysinits[2]; /* bounds of the kernel's sysinit_set */
};

/* --- sys/kern/kern_sysctl.c --- */

/* Which sysctls there are, as far as linker sets make them (M-43). */
struct kldsim__sysctls {
	/* Of the kernel file, read when first asked for: a mere cache. */
	bool read;
	kldsim_addr root; /* sysctl__children; 0: sysctls are not followed */
	struct kldsim__own_oid *own;
	size_t nown;
	struct kldsim__buckets by_parent; /* of other files */
	struct kldsim__link emptied; /* lists that have lost all (M-45) */
};

/* --- sys/net/vnet.c --- */

/* Vnets besides their variables, which are a set like DPCPU's. */
struct kldsim__vnets {
	struct kldsim__link all;       /* struct vnet */
	struct kldsim__link sysinits;  /* ascending */
	struct kldsim__link sysuninits;
	kldsim_addr init_var; /* saved initial values, 0: none */
	bool ready; /* the kernel's own functions are registered */
};

/* --- calls that are not made --- */

struct kldsim__events {
	struct kldsim__event **all;
	size_t count;
	size_t cap;
	bool unrecorded; /* what is called now is not news */
};

/* --- the boot --- */

/* What the boot loader has left, and what became of it. */
struct kldsim__booted {
	struct kldsim__preload_metadata metadata; /* in the arena */
	int *preload_errors; /* of options.preloads */
	int *preload_ids;
	size_t panicked; /* the preload that killed it, SIZE_MAX: none */
	size_t nconsole; /* console lines and findings of the boot */
	size_t nfindings;
};

/* What of the kernel's symbols the linker's bookkeeping has to know. */
#define KLDSIM__KNOWN_SYMBOLS(EACH) \
	EACH(module_register_init) \
	EACH(vnet_register_sysinit) \
	EACH(vnet_register_sysuninit) \
	EACH(vnet_deregister_sysinit) \
	EACH(vnet_deregister_sysuninit) \
	EACH(vimage_configured) /* and its shims: D20278 (J-20, J-22) */ \
	EACH(vnet_dynamic_register_sysinit) \
	EACH(vnet_dynamic_register_sysuninit) \
	EACH(vnet_dynamic_deregister_sysinit) \
	EACH(vnet_dynamic_deregister_sysuninit) \
	EACH(malloc_init) \
	EACH(sdt_tracepoint_valid) /* from when on sdt.ko patches (V-75) */ \
	EACH(M_TEMP) /* variables */ \
	EACH(vnet_head) \
	EACH(vnet0) \
	EACH(vnet_init_var) \
	EACH(mp_setvariables_for_up) /* in kernels without options SMP alone */

#define KLDSIM__KNOWN_ADDRESS(name) kldsim_addr name;

struct kldsim__known_symbols {
	KLDSIM__KNOWN_SYMBOLS(KLDSIM__KNOWN_ADDRESS)
};

/* --- how the kernel was built --- */

/*
 * What its file says of that (kbi/kernel.h): a mere cache, the answers never
 * change.  Addresses are 0 for what it does not have.
 */
struct kldsim__built {
	bool asked;
	bool configured;  /* it has its configuration in it (G-01) */
	bool certain;     /* an option that is not in there is not set */
	bool cut;         /* it ends before its end */
	uint64_t options; /* that are: bits by enum kldsim__kernel_option */
	bool looked;      /* for what symbols show, if it does not say */
	uint64_t seen;    /* options that they show */
	unsigned maxcpu;  /* what it says itself: MAXCPU=N; 0: it does not */
	kldsim_addr vfs_modevent;
	kldsim_addr g_modevent;
	kldsim_size cpuset_size; /* of any cpuset_t; 0: nobody knows */
	kldsim_addr lock_debug[4]; /* what WITNESS and others have (G-12) */
	kldsim_addr locks;  /* from here on, */
	kldsim_size nlocks; /* so many bytes, is all that inline locks call */
};

/* --- the whole --- */

struct kldsim {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena; /* options and what else lives as long */
	struct kldsim__undo undo;
	struct kldsim__report report;
	struct kldsim_options options; /* a copy, pointers into the arena */
	struct kldsim__abort abort;
	bool dead;
	uint64_t work; /* steps of the call in progress */
	struct kldsim__cursor *cursor; /* asking moves it and nothing else */
	struct kldsim__snapshots snapshots;

	const struct kldsim__arch *arch;
	uint32_t osreldate;
	struct kldsim__facts facts;
	struct kldsim__relocator relocator;

	struct kldsim__aspace space;
	struct kldsim__meta meta;
	kldsim_addr load_floor; /* first address for mappings (O-12) */
	struct kldsim__exec_arena exec_arena; /* of shared objects (D-05) */
	struct kldsim__set dpcpu;
	struct kldsim__set vnet;

	struct kldsim__linker linker;
	struct kldsim__search search;
	struct kldsim__policy policy;
	struct kldsim__ifuncs ifuncs;
	struct kldsim__modules modules;
	struct kldsim__sysctls sysctls;
	struct kldsim__vnets vnets;
	struct kldsim__events events;
	struct kldsim__booted booted;
	struct kldsim__known_symbols known; /* 0: the kernel has none */
	kldsim_addr runtime; /* what it has gained is here (vimage_runtime.h) */
	struct kldsim__built built;
	struct kldsim__file_types *file_types; /* read so far; a mere cache */
};

/* A line on the console. */
#define kldsim__console(sim, ...) \
	kldsim__report_console(&(sim)->report, __VA_ARGS__)

/* The entry of a list by its number, from 0; NULL: it has fewer. */
const struct kldsim__link *kldsim__nth(const struct kldsim *sim,
    const struct kldsim__link *list, size_t number);

#endif
