/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_CHECK_H
#define KLDSIM_CHECK_H

/*
 * Many modules against one kernel: which of them load, and what is wrong with
 * the others.
 *
 * Each is tried alone, in both ways that a module gets into a kernel: by
 * kldload(2), and by the boot loader.  What it depends on is found among the
 * others, along the module path, and in linker.hints.  What is said of it is
 * what kldsim_kldload_path() says in a kernel that has just booted, and what
 * kldsim_boot() says with that one preload and preload_dependencies.  They can
 * be tried together, too: one after the other in one kernel.
 *
 * Ownership: what options and their members point to stays the caller's, and
 * is there until kldsim_check_free().
 * Thread: one thread at a time uses a check, which has threads of its own.  So
 * an allocator has to be one that many threads may use.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/image.h>
#include <kldsim/kbi.h>
#include <kldsim/memory.h>
#include <kldsim/options.h>
#include <kldsim/report.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;
struct kldsim_check;

/* How a module gets in. */
enum kldsim_check_way {
	KLDSIM_CHECK_KLDLOAD = 0,  /* alone, by kldload(2) */
	KLDSIM_CHECK_PRELOAD = 1,  /* alone, by the boot loader */
	KLDSIM_CHECK_TOGETHER = 2  /* by kldload(2), after those before it */
};
#define KLDSIM_CHECK_WAYS 3

enum kldsim_check_verdict {
	KLDSIM_CHECK_NOT_TRIED = 0,
	KLDSIM_CHECK_OK = 1,
	KLDSIM_CHECK_IN_KERNEL = 2, /* refused, for it is compiled in */
	KLDSIM_CHECK_REFUSED = 3,
	KLDSIM_CHECK_PANIC = 4,
	KLDSIM_CHECK_NO_MODULE = 5, /* refused, for it is something else */
	KLDSIM_CHECK_FAILED = 6     /* by the host: no memory, a limit */
};
#define KLDSIM_CHECK_VERDICTS 7

/* What became of a module in one way. */
struct kldsim_check_answer {
	enum kldsim_check_verdict verdict;
	int error; /* FreeBSD errno, 0 if the kernel took it */
	const char *const *console; /* lines, nconsole of them */
	size_t nconsole;
	const struct kldsim_finding *findings; /* nfindings of them */
	size_t nfindings;
	/* The first finding that says why it was refused, or NULL. */
	const struct kldsim_finding *reason;
	const struct kldsim_error *failure; /* if the host has failed */
};

/* What a module takes of the kernel's set_pcpu or set_vnet, in bytes. */
struct kldsim_check_set {
	kldsim_size size;     /* of its sections of that name */
	kldsim_size modspace; /* that they take there, as they are rounded */
	/* Likewise with all that kldload(2) loads for it; 0: it was refused. */
	kldsim_size needed;
};

/* A module and what became of it. */
struct kldsim_check_module {
	size_t index;     /* its place among all, from 0 */
	const char *path;
	const char *name; /* without the folder or archive that was named */
	/* By way.  Those together come after all that were alone. */
	struct kldsim_check_answer answers[KLDSIM_CHECK_WAYS];
	/* Paths of what kldload(2) has linked it to, nlinked of them: each once,
	   in the order in which the linker asks them, and not the kernel. */
	const char *const *linked;
	size_t nlinked;
	/* What kldload(2) and the types come to, of options.against or its own
	   (kldsim_kbi_verdict_name()); CANNOT_TELL if nobody has asked. */
	enum kldsim_kbi_verdict interface;
	/* Of kldload(2), by enum kldsim_set. */
	struct kldsim_check_set sets[2];
	/*
	 * Symbols of others that it has because local ones leak, nleaks of
	 * them, or one finding without a symbol if only a file that it needs
	 * has some; and what kldload(2) would say if they did not.  That is
	 * KLDSIM_CHECK_NOT_TRIED if nothing that is loaded has such symbols, or
	 * the release has no switch for it (V-15).
	 */
	const struct kldsim_finding *leaks;
	size_t nleaks;
	enum kldsim_check_verdict unleaked;
	/* What kldload(2) has loaded: path, or where a name was found; NULL: it
	   has loaded nothing. */
	const char *file;
};

/* Is told of a module; false ends the check. */
typedef bool (*kldsim_check_visit_fn)(void *user,
    const struct kldsim_check_module *module);
/*
 * Is told, some times a second, how many of how many modules have been told of;
 * false ends the check.
 */
typedef bool (*kldsim_check_progress_fn)(void *user, size_t done,
    size_t total);

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_check_options {
	size_t size; /* sizeof(struct kldsim_check_options) */
	/*
	 * Of each kernel; NULL: the defaults.  Its preloads and log are not
	 * used.  Folders that modules were found in go before its module_path,
	 * unless they are on it.
	 */
	const struct kldsim_options *boot;
	/*
	 * Files, folders and archives, nwhat of them; of folders and archives
	 * all files that end in .ko.
	 */
	const char *const *what;
	size_t nwhat;
	unsigned ways; /* 1 << enum kldsim_check_way; 0: both ways alone */
	unsigned jobs; /* threads that try modules; 0: one */
	kldsim_check_progress_fn progress;
	void *progress_user;
	/*
	 * Types are compared where kernel and module have some (kbi.h), and
	 * what differs is among the findings of kldload(2).  Not if this is
	 * set.
	 */
	bool no_types;
	/*
	 * Kernels that modules were built for, nagainst of them: a module is
	 * judged by the one of its own version, or by the only one there is.
	 * Its types are compared with the kernel's, and the module's own are
	 * not.
	 */
	struct kldsim_image *const *against;
	size_t nagainst;
	/*
	 * Of kldload(2) alone, without types: kldsim_check_new() loads all
	 * modules into one kernel, which takes a fraction of the time.  Only
	 * those of which there is more to be said than notes are tried alone.
	 * The others get their verdict, file and linked, and no findings, sets
	 * or leaks; kldsim_check_guilt_count() is 0.
	 */
	bool quick;
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_check_options_init(struct kldsim_check_options *options,
    size_t size);

/**
 * Boot a kernel, and look which modules there are: in the order of what was
 * named, and of strcmp(3) in folders, no path twice.
 *
 * Ownership: the caller gives the check to kldsim_check_free(); it takes a
 * reference to the image.
 * Errors: as kldsim_boot(); as kldsim_source_list() for what was named;
 * KLDSIM_NOENT for a folder or archive without modules; KLDSIM_LIMIT for more
 * files than limits.archive_members; as kldsim_kbi_file_new() for a kernel of
 * options.against, if there is one alone, and KLDSIM_ARG if it is of another
 * machine.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_check_new(
    struct kldsim_image *image, const struct kldsim_check_options *options,
    struct kldsim_check **check_ret, struct kldsim_error *error_ret);

/** Free a check.  NULL is fine. */
KLDSIM_API void kldsim_check_free(struct kldsim_check *check);

/** How many modules there are. */
KLDSIM_API size_t kldsim_check_count(const struct kldsim_check *check);

/**
 * The name of a module, as in struct kldsim_check_module.
 *
 * Units: index counts from 0.
 * Errors: NULL for an index out of range.
 */
KLDSIM_API const char *kldsim_check_name(const struct kldsim_check *check,
    size_t index);

/** The kern.module_path that they are tried with. */
KLDSIM_API const char *kldsim_check_module_path(
    const struct kldsim_check *check);

/**
 * The kernel before any module.  Its findings are those of its boot, and behind
 * them one for each folder whose linker.hints is missing or stale.
 *
 * Ownership: borrowed until kldsim_check_free(); it is only to be read.
 */
KLDSIM_API struct kldsim *kldsim_check_kernel(struct kldsim_check *check);

/**
 * Try the modules, and tell of each in their order; then of each together, if
 * that was asked for.  What is told does not depend on jobs.
 *
 * A module that panics is left out of those together; the others go on.
 *
 * Ownership: what visit() is told holds until it returns.
 * Thread: visit() and progress() are called by the thread that called this.  Where
 * the host gives fewer threads than jobs, or none, it takes longer.
 * Errors: KLDSIM_NOMEM.  What fails for one module alone is its answer.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_check_run(
    struct kldsim_check *check, kldsim_check_visit_fn visit, void *user,
    struct kldsim_error *error_ret);

/* Something that is wrong with a file among others, whether it loads or not. */
struct kldsim_check_guilt {
	size_t module;    /* of which module, by index; SIZE_MAX: of none */
	const char *path; /* of the file */
	struct kldsim_finding finding;
	bool told;        /* the module's answers have it, too */
};

/**
 * What the modules are guilty of together, after kldsim_check_run(); 0 before,
 * for a run that was ended, and for one without KLDSIM_CHECK_KLDLOAD.
 *
 *	module-twice           compiled in, and the boot loader takes it as well
 *	undeclared-dependency  it needs a file without MODULE_DEPEND
 *	file-name-twice        two files have one name
 *	interface-in-files     two files provide one interface
 *	hints-no-module, hints-file-gone, hints-leftover
 *	                       what linker.hints leads to is no module
 *	modspace-together      modules that cannot be loaded together
 *	local-symbol-leaks     it has symbols because local ones leak
 */
KLDSIM_API size_t kldsim_check_guilt_count(const struct kldsim_check *check);

/**
 * One of them, the worst first.
 *
 * Units: index counts from 0.
 * Ownership: borrowed until kldsim_check_free().
 * Errors: NULL for an index out of range.
 */
KLDSIM_API const struct kldsim_check_guilt *kldsim_check_guilt_at(
    const struct kldsim_check *check, size_t index);

/* What all modules that kldload(2) takes alone want of a set's modspace. */
struct kldsim_check_modspace {
	bool present;       /* false: the kernel has none, or nobody knows it */
	kldsim_size size;   /* of modspace */
	kldsim_size free;   /* when no module is loaded */
	kldsim_size wanted; /* by all; of files with one name by the largest */
	/*
	 * Modules that are left when one after the other is loaded, those that
	 * need least first, by index; none: all fit.
	 */
	const size_t *left;
	size_t nleft;
};

/**
 * What modules want of a set's modspace together, after kldsim_check_run(), as
 * kldsim_check_guilt_count().
 *
 * Units: bytes.
 * Ownership: what it points to is borrowed until kldsim_check_free().
 * Kernel: A-10: the first piece that is large enough is taken from its front.
 */
KLDSIM_API void kldsim_check_modspace(const struct kldsim_check *check,
    enum kldsim_set set, struct kldsim_check_modspace *modspace_ret);

/** The name of a verdict: "ok", "in kernel"; of an unknown one, "?". */
KLDSIM_API const char *kldsim_check_verdict_name(
    enum kldsim_check_verdict verdict);

#ifdef __cplusplus
}
#endif

#endif
