/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_BYTES_H
#define UTIL_BYTES_H

/*
 * Loads and stores of the target's byte order at any alignment, and the
 * arithmetic that hostile numbers need.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define KLDSIM__HOST_BIG true
#else
#define KLDSIM__HOST_BIG false
#endif

static inline uint16_t
kldsim__swap16(uint16_t v)
{
	return ((uint16_t)(v >> 8 | v << 8));
}

static inline uint32_t
kldsim__swap32(uint32_t v)
{
	return (v >> 24 | (v >> 8 & 0xff00u) | (v << 8 & 0xff0000u) | v << 24);
}

static inline uint64_t
kldsim__swap64(uint64_t v)
{
	return ((uint64_t)kldsim__swap32((uint32_t)v) << 32 |
	    kldsim__swap32((uint32_t)(v >> 32)));
}

static inline uint16_t
kldsim__load16(const void *p, bool big)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return (big == KLDSIM__HOST_BIG ? v : kldsim__swap16(v));
}

static inline uint32_t
kldsim__load32(const void *p, bool big)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (big == KLDSIM__HOST_BIG ? v : kldsim__swap32(v));
}

static inline uint64_t
kldsim__load64(const void *p, bool big)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (big == KLDSIM__HOST_BIG ? v : kldsim__swap64(v));
}

/* A number of 1, 2, 4 or 8 bytes, zero extended. */
static inline uint64_t
kldsim__load(const void *p, unsigned width, bool big)
{
	switch (width) {
	case 8:
		return (kldsim__load64(p, big));
	case 4:
		return (kldsim__load32(p, big));
	case 2:
		return (kldsim__load16(p, big));
	default:
		return (*(const uint8_t *)p);
	}
}

/* The low `width` bytes of a number; more is cut off. */
static inline void
kldsim__store(void *p, unsigned width, bool big, uint64_t value)
{
	uint8_t *to = p;

	if (big == KLDSIM__HOST_BIG && width == 8) {
		memcpy(p, &value, 8);
	} else if (big == KLDSIM__HOST_BIG && width == 4) {
		uint32_t v = (uint32_t)value;

		memcpy(p, &v, 4);
	} else {
		for (unsigned i = 0; i < width; i++)
			to[big ? width - 1 - i : i] = (uint8_t)(value >> 8 * i);
	}
}

/* Whether [offset, offset + length) lies within [0, size). */
static inline bool
kldsim__in_range(uint64_t offset, uint64_t length, uint64_t size)
{
	return (offset <= size && length <= size - offset);
}

/* a + b, false if it wraps. */
static inline bool
kldsim__add(uint64_t a, uint64_t b, uint64_t *sum_ret)
{
	*sum_ret = a + b;
	return (*sum_ret >= a);
}

/* Whether two names are the same; most differ in their first byte. */
static inline bool
kldsim__same_name(const char *a, const char *b)
{
	return (*a == *b && strcmp(a, b) == 0);
}

/* As the kernel's roundup2(): the mask is as wide as the value. */
static inline uint64_t
kldsim__roundup2(uint64_t value, uint64_t align)
{
	return ((value + (align - 1)) & ~(align - 1));
}

#endif
