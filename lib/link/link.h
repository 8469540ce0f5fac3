/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LINK_H
#define LINK_LINK_H

/*
 * The flows of sys/kern/kern_linker.c, and the two linker classes that they
 * call.  All functions return 0, a FreeBSD errno, or KLDSIM__ABORT.
 */

#include "kern/kern.h"

extern const struct kldsim__linker_class kldsim__link_elf_obj;
extern const struct kldsim__linker_class kldsim__link_elf;

/* In the order in which the kernel registers them (L-02). */
#define KLDSIM__NCLASSES 2u
extern const struct kldsim__linker_class *const
    kldsim__linker_classes[KLDSIM__NCLASSES];
/* A path in the kernel, its NUL included. */
#define KLDSIM__MAXPATHLEN 1024u

/* --- kern_kldload.c --- */

/* What linker_load_module() is asked for (K-05 to K-09). */
struct kldsim__request {
	struct kldsim_image *image; /* the file itself, or NULL: open path */
	const char *path;           /* NULL: search for modname or kldname */
	const char *kldname;        /* a file name, searched for (K-10) */
	const char *modname;        /* an interface, searched for (K-13) */
	const struct kldsim__mod_depend *range; /* its versions; NULL: any */
};

/* Load a file and all that it needs. */
int kldsim__linker_load_module(struct kldsim *sim,
    const struct kldsim__request *request, struct kldsim__file **file_ret);

/* --- explain.c --- */

/* Say what is wrong with a file that no class took, as far as can be seen. */
void kldsim__explain_refusal(struct kldsim *sim,
    const struct kldsim_image *image, const char *path);

/*
 * A relocation of a type that the machine's code does not take: its
 * line, and a finding unless where is NULL.
 */
int kldsim__refuse_relocation(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__rel *rel,
    const struct kldsim__where *where);

/* --- kern_search.c --- */

/*
 * linker_search_kld() and linker_search_module(): a path to be freed with
 * kldsim__free(), NULL if there is none.  dep may be NULL.
 */
int kldsim__search_kld(struct kldsim *sim, const char *name,
    char **path_ret);
int kldsim__search_module(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret);

/* mod_searchmodule() of the boot loader (P-13). */
int kldsim__loader_search(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret);
/*
 * kern.module_path: make its buffer, with the options' value; write to it.
 * The value need not end in NUL, and may have one anywhere (K-12).
 */
int kldsim__module_path_init(struct kldsim *sim);
int kldsim__module_path_write(struct kldsim *sim, const char *value,
    size_t length);

/* Forget the linker.hints that were read. */
void kldsim__search_fini(struct kldsim *sim);

/* --- kern_linker.c --- */

/* linker_file_unload() (U-10). */
int kldsim__linker_file_unload(struct kldsim *sim, struct kldsim__file *file,
    int flags);
/* A load failed: unload by force, and keep the error. */
int kldsim__load_failed(struct kldsim *sim, struct kldsim__file *file,
    int error);

/* --- kern_preload.c --- */

/* preload_delete_name() of a preloaded file on its way out (P-04, U-13). */
int kldsim__preload_delete(struct kldsim *sim,
    const struct kldsim__file *file);

/* --- boot.c --- */

/* dpcpu_init() of one more CPU. */
int kldsim__add_cpu(struct kldsim *sim, struct kldsim_instance *cpu_ret);

/* --- ctors.c --- */

/* The constructors that the kernel would call now, kept with the file. */
int kldsim__invoke_ctors(struct kldsim *sim, struct kldsim__file *file);
/* And the destructors at its unload, where a release has them (V-21). */
int kldsim__invoke_dtors(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr dtors, kldsim_size size);

/* --- options.c --- */

/*
 * Where the options want a file of this length, if they say so: a host
 * failure if that cannot be.
 */
int kldsim__chosen_address(struct kldsim *sim,
    const struct kldsim__file *file, kldsim_size length,
    kldsim_addr *address_ret, bool *chosen_ret);

#define KLDSIM__MAX_CPUS 1024u

/* Check the kernel's options, and copy what they point to. */
int kldsim__options_keep(struct kldsim *sim);

/* --- kern_deps.c --- */

/* linker_addmodules() (K-30 step 5, P-26). */
int kldsim__add_interfaces(struct kldsim *sim, struct kldsim__file *file);

/* --- link_elf.c --- */

/* Make the kernel's own file (L-17 to L-20). */
int kldsim__link_elf_kernel(struct kldsim *sim, struct kldsim_image *image);
/* A section of the kernel file by name; ENOENT if there is none. */
int kldsim__link_elf_section(struct kldsim *sim, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret);
/* Patch the kernel's own ifunc sites that the options answer (D-66). */
int kldsim__link_elf_ireloc(struct kldsim *sim);

#endif
