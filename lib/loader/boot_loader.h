/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_BOOT_LOADER_H
#define LOADER_BOOT_LOADER_H

/*
 * loader(8), as far as the kernel linker meets what it leaves behind: files in
 * memory, and the metadata block that tells of them.
 *
 * A format of files is one function (struct file_format's l_load of the
 * loader), listed in boot_loader.c.  It puts a file into simulated memory and
 * fills in the records that the kernel will look for, in the order in which
 * the loader adds them; md_copymodules() turns them round.
 *
 *   ET_REL, load_elf_obj.c: SHDR (with load-time sh_addr), ELFHDR (P-11).
 *   ET_DYN and kernels, load_elf.c: SHDR, CTORS_ADDR, CTORS_SIZE, SSYM, ESYM,
 *   DYNAMIC, ELFHDR, as far as there are any (P-12); kldsim__load_elf_records()
 *   makes them all from the headers; load_elf_module.c puts a module's segments
 *   at `dest` + p_vaddr before.
 *
 * The kernel's half is the class method link_preload, which gets the file's
 * record of the block and reads there what preload_search_info() would: addresses are the kernel's own, as after
 * preload_bootstrap_relocate().  EFTYPE: not of this class, the next is asked;
 * anything else is as final as in the kernel, which is silent too (P-20).
 * Memory that the loader has mapped belongs to the linker file as soon as
 * there is one: its unload unmaps it and calls kldsim__preload_delete().
 */

#include "kern/bad_news.h"
#include "kern/sim.h"

struct kldsim__loader_module;

/* A file that the loader has put into memory. */
struct kldsim__loaded {
	struct kldsim__preloaded_file file; /* its records */
	struct kldsim_image *image; /* the bytes that they were read from */
	/* f_modules and MODINFOMD_DEPLIST, if dependencies are wanted. */
	struct kldsim__loader_module *modules;
	struct kldsim__loader_module *depends;
};

/* An ET_EXEC or ET_DYN file that is in memory, biased by `off`. */
struct kldsim__load_elf {
	struct kldsim__elf_headers headers;
	kldsim_addr off;
};

struct kldsim__boot_loader {
	struct kldsim *sim;
	struct kldsim__arena arena;   /* all of it goes when the boot is over */
	struct kldsim__loaded kernel;
	struct kldsim__loaded **files; /* behind the kernel, in blob order */
	size_t nfiles;
	size_t files_cap;
	kldsim_addr loadaddr;         /* where the next file can go (P-10) */
};

/*
 * One format's l_load: put the file at dest, or refuse it with EFTYPE.  file's
 * name and image are there; its addr and size are filled in.
 */
typedef int (*kldsim__file_format)(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, kldsim_addr dest);

int kldsim__load_elf_obj(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, kldsim_addr dest);
int kldsim__load_elf_module(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, kldsim_addr dest);

/* The table that goes behind the segments, NULL: none; and its bytes. */
const GElf_Shdr *kldsim__load_elf_symtab(const struct kldsim__load_elf *from);
kldsim_size kldsim__load_elf_symbols_size(const struct kldsim__load_elf *from,
    unsigned word);
/*
 * load_elf_metadata.c: whether a module that is in memory has the metadata
 * without which it is refused (EIO).
 */
int kldsim__load_elf_metadata(struct kldsim *sim,
    const struct kldsim__load_elf *from, const char *path,
    const struct kldsim__extent *memory);
/* All records of such a file, its address and its size (P-12). */
void kldsim__load_elf_records(const struct kldsim__load_elf *from,
    unsigned word, struct kldsim__preloaded_file *file);

/*
 * Begin with the kernel, which is in memory: its image, and the headers that
 * the loader has read of it.  Then the options' preloads, each with its own
 * error (a FreeBSD errno) or its place in loader->files.  At last the block
 * itself, into sim->booted.metadata, and of each file what a linker class is
 * told, in the loader's arena.
 */
int kldsim__boot_loader_begin(struct kldsim__boot_loader *loader,
    struct kldsim *sim, struct kldsim_image *kernel, const char *pathname,
    const struct kldsim__elf_headers *headers);
int kldsim__boot_loader_load(struct kldsim__boot_loader *loader,
    const struct kldsim_preload *preload, size_t *which_ret);
/* One file and nothing else; it is the last of loader->files then. */
int kldsim__boot_loader_file(struct kldsim__boot_loader *loader,
    struct kldsim_image *image, const char *path);
/* Unmap a file that is in memory; false: no memory. */
bool kldsim__boot_loader_unmap(struct kldsim__boot_loader *loader,
    const struct kldsim__preloaded_file *file);
int kldsim__boot_loader_finish(struct kldsim__boot_loader *loader,
    const struct kldsim__preloaded **preloaded_ret);
void kldsim__boot_loader_fini(struct kldsim__boot_loader *loader);

/* --- boot_loader_deps.c: with options.preload_dependencies (P-13 to P-16) --- */

/* The kernel's modules. */
int kldsim__loader_kernel_modules(struct kldsim__boot_loader *loader);
/* The kernel has a module, or is the file: EEXIST, and why. */
int kldsim__loader_has_it(struct kldsim__boot_loader *loader,
    const char *name, const char *what);
/* mod_loadkld(): a file, if it is not there, and all that it needs. */
int kldsim__mod_loadkld(struct kldsim__boot_loader *loader,
    struct kldsim_image *image, const char *path, size_t *which_ret);
/*
 * The file that has a module, of any version if dep is NULL; false if there is
 * none.  *which_ret is SIZE_MAX for the kernel.
 */
bool kldsim__file_findmodule(const struct kldsim__boot_loader *loader,
    const char *name, const struct kldsim__mod_depend *dep,
    size_t *which_ret);

/* --- boot_loader_search.c --- */

/* mod_searchmodule(): a path to be freed with kldsim__free(), or NULL (P-13). */
int kldsim__loader_search(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret);

#endif
