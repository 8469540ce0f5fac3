/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Memory: sys/ddb/db_access.c (B-56, B-57).  It is seen as a debugger sees it,
 * with what the kernel's own bookkeeping would have in it (E-70).
 */

#include "ddb/ddb.h"

bool
kldsim__ddb_bytes(const struct kldsim_ddb *ddb, kldsim_addr address,
    void *buffer, size_t size)
{
	return (kldsim__overlay_read(&ddb->overlay, address, buffer, size) ==
	    size);
}

/* An item of so many bytes, all of which are there. */
static uint64_t
item(const struct kldsim_ddb *ddb, const uint8_t *bytes, unsigned size)
{
	const bool big = kldsim__arch_big(ddb->sim->arch);
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | bytes[big ? i : size - 1 - i];
	return (value);
}

int64_t
kldsim__ddb_get_value(struct kldsim_ddb *ddb, kldsim_addr address,
    unsigned size, bool is_signed)
{
	/* The kernel has a sign below 4 bytes, and makes it an int. */
	const uint32_t sign = size < 4 ? UINT32_MAX << (8 * size - 1) : 0;
	uint8_t bytes[8];
	uint64_t value;

	if (ddb->thrown)
		return (0);
	if (!kldsim__ddb_bytes(ddb, address, bytes, size)) {
		kldsim__ddb_printf(ddb, "*** error reading from address %jx "
		    "***\n", (uintmax_t)address);
		kldsim__ddb_error(ddb, NULL);
		return (0);
	}
	value = item(ddb, bytes, size);
	if (is_signed && (value & sign) != 0)
		value |= sign;
	return (kldsim__ddb_expr(ddb, value));
}

uint64_t
kldsim__ddb_read(struct kldsim_ddb *ddb, kldsim_addr address, unsigned size)
{
	uint8_t bytes[8];

	if (ddb->thrown)
		return (0);
	if (kldsim__ddb_bytes(ddb, address, bytes, size))
		return (item(ddb, bytes, size));
	kldsim__ddb_fault(ddb, address);
	return (0);
}
