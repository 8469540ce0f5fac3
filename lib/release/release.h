/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RELEASE_RELEASE_H
#define RELEASE_RELEASE_H

/*
 * What differs between FreeBSD releases, 12.1 and later.
 *
 * Code asks for a fact by name and never for a version.  The table behind it
 * (release.c) says for each fact in which intervals of osreldate it holds; as
 * each branch has its own range of numbers, a merge to a stable branch is one
 * more interval.  Rule ids are those of the semantics reference.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

/* How the kernel sorts its SYSINITs and those of preloaded files (M-34). */
enum kldsim__sysinit_sort {
	KLDSIM__SORT_EXCHANGE = 0,   /* of the pointer array, unstable */
	KLDSIM__SORT_MERGE_REVERSED, /* list merge, equal keys backwards */
	KLDSIM__SORT_MERGE_STABLE    /* list merge, equal keys in link order */
};

struct kldsim__facts {
	/* Search and load flow. */
	bool hints_names_linker;      /* texts say "linker.hints file" */
	bool hints_checks_truncated;  /* a file of under 4 bytes is refused */
	int hints_size_limit;         /* largest linker.hints, in bytes */
	bool eexist_stops_classes;    /* no further class after EEXIST */
	bool root_not_mounted_enxio;  /* else ENOENT, module names only */
	bool kldload_busy_serialises; /* one kldload or kldunload at a time */
	bool kldunload_refs_busy;     /* EBUSY when others depend on it */
	bool kernel_userrefs_regression; /* kldunload of the kernel goes on */
	bool unload_events_only_linked;  /* and kld_unload before deps */
	bool this_linker_file;           /* symbol __this_linker_file */
	bool leak_locals_knob_obj;       /* debug.link_elf_obj_leak_locals */
	bool leak_locals_knob_elf;       /* debug.link_elf_leak_locals */

	/* ET_REL. */
	bool obj_init_arrays;      /* INIT_ARRAY, FINI_ARRAY are loaded */
	bool obj_first_ctors_wins; /* and a message; else the last, silently */
	bool obj_destructors;      /* run at unload */
	bool obj_dtors_need_ctors; /* only when the constructors ran */
	bool obj_local_reloc_errors_fatal; /* ENOEXEC; else ignored */
	bool obj_two_global_passes;        /* ifuncs last */
	bool superpage_colour;   /* large modules begin at a superpage */
	bool map_failure_enomem; /* else the raw KERN_* number */
	bool wire_failure_unmaps_lowest; /* the lowest kernel addresses */
	bool obj_wx;                     /* protections by section flags */
	bool obj_debug_ifunc_symbol_values; /* value, size of ifunc's target */

	/* ET_DYN. */
	int maxsegs;                         /* PT_LOADs at most */
	bool elf_debug_lookup_after_failure; /* full table in all cases */
	bool elf_hash_lp64_bug;              /* a carry above bit 31 stays */
	bool preload_dyn_protects_amd64;
	bool preload_dyn_protects_arm64;
	bool i386_set_padding; /* ldscript's 0x90909090 is required */
	bool i386_pae;         /* page tables, where the CPU has them */
	bool powerpc64_kernel_map; /* is elsewhere, and has superpages */

	/* DPCPU and VNET. */
	bool propagates_vnets_after_sysctls; /* else at section load */
	bool vnet_shadow;       /* initial values are saved */
	bool vnet_has_shutdown; /* bool vnet_shutdown in struct vnet */
	int vnet_magic;         /* VNET_MAGIC_N */

	/* Relocations. */
	bool reloc_message_has_symidx; /* ", symbol index %ld" */
	bool amd64_plt32;
	bool amd64_relative_relocaddr; /* RELATIVE is remapped */
	bool i386_jmp_slot;
	bool arm64_branch_relocs;
	bool riscv_addend;        /* R_RISCV_64 is S+A and always stored */
	bool riscv_looks_up_pcrel; /* else S is uninitialised */
	bool powerpc_irelative;
	bool powerpc64_jmp_slot_stores; /* S; else the word that lies there */
	bool powerpc_secure_plt_check;

	/* Metadata, SYSINIT, preload, tools. */
	bool sysinit_has_link; /* struct sysinit has a list pointer */
	int boot_sysinit_sort; /* enum kldsim__sysinit_sort */
	bool modstat_v3;       /* long module names */
	bool preload_numberless_types; /* "elf module" alone is accepted */
	bool loader_symtab_counted_twice;
	bool loader_checks_bounds; /* nbuckets, and what a set's bound is */
	bool kldxref_target_order; /* else host order and word size */
	bool kldxref_first_module_only;
	bool ctf_v3;
	bool ctf_eager;
	bool gdb_set_origins; /* origaddr; the kernel's identity sets */
	bool base_address_sysctls;
	bool has_mips;    /* the machine exists in this release */
	bool has_sparc64;
};

/* From..to, to excluded; from 0 and to 0 end a list. */
struct kldsim__fact_span {
	uint32_t from;
	uint32_t to;
	int value;
};

#define KLDSIM__FACT_SPANS 4

/* One row of the table, as documentation shows it. */
struct kldsim__fact {
	const char *name;
	const char *rules;
	bool number;   /* an int; else a flag */
	bool assumed;  /* some point of the spans is a guess */
	int otherwise; /* outside all spans */
	size_t offset; /* in struct kldsim__facts */
	struct kldsim__fact_span spans[KLDSIM__FACT_SPANS];
};

/**
 * Fill in the facts of a kernel.
 *
 * Units: osreldate is __FreeBSD_version; below 1200000 is out of scope and
 * gets what 12.0 had.
 * Ownership: the caller's structure.
 * Thread: any.
 * Errors: none.
 * Kernel: nothing; the kernel is what it is.
 */
void kldsim__facts_for(uint32_t osreldate, struct kldsim__facts *facts_ret);

/**
 * The i-th row of the table, NULL past the end.
 *
 * Units: i counts from 0.
 * Ownership: constant.
 * Thread: any.
 * Errors: none.
 */
const struct kldsim__fact *kldsim__fact_at(size_t i);

/**
 * The value that a filled-in structure has for a row; flags are 0 or 1.
 *
 * Ownership: nothing is handed over.
 * Thread: any.
 * Errors: none.
 */
int kldsim__fact_value(const struct kldsim__facts *facts,
    const struct kldsim__fact *fact);

/**
 * The osreldate of a release name ("12.1", ..., "main").
 *
 * Ownership: nothing is handed over.
 * Thread: any.
 * Errors: KLDSIM_ARG for an unknown name; the number is untouched.
 */
enum kldsim_status kldsim__release_by_name(const char *name,
    uint32_t *osreldate_ret);

/**
 * The name nearest to an osreldate: the newest of its branch that is not
 * newer, or the branch's first for what came before that.
 *
 * Ownership: constant.
 * Thread: any.
 * Errors: NULL for a branch without a name.
 */
const char *kldsim__release_name(uint32_t osreldate);

/**
 * The i-th release name, oldest first, NULL past the end.
 *
 * Ownership: constant.
 * Thread: any.
 * Errors: none.
 */
const char *kldsim__release_at(size_t i);

#endif
