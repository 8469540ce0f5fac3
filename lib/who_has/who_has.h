/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WHO_HAS_WHO_HAS_H
#define WHO_HAS_WHO_HAS_H

/*
 * Which file in sight has a name that is missing (kldsim/names.h).
 *
 *	names.c         the index: folders and files, read when first asked for
 *	provider.c      one file: its symbol tables and metadata
 *	kernel_names.c  a kernel's names, with which missing ones are compared
 *	visible.c       whether a kernel would load a file and see its symbol
 *	near.c          names that differ in a few letters
 *
 * Nothing is read before the first name is missing.  Files of another machine
 * than the asking kernel's are passed over.  What is asked here is for findings
 * alone: no answer of a simulated kernel depends on it.
 */

#include "kern/sim.h"
#include "who_has/provider.h"

/* --- names.c --- */

/*
 * Is told of a file and of the first symbol, of those it defines, or the
 * metadatum that is called so; false ends the list.
 */
typedef bool (*kldsim__symbol_told)(void *user,
    const struct kldsim__provider *provider, uint32_t symbol);
typedef bool (*kldsim__metadatum_told)(void *user,
    const struct kldsim__provider *provider,
    const struct kldsim__metadatum *entry);

/*
 * The files that define a symbol, whoever sees it: those of the module path
 * first, in its order, and each folder's by name.
 */
int kldsim__who_has_symbol(struct kldsim *sim, const char *name,
    kldsim__symbol_told told, void *user);
/* All interfaces and modules (MDT_VERSION, MDT_MODULE), in the same order. */
int kldsim__each_metadatum(struct kldsim *sim, kldsim__metadatum_told told,
    void *user);
/* Compare a name with all symbols, the kernel's first. */
struct kldsim__near;
int kldsim__find_near(struct kldsim *sim, struct kldsim__near *near);
/* All files. */
int kldsim__each_provider(struct kldsim *sim,
    bool (*told)(void *user, const struct kldsim__provider *provider),
    void *user);
/* The metadata of one file, NULL if it has none, or it cannot be read. */
int kldsim__provider_metadata(struct kldsim *sim,
    const struct kldsim__provider *provider,
    const struct kldsim__metadatum **first_ret);
/* Whether a file's folder is one of the module path. */
bool kldsim__on_path(const struct kldsim *sim, const char *path);

/* --- kernel_names.c --- */

struct kldsim__kernel_names;
/*
 * Compare a name with all of a kernel's.  What is kept for the next name is in
 * the list, which whoever has it guards.  False: no memory.
 */
bool kldsim__kernel_names_compare(struct kldsim__kernel_names **list,
    const struct kldsim__alloc *alloc, struct kldsim_image *kernel,
    struct kldsim__near *near);
void kldsim__kernel_names_free(const struct kldsim__alloc *alloc,
    struct kldsim__kernel_names *list);

/* --- visible.c --- */

enum kldsim__visible {
	KLDSIM__UNSEEN,     /* the tables have it, lookups do not give it */
	KLDSIM__SEEN_LOCAL, /* for as long as local symbols leak */
	KLDSIM__SEEN_GLOBAL
};

/*
 * Whether files that depend on this one, once it is loaded, find the symbol
 * (O-61, O-62, D-60).
 */
enum kldsim__visible kldsim__visible(const struct kldsim *sim,
    const struct kldsim__provider *provider, const char *name,
    uint32_t symbol);

/* Whether a file is built for a kernel of another version than this one. */
int kldsim__wants_other_kernel(struct kldsim *sim,
    const struct kldsim__provider *provider, bool *other_ret);

/* --- near.c --- */

#define KLDSIM__NEAR 3u /* names that are worth being shown */

/*
 * What says of most names that they are neither near nor related, without a
 * look at them; kept for those that are compared again and again.
 */
struct kldsim__sketch {
	uint64_t letters;
	uint32_t family; /* hash of what relatives have in common; 0: nothing */
	uint32_t length;
};

/*
 * Names like one that is missing, the nearest ones first; and those of the
 * kernel that begin like it, up to the first "_", as long as they are few.
 */
struct kldsim__near {
	const char *name; /* that is missing */
	size_t length;
	struct kldsim__sketch sketch;
	unsigned most;    /* letters that may differ */
	size_t count;
	struct kldsim__near_name {
		char name[128];
		char where[200];  /* path of the file; "": the kernel */
		unsigned letters; /* that differ */
	} names[KLDSIM__NEAR];
	size_t family;    /* bytes that relatives have in common; 0: none */
	size_t nrelatives;
	const char *relatives[KLDSIM__NEAR]; /* good as long as the kernel */
};

struct kldsim__sketch kldsim__sketch_of(const char *name);
/* Whether it is worth to compare the name of a sketch. */
bool kldsim__may_be_like(const struct kldsim__near *near,
    const struct kldsim__sketch *sketch);

void kldsim__near_init(struct kldsim__near *near, const char *name);
/* Whether any name can be near to this one, or a relative of it. */
bool kldsim__near_can_be(const struct kldsim__near *near);
/* One that is near without any doubt. */
void kldsim__near_keep(struct kldsim__near *near, const char *name,
    const char *where);
/* Compare one; where is the path of its file, "" for the kernel. */
void kldsim__near_compare(struct kldsim__near *near, const char *name,
    const char *where);
/* What comparing the same name with all of a kernel's has found. */
void kldsim__near_merge(struct kldsim__near *near,
    const struct kldsim__near *found);
/* "near names: a (in the kernel), b (in k/x.ko)"; false: there are none. */
bool kldsim__near_text(const struct kldsim__near *near, char *text,
    size_t size);
/* Bytes of a name up to its first "_", that included; 0: it has none. */
size_t kldsim__family(const char *name);
/* Whether a name of so many bytes can be near. */
bool kldsim__may_be_near(const struct kldsim__near *near, size_t length);
/*
 * Letters that have to be put in, taken out, exchanged for others or with their
 * neighbours to turn one name into the other; more than `most` if there are more.
 */
unsigned kldsim__letters_apart(const char *a, const char *b, unsigned most);

#endif
