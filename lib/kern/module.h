/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_MODULE_H
#define KERN_MODULE_H

/* Modules and what their handlers answer (sys/kern/kern_module.c). */

#include "kern/sim.h"

/* struct module (L-12). */
struct kldsim__module {
	struct kldsim__link link;      /* of all modules */
	struct kldsim__link file_link; /* of its file's */
	struct kldsim__bucketed by_name;
	struct kldsim__bucketed by_id;
	struct kldsim__file *file;
	const char *name;
	kldsim_addr handler;
	kldsim_addr priv;
	int id;
	int refs;
};

#define KLDSIM__MODULE(l) KLDSIM__ENTRY(l, struct kldsim__module, link)

/* A handler's answer (kldsim_module_answer()). */
struct kldsim__answer {
	struct kldsim__answer *next;
	const char *module;
	enum kldsim_modevent event;
	int error;
	bool raises;     /* no answer: */
	int securelevel; /* what it raises the securelevel to */
};

/*
 * The list of modules: module_lookupbyname(), module_lookupbyid(), into it and
 * out of it (L-12).
 */
struct kldsim__module *kldsim__find_module(const struct kldsim__modules *modules,
    const char *name);
struct kldsim__module *kldsim__find_module_by_id(const struct kldsim__modules *modules,
    int id);
int kldsim__insert_module(struct kldsim *sim, struct kldsim__module *module);
int kldsim__remove_module(struct kldsim *sim, struct kldsim__module *module);

/* Whether a handler can answer with this errno. */
bool kldsim__may_answer(enum kldsim_modevent event, int error);
/* An answer for a handler; what it says is for the caller to fill in. */
struct kldsim__answer *kldsim__new_answer(struct kldsim *sim,
    const char *module, enum kldsim_modevent event);
/* A handler is called: what it does to the kernel besides answering. */
int kldsim__handler_runs(struct kldsim *sim,
    const struct kldsim__module *module, enum kldsim_modevent event);
/* What a module's handler answers (M-20: none means the default one). */
int kldsim__handler_answer(const struct kldsim__modules *modules,
    const struct kldsim__module *module, enum kldsim_modevent event);

#endif
