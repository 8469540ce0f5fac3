/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_UNDEFINED_H
#define LINKER_CLASS_UNDEFINED_H

/* What there is to say of symbols that nobody defines. */

#include "kbi/options.h"
#include "linker_class/elsewhere.h"

/* One finding says it for all symbols of a kind. */
struct kldsim__vimage {
	struct kldsim__where where; /* of the first one */
	char first[256];            /* and what the kernel has instead */
	uint64_t count;
};

/*
 * What explains symbols of one file: another VIMAGE setting, options,
 * other files.
 */
struct kldsim__undefined {
	struct kldsim__vimage needs; /* the module is built with VIMAGE */
	struct kldsim__vimage lacks; /* or without */
	struct kldsim__option_causes options;
	struct kldsim__seeker seeker;
	struct kldsim__common_prefix alike; /* those that nothing else explains */
	struct kldsim__where where; /* of the first of these */
};

/*
 * A finding for where->symbol, which a relocation at `where` is the first of
 * `count` to name; or a note in *all of what explains it.
 */
int kldsim__report_undefined(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__where *where, uint64_t count,
    struct kldsim__undefined *all);
/* The findings for what has been noted. */
int kldsim__report_causes(struct kldsim *sim,
    const struct kldsim__undefined *all);

#endif
