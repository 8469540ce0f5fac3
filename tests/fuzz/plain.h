/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_PLAIN_H
#define FUZZ_PLAIN_H

/*
 * A plain reading of ELF files, which shares nothing with the library: what a
 * file has at an offset, and which bytes its relocations may write.
 */

#include "fuzz.h"

/* Section types (<sys/elf_common.h>). */
enum {
	PLAIN_RELA = 4,
	PLAIN_NOBITS = 8,
	PLAIN_REL = 9,
	PLAIN_INIT_ARRAY = 14,
	PLAIN_FINI_ARRAY = 15
};

/* A file, or what a kernel has made of it in memory. */
struct plain {
	const uint8_t *at;
	size_t size;
	bool wide, big;   /* 64 bits, big-endian */
	unsigned type;    /* e_type */
	unsigned machine; /* e_machine */
};

struct plain_section {
	uint32_t type, info;
	uint64_t flags, offset, size;
};

/* Some of target memory, and which of it may be changed. */
struct plain_region {
	kldsim_addr start;
	size_t size;
	uint8_t *changed; /* size flags */
};

struct plain plain_of(const struct fuzz_bytes *file);
/* An integer; what lies behind the end is 0. */
uint64_t plain_get(const struct plain *plain, uint64_t offset,
    unsigned width);
/* Bytes of an address of the machine. */
unsigned plain_word(const struct plain *plain);
unsigned plain_nsections(const struct plain *plain);
struct plain_section plain_section(const struct plain *plain, unsigned index);

/* Mark so many bytes at an address, as far as they are in the region. */
void plain_mark(struct plain_region *region, kldsim_addr address,
    uint64_t size);
/* Mark the fields of a table at an offset, whose places count from a base. */
void plain_mark_fields(const struct plain *plain, uint64_t table,
    uint64_t size, bool rela, kldsim_addr base, struct plain_region *region);

/*
 * A file's segments as they are before any relocation (D-06), in `size` bytes
 * that were zeros, and the fields of its tables (D-10).  False: tables are
 * relocated themselves, so nobody knows what they say.
 */
bool plain_load(const struct plain *file, uint8_t *image,
    struct plain_region *region);

#endif
