/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * powerpc64le: powerpc64 with the other byte order, and with the second ABI
 * only.  See powerpc64.c.
 */

#include "arch/powerpc64.h"

const struct kldsim__arch kldsim__arch_powerpc64le = {
	.name = "powerpc64le",
	KLDSIM__POWERPC64(1),
	.rows = kldsim__powerpc64_elfv2_rows,
	.nrows = KLDSIM__POWERPC64_ELFV2_ROWS,
};
