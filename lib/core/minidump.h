/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_MINIDUMP_H
#define CORE_MINIDUMP_H

/* Minidumps (E-30 to E-35): what one machine's look like, as data. */

#include "arch/arch.h"

/* What a header tells, behind its magic. */
enum kldsim__minidump_field {
	KLDSIM__MINIDUMP_VERSION,
	KLDSIM__MINIDUMP_MSGBUF_SIZE,
	KLDSIM__MINIDUMP_BITMAP_SIZE,
	KLDSIM__MINIDUMP_MAP_SIZE,
	KLDSIM__MINIDUMP_KERNBASE,
	KLDSIM__MINIDUMP_DMAP_PHYS,
	KLDSIM__MINIDUMP_DMAP_BASE,
	KLDSIM__MINIDUMP_DMAP_END,
	KLDSIM__MINIDUMP_PAE,
	KLDSIM__MINIDUMP_FIELDS
};

#define KLDSIM__MINIDUMP_MAGIC 24 /* bytes */
#define KLDSIM__MINIDUMP_ORDER 8

struct kldsim__minidump_format {
	const struct kldsim__arch *arch;
	const char *magic;
	uint32_t version;      /* the oldest that its libkvm reads (E-31) */
	struct {
		uint8_t field; /* of kldsim__minidump_field */
		uint8_t width; /* bytes; 0: no more fields */
	} header[KLDSIM__MINIDUMP_ORDER + 1];
	kldsim_addr kernbase;  /* what the map begins with */
	unsigned span;         /* bits of an address that an entry is for */
	unsigned entry;        /* bytes of an entry */
	/* (physical address >> down) << up | bits (E-32) */
	uint8_t down, up;
	uint16_t bits;
	uint64_t map_size;     /* bytes; 0: up to the last page that is there */
	bool tables;           /* entries lead to tables, which are pages too */
	bool heap_is_direct;   /* the heap is the direct map (E-34) */
};

/* NULL: none of the machine's is known. */
const struct kldsim__minidump_format *kldsim__minidump_format(
    const struct kldsim__arch *arch);

#endif
