/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_RUN_H
#define KBI_KBI_RUN_H

/* What `kldsim kbi` is asked, and what becomes of each MODULE. */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/kldsim.h>

#include "kbi/kbi_severities.h"
#include "kbi/kbi_source.h"
#include "options/load_options.h"

/* A kernel that modules may have been built for. */
struct kbi_old {
	char *name;
	struct kbi_source source;
	struct kldsim_kbi_file *file;
	struct kldsim_kbi_file_info info;
	struct kldsim_kbi *kbi; /* NULL: not needed so far */
};

/* A number that a build told its assembler, and that is no longer true. */
struct kbi_stale {
	const char *kind;   /* "header", "lacking", "object" */
	char *file;
	char *name;
	char *text;
};

struct kbi_run {
	struct load_options load;   /* first, for its options are rows */
	struct debug_options where; /* debug files */
	const char *against;        /* --against; NULL: none */
	unsigned rank;              /* --rank; 0: as it is fit */
	bool require_types;
	const char *write;          /* --write; NULL: no */
	bool any, all_by_dwarf;     /* modules, and where their types are from */
	const char *build_dir;      /* --build-dir; NULL: none */
	struct kbi_stale *stale;    /* what was found there */
	size_t nstale;
	bool locals;                /* --all */
	const char *used_by;        /* --used-by; NULL: all */
	bool compare;               /* --compare */
	const char *explain;        /* --explain; NULL: all */
	const char *html;           /* --html; NULL: none */
	const char *severities;     /* --severities; NULL: none */
	struct kbi_severities *known; /* what is in there */
	struct kldsim_image *image; /* the kernel's */
	struct kldsim_check *check;
	struct kbi_source source;   /* of the kernel's types */
	struct kldsim_kbi_file *kernel;
	struct kldsim_kbi_file_info info;
	struct kldsim_kbi *kbi;     /* of modules that have types */
	struct kbi_old *olds;
	size_t nolds;
	bool one_old;               /* whatever it was built for, a module is
	                               judged by it */
	const char *failure;        /* why there is no answer */
	struct kldsim_error error;
	int status;                 /* for the modules so far */
};

/* A finding of the load that tells of the interface. */
struct kbi_told {
	unsigned level;
	enum kldsim_severity severity;
	const char *code;
	char *text;
};

struct kbi_module {
	const char *name;        /* without the folder that was named */
	struct kbi_source source;
	struct kldsim_kbi_file *file; /* NULL: there is none */
	struct kldsim_kbi_file_info info;
	const struct kbi_old *old; /* NULL: compared with the kernel */
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_info found;
	enum kldsim_kbi_verdict verdict;
	char *why;               /* in a few words */
	bool refused;
	bool panicked;
	bool failed;             /* on the host */
	struct kbi_told *told;
	size_t ntold;
};

/* Which two sides a finding is about. */
static inline enum kldsim_kbi_mode
kbi_mode_of(const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	return (finding->linked != NULL ? KLDSIM_KBI_LINKED :
	    module->found.mode);
}

/* --- kbi_begin.c --- */

/* Boot KERNEL, and look at it and OLD; an exit status. */
int kbi_begin(struct kbi_run *run);

/* --- kbi_run.c --- */

/* One that has been tried by the linker: compare it. */
void kbi_module_make(struct kbi_run *run,
    const struct kldsim_check_module *checked, struct kbi_module *module);
void kbi_module_free(struct kbi_module *module);
/* The exit status for one (I-55). */
int kbi_module_status(const struct kbi_run *run,
    const struct kbi_module *module);
/* Whether a finding is to be shown (I-20, I-45), and whether it counts. */
bool kbi_shows(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding);
bool kbi_counts(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding);

/* --- kbi_load.c --- */

/* Whether the simulated kernel takes it, and what it has to say. */
void kbi_load_take(struct kbi_module *module,
    const struct kldsim_check_module *checked);

/* --- kbi_build_dir.c --- */

/* What of a build's folder is stale (S-10 to S-12); an exit status. */
int kbi_build_dir(struct kbi_run *run);

/* --- kbi_old.c --- */

/* One kernel, or all of a folder; of an error, run->load.failed is of OLD. */
enum kldsim_status kbi_find_olds(struct kbi_run *run);
/* The one for a module (I-81), ready to be compared; NULL: there is none. */
struct kbi_old *kbi_choose_old(struct kbi_run *run, uint32_t osreldate);

/* --- kbi_text.c --- */

void kbi_text_module(const struct kbi_run *run,
    const struct kbi_module *module);
void kbi_text_end(const struct kbi_run *run);

#endif
