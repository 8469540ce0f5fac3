/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_LOAD_H
#define CMD_LOAD_H

/*
 * What one `kldsim load` did, or `kldsim gdb` before it serves; the reports and
 * the dump are made from it.
 */

#include <kldsim/kldsim.h>

#include "options/load_options.h"

enum outcome {
	OUTCOME_NOT_TRIED = 0, /* because of a failure or panic before */
	OUTCOME_LOADED,
	OUTCOME_REFUSED,
	OUTCOME_PANIC,
	OUTCOME_FAILED         /* on the host */
};

/* One MODULE. */
struct attempt {
	const char *name;            /* as it was given */
	enum outcome outcome;
	struct kldsim_result result; /* unless not tried or failed */
	struct kldsim_error error;   /* if failed */
	const char *failure;         /* what error says of it */
};

struct load_run {
	struct load_options *options;
	struct kldsim_image *image; /* the kernel's */
	struct kldsim_image_info info;
	struct kldsim *sim;         /* NULL: it could not be booted, */
	struct kldsim_error error;  /* for this reason, */
	const char *failure;        /* what it says of the kernel */
	struct attempt *attempts;   /* options->nmodules of them */
};

/* Boot the kernel; gives an exit status, after a message if it cannot. */
int load_run_boot(struct load_run *run);
/* Load the modules of the options, in order. */
void load_run_modules(struct load_run *run);
/* What types of all loaded files say against the kernel's, as findings. */
void load_run_compare(struct load_run *run);
/* Name for the sandbox where such types may be. */
void load_run_will_compare(void);
/* The page that --html asks for; an exit status. */
int load_run_html(const struct load_run *run);
/* The exit status for what happened, by precedence. */
int load_run_verdict(const struct load_run *run);
void load_run_free(struct load_run *run);

#endif
