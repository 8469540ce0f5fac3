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
	KLDSIM__HAS,      /* its kern_conf says so, or the kernel itself */
	KLDSIM__HAS_SEEN, /* a symbol that only such kernels have */
	KLDSIM__HAS_NOT,  /* its kern_conf says so */
	KLDSIM__HAS_UNKNOWN
};

/* What a symbol says of the kernel that has it. */
struct kldsim__option_symbol {
	enum kldsim__kernel_option option; /* KLDSIM__NOPTIONS: nothing */
	bool without; /* it is there without the option */
};

/* Options that explain why symbols of one file are undefined. */
struct kldsim__option_cause {
	uint64_t count;
	struct kldsim__where where; /* of the first symbol */
};

struct kldsim__option_causes {
	struct kldsim__option_cause with[KLDSIM__NOPTIONS];
	struct kldsim__option_cause without[KLDSIM__NOPTIONS];
};

struct kldsim__option_symbol kldsim__option_of_symbol(const char *name);
/* Why no kernel has a symbol any more that others had; NULL: nobody knows. */
const char *kldsim__symbol_gone(const char *name);
/* By its name; KLDSIM__NOPTIONS: none of options.def. */
enum kldsim__kernel_option kldsim__option_by_name(const char *name,
    size_t size);
/* The option's name. */
const char *kldsim__option_name(enum kldsim__kernel_option option);

/* Options that the kernel shows to have by features and symbols (G-02). */
int kldsim__see_options(struct kldsim *sim, uint64_t *options_ret);

/*
 * where->symbol is undefined: note the option that explains it, unless the
 * kernel says that this cannot be.
 */
int kldsim__note_option(struct kldsim *sim, const struct kldsim__where *where,
    struct kldsim__option_causes *causes);
/* One finding for each option that was noted, a reason for the refusal. */
int kldsim__report_options(struct kldsim *sim,
    const struct kldsim__option_causes *causes);

#endif
