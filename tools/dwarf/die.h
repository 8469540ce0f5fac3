/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_DIE_H
#define DWARF_DIE_H

/* What one DIE says, of what the graph needs (W-03, W-04). */

#include <stdbool.h>
#include <stdint.h>

#include "dwarf/libdw.h"

/* What was there. */
enum {
	DIE_TYPE = 1 << 0,
	DIE_BIT_SIZE = 1 << 1,
	DIE_BIT_OFFSET = 1 << 2,
	DIE_DATA_BIT_OFFSET = 1 << 3,
	DIE_BYTE_SIZE = 1 << 4,
	DIE_COUNT = 1 << 5,
	DIE_UPPER = 1 << 6,
	DIE_ADDRESS = 1 << 7,
	DIE_LANGUAGE = 1 << 8,
	DIE_ORIGIN = 1 << 9,
	DIE_SIGNATURE = 1 << 10
};

/* Where another DIE is.  Of .debug_types, the highest bit is set. */
#define DIE_IN_TYPES (UINT64_C(1) << 63)

struct die_values {
	const char *name;
	const char *producer;
	const char *directory;
	uint64_t type, origin, signature;     /* other DIEs */
	uint64_t byte_size, bit_size, location;
	uint64_t data_bit_offset;
	uint64_t bit_offset;                  /* signed, in effect (W-06) */
	uint64_t count, upper;
	uint64_t value;                       /* of an enumerator */
	uint64_t address;
	uint64_t encoding, language, inlined, file;
	uint64_t declaration, external, prototyped;
	uint8_t value_bytes;                  /* of a value without a sign */
	unsigned has;
	const char *bad;                      /* what cannot be read */
};

/* The bytes of the section that a DIE is in: strings must end there. */
struct die_section {
	const struct libdw *dw;
	const uint8_t *bytes;
	uint64_t size;
	bool big;
	bool in_types;
};

/* Read a DIE's attributes; false: values->bad says what was wrong. */
bool die_read(Dwarf_Die *die, const struct die_section *section,
    struct die_values *values);

#endif
