/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

/* Words for what the library tells by number. */

#include <stdbool.h>

#include <kldsim/kld.h>
#include <kldsim/memory.h>

#include "cmd_load.h"

/* What reports call it: "not tried", "vnet". */
const char *outcome_name(enum outcome outcome);
const char *region_name(enum kldsim_region region);

/* Protection bits as "rwx"; text is given back. */
const char *prot_text(unsigned prot, char text[4]);

/* The linked files one after another: for (id = 0; next_file(sim, &id);) */
bool next_file(const struct kldsim *sim, int *id);

/* The name of a file that the library told us of. */
const char *file_name(const struct kldsim *sim, int id);

/* The name of a file's section by its header index; NULL if it has none. */
const char *section_name(const struct kldsim *sim, int id, unsigned index);

#endif
