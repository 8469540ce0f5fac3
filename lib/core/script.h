/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_SCRIPT_H
#define CORE_SCRIPT_H

/*
 * What the scripts for gdb and LLDB have in common.
 *
 * Names come from files that nobody has vouched for, and a debugger's script
 * can run anything: a name that could end a word is not written.
 */

#include "core/core.h"
#include "core/placed.h"

/* The two sets, as symbols and people call them. */
struct kldsim__script_set {
	const char *prefix;    /* of its variables' symbols */
	const char *instance;  /* what there is a copy for each of */
	const char *function;  /* as FreeBSD's own gdb scripts call it */
	const char *command;
};

extern const struct kldsim__script_set kldsim__script_sets[2];

const struct kldsim__set *kldsim__script_set(const struct kldsim *sim,
    enum kldsim_set which);

/* Whether a name of the host can stand between double quotes. */
bool kldsim__script_path_fits(const char *path);
/* Why no debugger is told to open a file by its path; NULL: it is. */
const char *kldsim__script_leaves_out(const struct kldsim__file *file,
    const char *path);
/* Whether a section's or symbol's name can stand as a word. */
bool kldsim__script_word_fits(const char *word);

/* A module and where its sections are; told in file list order. */
typedef int kldsim__script_module_fn(struct kldsim__core *core,
    struct kldsim__text *text, const char *path,
    const struct kldsim__placed *placed);
int kldsim__script_each_module(struct kldsim__core *core,
    struct kldsim__text *text, kldsim__script_module_fn *told);

/* A variable of a set in a file's symbol table. */
typedef void kldsim__script_variable_fn(struct kldsim__text *text,
    const char *name, kldsim_size size);
int kldsim__script_each_variable(struct kldsim__core *core,
    struct kldsim__text *text, kldsim__script_variable_fn *told);

/* Hand the script over, and free it. */
int kldsim__script_end(struct kldsim__core *core, struct kldsim__text *text,
    int error);

#endif
