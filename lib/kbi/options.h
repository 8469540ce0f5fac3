/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_OPTIONS_H
#define KBI_OPTIONS_H

/* Kernel options: which the kernel has, and what of its symbols shows them. */

#include "kern/sim.h"

enum kldsim__kernel_option {
#define OPTION(option, module) KLDSIM__OPTION_##option,
#include "kbi/options.def"
	KLDSIM__NOPTIONS
};

enum kldsim__has {
	KLDSIM__HAS,
	KLDSIM__HAS_NOT, /* its kern_conf says so */
	KLDSIM__HAS_UNKNOWN
};

/* Options that explain why symbols of one file are undefined. */
struct kldsim__option_causes {
	struct {
		uint64_t count;
		struct kldsim__where where; /* of the first symbol */
	} of[KLDSIM__NOPTIONS];
};

/* The option that a symbol belongs to; KLDSIM__NOPTIONS: to none. */
enum kldsim__kernel_option kldsim__option_of_symbol(const char *name);
/* By its name; KLDSIM__NOPTIONS: none of options.def. */
enum kldsim__kernel_option kldsim__option_by_name(const char *name,
    size_t size);
/* The option's name. */
const char *kldsim__option_name(enum kldsim__kernel_option option);

/*
 * where->symbol is undefined: note the option that explains it, unless the
 * kernel says that it has it.
 */
int kldsim__note_option(struct kldsim *sim, const struct kldsim__where *where,
    struct kldsim__option_causes *causes);
/* One finding for each option that was noted, a reason for the refusal. */
int kldsim__report_options(struct kldsim *sim,
    const struct kldsim__option_causes *causes);

#endif
