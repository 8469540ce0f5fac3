/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_LINKER_FILE_H
#define KERN_LINKER_FILE_H

/* Linker files (L-05), and the names that are looked up in them (O-60). */

#include "kern/linker_class.h"
#include "kern/sim.h"

/* Storage made for a common symbol that nobody defines (O-60 step 4). */
struct kldsim__common {
	struct kldsim__common *next; /* of its file */
	struct kldsim__bucketed by_name;
	struct kldsim__file *file;
	const char *name;
	kldsim_addr address;
};

/* A module of a file whose handler has refused MOD_LOAD (M-21). */
struct kldsim__refused_module {
	struct kldsim__refused_module *next;
	const char *name;
	int error;
};

/* What the linker tells of a loaded section (struct kldsim_section). */
struct kldsim__file {
	struct kldsim__link link;
	struct kldsim__bucketed by_name; /* without ".ko" */
	struct kldsim__arena arena; /* all that goes with the file */
	struct kldsim *sim;
	const struct kldsim__linker_class *class;
	const char *class_name;
	struct kldsim_image *image;
	int id;
	int refs;
	int userrefs;
	int loadcnt;
	bool linked;        /* LINKER_FILE_LINKED */
	const char *filename; /* base name */
	const char *pathname;
	kldsim_addr address;
	kldsim_size size;
	kldsim_addr ctors;
	kldsim_size ctors_size;
	struct kldsim__file **deps;
	size_t ndeps;
	size_t deps_cap;
	size_t ndependents; /* entries of deps that are this file */
	bool gone;          /* unloaded all the same (U-16) */
	struct kldsim__file *next_gone;
	struct kldsim__link modules;
	struct kldsim__link interfaces;
	struct kldsim__refused_module *refused; /* the last one first */
	struct kldsim__mod_depend headers; /* the kernel it wants; 0: it is mum */
	bool near_locks; /* something it imports is where locks' functions are */
	struct kldsim__common *commons;
	kldsim_addr object; /* where it is in the kernel (V-14); 0: not asked */
	struct kldsim_section *sections;
	size_t nsections;
	struct kldsim_protection *protections;
	size_t nprotections;
	struct kldsim_set_part *parts[2]; /* by enum kldsim_set */
	size_t nparts[2];
	kldsim_addr *constructors;
	size_t nconstructors;
	bool constructed;    /* they have been called, if there are any (O-80) */
	int64_t ctfcnt;      /* bytes of CTF; 0: not asked for, -1: there is none */
	struct kldsim__event *events; /* the newest one first */
	void *class_data;
};

#define KLDSIM__FILE(l) KLDSIM__ENTRY(l, struct kldsim__file, link)

/* A file for messages: who it is and where it came from. */
struct kldsim__file_label {
	char text[320];
};

/* --- linker_file.c --- */

/* "the kernel (compiled in)", or "foo.ko (file id 5, /boot/modules/foo.ko)". */
void kldsim__label_file(const struct kldsim__file *file,
    struct kldsim__file_label *label_ret);

/* linker_make_file() (L-05): in the list at once, with an id. */
int kldsim__make_file(struct kldsim *sim,
    const struct kldsim__linker_class *class, const char *class_name,
    struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret);
/* Free a file and all that its arena holds. */
void kldsim__free_file(void *sim, void *file);
/* Out of the list; freed when that is final, if no dependent has it. */
int kldsim__drop_file(struct kldsim *sim, struct kldsim__file *file);
struct kldsim__file *kldsim__find_file_by_name(const struct kldsim__linker *linker,
    const char *name);
struct kldsim__file *kldsim__find_file_by_id(const struct kldsim__linker *linker,
    int id);
/* linker_file_add_dependency(), which takes no reference (L-11). */
int kldsim__add_dependency(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__file *dep);
/* A file that has it among its dependencies is on its way out. */
int kldsim__lose_dependent(struct kldsim *sim, struct kldsim__file *dep);
int kldsim__ref_file(struct kldsim *sim, struct kldsim__file *file, int by);

/* --- linker_lookup.c: names --- */

/*
 * linker_file_lookup_symbol() (O-60): *value_ret is 0 if nobody has it.
 */
int kldsim__lookup(struct kldsim *sim, struct kldsim__file *file,
    const char *name, bool deps, kldsim_addr *value_ret);
/* The same, with dependencies, where the file is known not to have it. */
int kldsim__lookup_elsewhere(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr *value_ret);
/* A symbol of the kernel as it is in the table; value 0 if there is none. */
int kldsim__kernel_symbol(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret);
/* The nearest symbol of any file; ENOENT if there is none (O-64). */
int kldsim__search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *difference_ret,
    struct kldsim__file **file_ret);
/* A call ends: one note for all resolvers that nobody has answered for. */
int kldsim__tell_missed_ifuncs(struct kldsim *sim);
/* What a resolver answers, by the options (O-51). */
int kldsim__call_resolver(struct kldsim *sim, struct kldsim__file *file,
    const char *name, kldsim_addr resolver, kldsim_addr *value_ret);
/* Whether the options say that a file's resolver answers 0 (O-60). */
bool kldsim__resolver_answers_0(struct kldsim *sim, struct kldsim__file *file,
    const char *name);

#endif
