/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef META_METADATA_H
#define META_METADATA_H

/*
 * Module metadata as it lies in target memory: <sys/module.h> and the sets
 * that kern_linker.c reads, for any word size and byte order (M-01 to M-05).
 */

#include "mem/aspace.h"
#include "util/arena.h"

/* How to read the target. */
struct kldsim__meta {
	const struct kldsim__aspace *space;
	unsigned ptrsz;
	bool big;
	bool sysinit_has_link; /* V-51 */
	unsigned oid_links; /* pointers in a sysctl_oid's link (M-43) */
};

enum kldsim__mdt {
	KLDSIM__MDT_DEPEND = 1,
	KLDSIM__MDT_MODULE = 2,
	KLDSIM__MDT_VERSION = 3,
	KLDSIM__MDT_PNP_INFO = 4
};

struct kldsim__mod_metadata {
	int type;
	kldsim_addr data;
	kldsim_addr cval;
};

struct kldsim__mod_depend {
	int minimum;
	int preferred;
	int maximum;
};

struct kldsim__moduledata {
	kldsim_addr name;
	kldsim_addr handler;
	kldsim_addr priv;
};

struct kldsim__sysinit {
	uint32_t subsystem;
	uint32_t order;
	kldsim_addr func;
	kldsim_addr udata;
};

/* struct sysctl_oid; its children's list comes first, at its own address. */
struct kldsim__sysctl_oid {
	kldsim_addr parent; /* the list that it is in */
	int number;
	uint32_t kind;
	kldsim_addr arg1;
	kldsim_addr name;
};

/* Readers: false if a byte of it is not mapped. */
bool kldsim__meta_pointer(const struct kldsim__meta *meta,
    kldsim_addr address, kldsim_addr *pointer_ret);
bool kldsim__meta_int(const struct kldsim__meta *meta, kldsim_addr address,
    int *value_ret);
bool kldsim__meta_entry(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_metadata *entry_ret);
bool kldsim__meta_depend(const struct kldsim__meta *meta, kldsim_addr address,
    struct kldsim__mod_depend *depend_ret);
bool kldsim__meta_moduledata(const struct kldsim__meta *meta,
    kldsim_addr address, struct kldsim__moduledata *module_ret);
bool kldsim__meta_sysinit(const struct kldsim__meta *meta,
    kldsim_addr address, struct kldsim__sysinit *sysinit_ret);
bool kldsim__meta_sysctl_oid(const struct kldsim__meta *meta,
    kldsim_addr address, struct kldsim__sysctl_oid *oid_ret);
/* How many pointers link an oid of this size (M-43); 0: no such size. */
unsigned kldsim__meta_oid_links(const struct kldsim__meta *meta,
    kldsim_size size);

enum kldsim__string {
	KLDSIM__STRING_OK,
	KLDSIM__STRING_FAULT, /* it runs out of mapped memory */
	KLDSIM__STRING_NOMEM
};

/* A copy of a C string, in an arena. */
enum kldsim__string kldsim__meta_string(const struct kldsim__meta *meta,
    kldsim_addr address, struct kldsim__arena *arena, const char **text_ret);

/* Whether there is a C string of these bytes. */
bool kldsim__meta_string_is(const struct kldsim__meta *meta,
    kldsim_addr address, const char *text);

/*
 * The exchange sort that kldload and kldunload apply to a file's own set
 * (M-30, M-32).  It is not stable, and its exact moves are what decides the
 * order of equal entries.
 */
void kldsim__sysinit_exchange_sort(const struct kldsim__sysinit *sysinits,
    uint32_t *order, size_t count, bool descending);

#endif
