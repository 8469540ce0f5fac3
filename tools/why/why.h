/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WHY_WHY_H
#define WHY_WHY_H

/*
 * One symbol, or one place, of the module that is loaded last: what the linker
 * has told of it (kldsim/trace.h), and what the kernel can be asked afterwards.
 */

#include <stdbool.h>

#include <kldsim/kldsim.h>

#include "cmd_load.h"
#include "report/json.h"

/* A file was asked for the symbol. */
struct why_step {
	char *file;   /* who needs it */
	char *symbol;
	char *asked;
	size_t number;
	bool kernel;
	kldsim_addr value; /* 0: not found */
};

/* A relocation; the strings are our own. */
struct why_reloc {
	struct kldsim_trace_reloc it;
	char *file;
	char *section;
	char *name;
	char *field;
	char *symbol;
};

struct why {
	struct load_options options;
	struct load_run run;
	const char *what;     /* as it was given */
	const char *symbol;   /* what is asked about; in the end, of a place too */
	char *section;        /* NULL: a symbol is */
	uint64_t offset;
	struct kldsim_trace trace;
	bool done;            /* it is loaded: nothing more is to be noted */
	char *file;           /* base name of the module */
	struct why_step *steps; /* in the end, of the one lookup alone */
	size_t nsteps;
	size_t steps_cap;
	struct why_reloc *relocs;
	size_t nrelocs;
	size_t relocs_cap;
	char **others;        /* paths of files that have the symbol, too */
	size_t nothers;
	bool *others_loaded;
};

/* What is asked about; false: it makes no sense. */
bool why_parse(struct why *why, const char *what);
/* Boot, load, and note what concerns it; gives an exit status. */
int why_run(struct why *why);
void why_free(struct why *why);
/* The file that gave the symbol; NULL: nobody has, or nobody was asked. */
const struct why_step *why_winner(const struct why *why);
/*
 * The kernel's set that an address is a reference copy in; false: in none.
 */
bool why_set_of(const struct kldsim *sim, kldsim_addr address,
    enum kldsim_set *set_ret);

/* In words; as a document. */
void why_text(const struct why *why);
json_t *why_json(const struct why *why);

#endif
