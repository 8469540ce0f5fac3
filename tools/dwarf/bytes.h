/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_BYTES_H
#define DWARF_BYTES_H

/* Numbers of a file, in its own byte order. */

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t
load_number(const uint8_t *at, unsigned bytes, bool big)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[big ? i : bytes - 1 - i];
	return (value);
}

static inline void
store_number(uint8_t *at, unsigned bytes, bool big, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++, value >>= 8)
		at[big ? bytes - 1 - i : i] = (uint8_t)value;
}

#endif
