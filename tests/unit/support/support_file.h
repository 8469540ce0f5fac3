/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_FILE_H
#define SUPPORT_FILE_H

/* Little-endian files, those of amd64, on a host of any byte order. */

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
file_load(const void *bytes, size_t size)
{
	const unsigned char *from = bytes;
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | from[size];
	return value;
}

/* A member of a structure whose first byte is at bytes. */
#define FILE_MEMBER(bytes, type, member)                            \
	file_load((const unsigned char *)(bytes) +                  \
	    offsetof(type, member), sizeof(((type *)0)->member))

#endif
