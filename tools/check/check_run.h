/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECK_CHECK_RUN_H
#define CHECK_CHECK_RUN_H

/* One `kldsim check`; reports are made from it as modules are told of. */

#include <kldsim/check.h>
#include <kldsim/next_boot.h>

#include "html/page.h"
#include "options/load_options.h"
#include "report/json.h"

#define CHECK_INTERFACES 4

/* What a module takes of modspace. */
struct check_sets {
	size_t module; /* its index */
	struct kldsim_check_set sets[2];
};

struct baseline;
struct junit;
struct sarif;

struct check_run {
	struct load_options load;
	unsigned jobs;
	bool together;
	bool show_sets;
	const char *against;        /* the kernel they were built for; NULL */
	const char *sarif_file;     /* for machines; NULL: not asked for */
	const char *junit_file;
	const char *baseline_file;  /* what is known */
	const char *kept_file;      /* --write-baseline */
	const char *root;           /* of an installed system, or NULL */
	const char *html;           /* the page's file, or NULL */

	const char **what;          /* nwhat of them, what is checked */
	size_t nwhat;
	char *folders;              /* of the module path, cut into pieces */
	struct kldsim_image *image; /* the kernel's */
	struct kldsim_image_info info;
	struct kldsim_image **olds; /* of against, nolds of them */
	size_t nolds;
	struct kldsim_check *check;
	struct kldsim_next_boot *next; /* of root */
	struct kldsim_error error;  /* if that could not be made, or run */
	const char *failure;        /* what error says */

	size_t told;                /* modules alone, then together */
	size_t totals[KLDSIM_CHECK_WAYS][KLDSIM_CHECK_VERDICTS];
	size_t interfaces[CHECK_INTERFACES]; /* by kldsim_kbi_verdict */
	size_t warnings;            /* that are not known */
	/* Answers and interfaces that count, as not all of why is known. */
	size_t counted[KLDSIM_CHECK_VERDICTS];
	size_t ncounted_interfaces;
	enum kldsim_check_verdict *alone; /* of kldload(2), by module */
	struct check_sets *sets;    /* by module */
	size_t ndiffer;             /* answers that differ together */
	int name_width;             /* columns */
	bool interrupted;
	json_t *modules;            /* with --json */
	struct sarif *sarif;        /* each NULL if it was not asked for */
	struct junit *junit;
	struct baseline *baseline;
	struct baseline *kept;
	struct page *page;          /* with --html */
};

/* "kldload", "preload", "together". */
const char *check_way_name(enum kldsim_check_way way);
/* Whether a way was asked for. */
bool check_has_way(const struct check_run *run, enum kldsim_check_way way);
/*
 * The warnings of a module alone, those that both ways have once; what only says
 * why it was refused is none.
 */
size_t check_warnings(const struct kldsim_check_module *module);
/* Those of them that are not known. */
size_t check_new_warnings(const struct check_run *run,
    const struct kldsim_check_module *module);

/* --- check_text.c --- */

/* The columns that names need, if they are not all too long. */
int check_text_width(const struct check_run *run);
void check_text_begin(const struct check_run *run);
void check_text_module(const struct check_run *run,
    const struct kldsim_check_module *module);
void check_text_end(struct check_run *run);

/* What other reports are made of: a verdict with its errno, in a column if
   something follows; why a module is not in, to be freed and "" if that needs no
   words, with the finding's code or without; all that the kernel said of it; and what it says by itself. */
void check_text_verdict(const struct check_run *run,
    const struct kldsim_check_answer *answer, bool last);
char *check_text_reason(const struct kldsim_check_answer *answer,
    const char *path);
char *check_text_sentence(const struct kldsim_check_answer *answer,
    const char *path);
void check_text_all(const char *way,
    const struct kldsim_check_answer *answer);
void check_text_findings(const struct check_run *run, struct kldsim *sim);

/* --- check_guilt.c: what they are guilty of together --- */

/* Warnings that are neither a module's own nor why it was refused. */
size_t check_guilt_warnings(const struct check_run *run);
void check_guilt_text(const struct check_run *run);
/* The table of set_pcpu and set_vnet. */
void check_sets_text(struct check_run *run);

/* --- root.c: check --root --- */

/* All of it; gives an exit status. */
int check_root(struct check_run *run);
/* The document's part of it; null if it is another check. */
json_t *check_json_boot(const struct check_run *run);

/* --- check_json.c: "kldsim.check/1" --- */

json_t *check_json_answer(const struct kldsim_check_answer *answer);

void check_json_module(struct check_run *run,
    const struct kldsim_check_module *module);
/* The whole document. */
void check_json(struct check_run *run);

/* --- check_html.c: --html --- */

void check_html_begin(struct check_run *run);
void check_html_module(struct check_run *run,
    const struct kldsim_check_module *module);
/* The page itself; an exit status. */
int check_html(struct check_run *run);
int check_html_root(struct check_run *run);
void check_html_end(struct check_run *run);

/* --- jobs.c --- */

/* As many threads as the host has CPUs. */
unsigned check_jobs(void);

/* --- watch.c --- */

/*
 * From here on a signal that ends the program ends the check instead, and
 * progress is shown to a person who waits.
 */
void check_watch_begin(void);
void check_watch_end(void);
/* Whether to go on; what is shown is taken away by the next of these. */
bool check_watch(size_t done, size_t total, bool shown);
void check_watch_clear(void);
/* End as whoever sent the signal expects it. */
void check_watch_die(void);

#endif
