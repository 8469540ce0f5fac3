/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

/*
 * Many modules against one kernel (kldsim/check.h), over the public calls.
 *
 *	check.c     the object
 *	what.c      which modules there are, and where dependencies are
 *	answer.c    what became of one module: copied, and its verdict
 *	attempt.c   one module in a kernel of one thread
 *	quick.c     all in one kernel: which need not be tried alone
 *	interface.c what its types say against the kernel's
 *	run.c       threads, and answers in order
 *	guilt.h     what a folder is guilty of
 *
 *	next_boot.c    what an installed system loads (kldsim/next_boot.h)
 *	settings.c     its configuration: names and values
 *	loader_conf.c  as loader(8) reads it
 *	rc_conf.c      as rc(8) reads it
 */

#include <kldsim/check.h>
#include <kldsim/kbi.h>
#include <kldsim/kld.h>

#include "util/arena.h"
#include "util/error.h"

struct kldsim__check_entry {
	const char *path;
	const char *name;
	bool whole; /* all of its folder is checked */
};

/* A file that was loaded for a module, and what it takes by enum kldsim_set. */
struct kldsim__check_part {
	const char *name; /* its base name */
	kldsim_size modspace[2];
};

/* A module in the hands of a thread. */
struct kldsim__check_tried {
	struct kldsim_check_module module;
	/* Files that were loaded for it and take modspace, itself among them. */
	struct kldsim__check_part *parts;
	size_t nparts;
};

struct kldsim__check_guilts;

/* One that need not be tried alone, where it is, and what it is linked to. */
struct kldsim__check_quick {
	bool fine;
	const char *file;
	const char *const *linked;
	size_t nlinked;
};

struct kldsim_check {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena; /* all that lives as long as this */
	struct kldsim_image *image;
	struct kldsim_source *source;
	struct kldsim_names *names; /* who has what, for all kernels */
	struct kldsim_check_options options;
	struct kldsim_options boot; /* of each kernel */
	struct kldsim *sim;         /* no module was ever loaded into it */
	size_t nconsole, nfindings; /* of its boot */
	struct kldsim_kbi_file *kernel; /* its types; NULL: it has none */
	/* Those of options.against; none: modules' own types are compared. */
	struct kldsim_kbi_file **olds;
	size_t nolds;
	struct kldsim__check_entry *entries;
	size_t count;
	size_t cap;
	struct kldsim__check_guilts *guilts; /* guilt.h; NULL: none was tried */
	struct kldsim__check_quick *quick; /* by index; NULL: all are tried */
};

/* A kernel's options as the caller gave them, or the defaults. */
enum kldsim_status kldsim__check_boot_options(
    const struct kldsim_options *given, struct kldsim_options *options,
    struct kldsim_error *error);

/* --- what.c --- */

/* Find all modules that were named, and set boot.module_path. */
enum kldsim_status kldsim__check_find(struct kldsim_check *check,
    struct kldsim_error *error);

/* --- answer.c --- */

/* What a kernel was asked, and what of its answer is of interest. */
struct kldsim__check_asked {
	struct kldsim_source *source;
	const char *path;  /* of the module, or its name */
	/*
	 * Of a whole boot that loaded modules: the kernel that loaded none, and
	 * how much it says.  NULL: nothing is left out.
	 */
	const struct kldsim *bare;
	size_t nconsole, nfindings;
	bool own; /* only findings of this very file, and no lines */
};

/* Copy what a kernel has said, into an arena.  False: no memory. */
bool kldsim__check_answer(const struct kldsim__check_asked *asked,
    struct kldsim *sim, const struct kldsim_result *result,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret);
/* Whether a finding's file, which may be NULL, is called like a path or a name. */
bool kldsim__check_is_called(const char *file, const char *path);
bool kldsim__check_copy_finding(struct kldsim__arena *arena,
    const struct kldsim_finding *from, struct kldsim_finding *to);
/* The host has failed. */
bool kldsim__check_failure(const struct kldsim_error *error,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret);

/* --- load_kld.c --- */

/*
 * asked->path is a word of kld_list.  KLDSIM_CHECK_NOT_TRIED with a finding: it is
 * passed over.  False: no memory.
 */
bool kldsim__load_kld(const struct kldsim__check_asked *asked,
    struct kldsim *sim, struct kldsim__arena *arena,
    struct kldsim_check_answer *answer_ret);

/* --- interface.c --- */

struct kldsim__check_bench;

/* Look whether the kernel has types, and the old one. */
enum kldsim_status kldsim__check_interface_init(struct kldsim_check *check,
    struct kldsim_error *error);
void kldsim__check_interface_fini(struct kldsim__check_bench *bench);
/* Tell of a module's types, as part of the call that loaded it. */
enum kldsim_status kldsim__check_interface(struct kldsim__check_bench *bench,
    struct kldsim_check_module *module, struct kldsim_result *result,
    struct kldsim_error *error);

/* --- attempt.c --- */

/* A kernel that modules are tried in one after the other. */
struct kldsim__check_bench {
	const struct kldsim_check *check;
	struct kldsim *sim;
	uint64_t snapshot;
	/* By old kernel, made when the first module needs it. */
	struct kldsim_kbi **kbis;
};

enum kldsim_status kldsim__check_bench_init(struct kldsim__check_bench *bench,
    const struct kldsim_check *check, struct kldsim_error *error);
void kldsim__check_bench_fini(struct kldsim__check_bench *bench);
/* Load a file, or what is called so, into the kernel as it is. */
enum kldsim_status kldsim__check_load(struct kldsim__check_bench *bench,
    const char *path, struct kldsim_result *result,
    struct kldsim_error *error);
/* What a file is linked to, for module.  False: no memory. */
bool kldsim__check_linked(const struct kldsim *sim, int fileid,
    struct kldsim__arena *arena, struct kldsim_check_module *module);
/* Try one module alone in the ways that were asked for.  False: no memory. */
bool kldsim__check_alone(struct kldsim__check_bench *bench,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried);
/* Try it and leave it there, unless it panics. */
bool kldsim__check_together(struct kldsim__check_bench *bench,
    struct kldsim__arena *arena, struct kldsim_check_module *module);

/* --- quick.c --- */

/* Load all into one kernel, and note which are fine (options.quick). */
enum kldsim_status kldsim__check_quick(struct kldsim_check *check,
    struct kldsim_error *error);
/* Whether a module need not be tried alone; then this is its answer. */
bool kldsim__check_is_fine(const struct kldsim_check *check,
    struct kldsim__check_tried *tried);

#endif
