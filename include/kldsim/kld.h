/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_KLD_H
#define KLDSIM_KLD_H

/*
 * A simulated kernel and its linker files: boot it, then do to it what the kld
 * system calls do to the real one.
 *
 * A kernel that refuses a module has done its work: the call succeeds and the
 * result holds the FreeBSD errno.  A call that fails (any status but
 * KLDSIM_OK) has changed nothing.
 *
 * Thread: any thread may boot; one at a time uses a simulated kernel.
 * Ownership: a name that is handed out is borrowed, and lasts until the file
 * that it belongs to is unloaded.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/options.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

/* kldunload flags, numbered as in <sys/linker.h>. */
#define KLDSIM_UNLOAD_NORMAL 0
#define KLDSIM_UNLOAD_FORCE 1

/* What became of one kldload or kldunload. */
struct kldsim_result {
	int error;            /* FreeBSD errno, 0 if the kernel did it */
	int fileid;           /* kldload: the new file's id, -1 if refused */
	bool panicked;        /* the real kernel would have panicked here */
	size_t first_console; /* console lines of this call */
	size_t nconsole;
	size_t first_finding; /* findings of this call */
	size_t nfindings;
};

/* An interface (MODULE_VERSION) that a file provides. */
struct kldsim_interface {
	const char *name;
	int version;
};

/* Which versions of an interface will do: struct mod_depend (L-13). */
struct kldsim_version_range {
	int minimum;
	int preferred; /* will do whatever the other two say */
	int maximum;
};

/* A module (DECLARE_MODULE) of a file. */
struct kldsim_modinfo {
	const char *name;
	int id;
	int refs;
	int fileid;
};

/* What kldstat(2) tells of a file, and what it leaves out. */
struct kldsim_filestat {
	int id;
	int refs;
	int userrefs;
	bool linked;          /* false: half loaded, or a zombie (K-23) */
	const char *name;     /* base name */
	const char *path;
	const char *class_name; /* linker class: "elf64_obj", "elf64" */
	kldsim_addr address;
	kldsim_size size;     /* bytes, not rounded */
	size_t ndeps;
	size_t ninterfaces;
	size_t nmodules;
	size_t nsections;
	size_t nconstructors;
};

/* Which memory a section of a file lies in. */
enum kldsim_region {
	KLDSIM_REGION_NONE = 0,    /* not loaded */
	KLDSIM_REGION_MAPPING = 1, /* the file's own mapping */
	KLDSIM_REGION_DPCPU = 2,   /* the kernel's set_pcpu (reference copy) */
	KLDSIM_REGION_VNET = 3     /* the kernel's set_vnet (reference copy) */
};

#define KLDSIM_PROT_READ 1
#define KLDSIM_PROT_WRITE 2
#define KLDSIM_PROT_EXEC 4

/* One loaded section. */
struct kldsim_section {
	const char *name;
	unsigned index;      /* section header index */
	unsigned type;       /* sh_type */
	uint64_t flags;      /* sh_flags */
	kldsim_addr address; /* where it is used, for sets in the reference copy */
	kldsim_size size;
	enum kldsim_region region;
	kldsim_addr hole;    /* its place in the mapping (sets leave one) */
};

/* A run of pages of one protection (rule O-70). */
struct kldsim_protection {
	kldsim_addr start;
	kldsim_size size;
	unsigned prot;
};

/**
 * Boot a simulated kernel from an image.
 *
 * A preloaded file that would panic the real kernel, or the boot loader, gives
 * a dead kernel (kldsim_is_dead()) as it was before the first preload; its
 * findings say why, kldsim_preload_result() which file it was.
 *
 * Ownership: the caller gives the kernel to kldsim_destroy().  The kernel
 * takes a reference to the image, and copies the options.
 * Errors: KLDSIM_NOT_ELF or KLDSIM_MALFORMED for a file that is no kernel, or
 * for one that panics without any preload, KLDSIM_UNSUPPORTED for a machine
 * that is not built, KLDSIM_ARG for options, KLDSIM_LIMIT, KLDSIM_NOMEM.
 * Kernel: L-01, L-17 to L-23, A-01, A-20, A-32.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_boot(
    struct kldsim_image *image, const struct kldsim_options *options,
    struct kldsim **sim_ret, struct kldsim_error *error_ret);

/**
 * What became of one of the options' preloads.  The console lines and findings
 * of the result are those of the whole boot.
 *
 * At most one preload has panicked; the others were not tried then, and their
 * results say nothing: no error, and no file.
 *
 * Units: index counts from 0, as in the options.
 * Errors: KLDSIM_NOENT for an index out of range.
 * Kernel: P-20 to P-28.  The kernel has no errno for a preloaded file that it
 * does not take; the result has that of the step that failed, EFTYPE where the
 * boot loader itself refuses.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_preload_result(
    const struct kldsim *sim, size_t index,
    struct kldsim_result *result_ret);

/**
 * The metadata block that the boot loader has handed to the kernel: what is at
 * preload_metadata, MODINFO_END included.
 *
 * It tells of the kernel and of every preloaded file that the loader has put
 * into memory, as far as the linker asks: name, type, address, size, and what
 * each format adds.  What other parts of a kernel are told (environment,
 * boothowto, memory maps) is not in it.
 *
 * Units: *size_ret counts bytes.  The block is in the target's word size and
 * byte order; its addresses are the kernel's own, as after
 * preload_bootstrap_relocate().
 * Ownership: the kernel's, which changes it as preloaded files are unloaded.
 * Kernel: P-01 to P-06.
 */
KLDSIM_API const void *kldsim_preload_metadata(const struct kldsim *sim,
    size_t *size_ret);

/** Free a simulated kernel and all that was borrowed from it.  NULL is fine. */
KLDSIM_API void kldsim_destroy(struct kldsim *sim);

/**
 * Whether a panic has ended this simulated kernel.  A dead one can still be
 * read, but not changed.
 *
 * Kernel: panic(9).
 */
KLDSIM_API bool kldsim_is_dead(const struct kldsim *sim);

/**
 * The osreldate whose rules are in force: that of the options, or the kernel's
 * own.
 *
 * Units: a __FreeBSD_version.
 * Kernel: M-10.
 */
KLDSIM_API uint32_t kldsim_osreldate(const struct kldsim *sim);

/**
 * Load by name, exactly as kldload(2): "foo" is a module's name, anything with
 * a dot or a slash the name of a file.  Names without a slash are searched for
 * along the module path of the options, in linker.hints and as files.  What
 * the file depends on is loaded first.
 *
 * Ownership: the result is the caller's; its indexes hold for the kernel's
 * life.
 * Errors: KLDSIM_STATE for a dead kernel, KLDSIM_LIMIT, KLDSIM_NOMEM,
 * KLDSIM_UNSUPPORTED, KLDSIM_ARG, KLDSIM_SYS.  A missing or malformed file is
 * the kernel's answer: KLDSIM_OK with result.error set.
 * Kernel: K-01 to K-35.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldload(struct kldsim *sim,
    const char *name, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * Load one host file, whatever its name looks like.  Its dependencies are
 * searched for as by kldsim_kldload().
 *
 * Errors: as kldsim_kldload().
 * Kernel: kldload(2) with a path (K-03, K-10).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldload_path(
    struct kldsim *sim, const char *path, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * Load an image as if it had been found at a path.
 *
 * Ownership: the file that is loaded takes a reference to the image.
 * Errors: as kldsim_kldload().
 * Kernel: as kldsim_kldload().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldload_image(
    struct kldsim *sim, struct kldsim_image *image, const char *path,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret);

/**
 * Unload a file, as kldunloadf(2); flags are KLDSIM_UNLOAD_NORMAL or
 * KLDSIM_UNLOAD_FORCE.
 *
 * Errors: KLDSIM_STATE, KLDSIM_NOMEM.  An unknown id is the kernel's ENOENT.
 * Kernel: U-01 to U-12.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldunload(struct kldsim *sim,
    int fileid, int flags, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * Take a reference to the file that provides an interface, as the kernel's own
 * parts do (firmware(9), for one).  Without a provider, one is loaded.  A
 * range of NULL asks for any version; result.fileid is the file's id.
 *
 * Ownership: kldsim_release_module() or kldsim_release_file() gives the
 * reference back.
 * Errors: as kldsim_kldload().
 * Kernel: linker_reference_module() (K-35): a file that is loaded has no user
 * reference, so that kldunload(2) refuses it (U-02).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_reference_module(
    struct kldsim *sim, const char *modname,
    const struct kldsim_version_range *range,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret);

/**
 * Give back a reference to the file that provides an interface; the last one
 * unloads it.  A range of NULL asks for any version.
 *
 * Errors: KLDSIM_STATE, KLDSIM_NOMEM.  Without a provider the kernel says
 * ESRCH.
 * Kernel: linker_release_module() with a name (K-35).  It does not know whose
 * reference that was: a file can go that others depend on (U-16).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_release_module(
    struct kldsim *sim, const char *modname,
    const struct kldsim_version_range *range,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret);

/**
 * Give back a reference to a file; the last one unloads it.
 *
 * Errors: KLDSIM_NOENT for an id that names no linked file, of which the
 * kernel has a pointer; else as kldsim_release_module().
 * Kernel: linker_release_module() with a file (K-35).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_release_file(
    struct kldsim *sim, int fileid, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * Ask for a file's types (CTF), as DTrace and DDB do: whether the kernel would
 * have them.  What they are, kldsim_types_read() tells.
 *
 * Units: *size_ret is ctfcnt, the bytes of the section as it is in the file,
 * also if they are packed; 0 unless result.error is 0.
 * Errors: KLDSIM_STATE, KLDSIM_NOMEM; KLDSIM_LIMIT; KLDSIM_FAULT where the
 * kernel would read outside what it has of the file.  An unknown id, of which
 * the kernel has a pointer, is ENOENT.
 * Kernel: linker_ctf_get() (B-30): EFTYPE without types, or of a version that
 * it does not read; ENOEXEC without section headers; EIO if the file is cut
 * short or does not unpack.  It tries once; after that it is EFTYPE.  Where the
 * kernel has tried as it loaded the file (V-56), EFTYPE is all that is seen.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_ctf_get(struct kldsim *sim,
    int fileid, kldsim_size *size_ret, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * Find a file by base name, as kldfind(2).
 *
 * Errors: KLDSIM_NOENT.
 * Kernel: L-08 to L-10; half-loaded files are found too.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldfind(
    const struct kldsim *sim, const char *name, int *fileid_ret);

/**
 * The linked file after another, as kldnext(2): 0 asks for the first, and is
 * the answer after the last.
 *
 * Errors: KLDSIM_NOENT for an id that is not in the list.
 * Kernel: L-10.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldnext(
    const struct kldsim *sim, int fileid, int *next_ret);

/**
 * What there is to say of a file, as kldstat(2) and more.
 *
 * Errors: KLDSIM_NOENT for an id that names no linked file.
 * Kernel: L-04, K-42.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldstat(
    const struct kldsim *sim, int fileid, struct kldsim_filestat *stat_ret);

/**
 * One entry of a file's dependency list, in order, duplicates kept.  The
 * answer is a file id, or 0 for a file that was unloaded in spite of that.
 *
 * Units: index counts from 0 to ndeps - 1.
 * Errors: KLDSIM_NOENT for a file or an index that is not there.
 * Kernel: K-30, U-16; entry 0 is always the kernel.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_dep(
    const struct kldsim *sim, int fileid, size_t index, int *depid_ret);

/**
 * One interface that a file provides, in the order of the provided list.
 *
 * Units: index counts from 0 to ninterfaces - 1.
 * Errors: as kldsim_file_dep().
 * Kernel: L-13.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_interface(
    const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_interface *interface_ret);

/**
 * One module of a file, in the order of the file's list.
 *
 * Units: index counts from 0 to nmodules - 1.
 * Errors: as kldsim_file_dep().
 * Kernel: L-12: the head is the next to be unloaded.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_module(
    const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_modinfo *module_ret);

/**
 * One loaded section of a file, in section header order.
 *
 * Units: index counts loaded sections only, from 0 to nsections - 1.
 * Errors: as kldsim_file_dep().
 * Kernel: the progtab of link_elf_obj.c (O-14 to O-20).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_section(
    const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_section *section_ret);

/* Told of one section; anything but 0 ends the walk. */
typedef int (*kldsim_section_fn)(void *user,
    const struct kldsim_section *section);

/**
 * Walk the sections of a file that take memory, in section header order: those
 * of kldsim_file_section(), or, where the linker has loaded segments (the
 * kernel, shared objects), where its section headers say that they are.  A file
 * without headers has none.
 *
 * Ownership: what is told holds until told() returns, the name as long as the
 * file.
 * Errors: KLDSIM_NOENT for an id that names no linked file.
 * Kernel: O-14 to O-20; the kernel keeps no such list for the other class.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_layout(
    const struct kldsim *sim, int fileid, kldsim_section_fn told, void *user);

/**
 * One run of page protections of a file, ascending.  A release that sets none
 * has none.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT for a file that is not there, and past its last run.
 * Kernel: O-70, V-31.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_protection(
    const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_protection *protection_ret);

/**
 * One constructor that the kernel would have called, in calling order; it was
 * not run.
 *
 * Units: index counts from 0 to nconstructors - 1; the answer is a target
 * address.
 * Errors: as kldsim_file_dep().
 * Kernel: O-18, O-80.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_constructor(
    const struct kldsim *sim, int fileid, size_t index,
    kldsim_addr *address_ret);

/* Told of one function; anything but 0 ends the walk. */
typedef int (*kldsim_function_fn)(void *user, const char *name,
    kldsim_addr address);

/**
 * Walk the functions of a file in the order of its symbol table, as
 * kern.function_list and dtrace(1) do.
 *
 * Errors: KLDSIM_NOENT for an id that names no linked file.
 * Kernel: each_function_name and each_function_nameval (O-66, K-48): symbols
 * of type FUNC or GNU_IFUNC whose value is not 0.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_file_functions(
    const struct kldsim *sim, int fileid, kldsim_function_fn told,
    void *user);

/**
 * Look a symbol up by name, as kldsym(2); a fileid of 0 asks all files.  Both
 * answers are wanted.
 *
 * Units: the value is a target address, the size counts bytes.
 * Errors: KLDSIM_NOENT, KLDSIM_NOMEM.
 * Kernel: K-46, O-61 to O-63, D-60 to D-63.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldsym(struct kldsim *sim,
    int fileid, const char *name, kldsim_addr *value_ret,
    kldsim_size *size_ret);

/**
 * The nearest symbol at or below an address, of all files.  The file may be
 * one that is not linked.
 *
 * Units: address is a target address; the offset counts bytes from the symbol.
 * Errors: KLDSIM_NOENT if there is none, KLDSIM_NOMEM.
 * Kernel: O-64, D-64.  DDB's own search is another one (B-14, B-17).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_search_symbol(
    struct kldsim *sim, kldsim_addr address, const char **name_ret,
    kldsim_size *offset_ret, int *fileid_ret);

/**
 * Find a module by name, as modfind(2); the answer is its id.
 *
 * Errors: KLDSIM_NOENT.
 * Kernel: L-12, M-20; modules of files that are not linked are found too.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_modfind(
    const struct kldsim *sim, const char *name, int *modid_ret);

/**
 * What there is to say of a module, as modstat(2).
 *
 * Errors: KLDSIM_NOENT for an id that names no module.
 * Kernel: L-12, K-45; the name is whole, where the system call cuts it to fit.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_modstat(
    const struct kldsim *sim, int modid, struct kldsim_modinfo *module_ret);

/**
 * The module after another in the list of all, as modnext(2): 0 asks for the
 * first, and is the answer after the last.
 *
 * Errors: KLDSIM_NOENT for an unknown id, and for 0 if there is no module.
 * Kernel: L-12: the order of registration.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_modnext(
    const struct kldsim *sim, int modid, int *next_ret);

/**
 * The module after another in its file's list, as modfnext(2); 0 after the
 * last.
 *
 * Errors: KLDSIM_NOENT for an unknown id.
 * Kernel: L-12: the order in which they would be unloaded.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_modfnext(
    const struct kldsim *sim, int modid, int *next_ret);

/**
 * The first module of a file's list, as kldfirstmod(2); 0 if the file has
 * none.
 *
 * Errors: KLDSIM_NOENT for an id that names no linked file.
 * Kernel: L-10, L-12.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kldfirstmod(
    const struct kldsim *sim, int fileid, int *modid_ret);

#ifdef __cplusplus
}
#endif

#endif
