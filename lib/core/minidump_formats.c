/* SPDX-License-Identifier: BSD-2-Clause */

/* The formats, a row a machine (E-30 to E-34). */

#include "core/minidump.h"

/* All headers begin so. */
#define SIZES \
	{ KLDSIM__MINIDUMP_VERSION, 4 }, { KLDSIM__MINIDUMP_MSGBUF_SIZE, 4 }, \
	{ KLDSIM__MINIDUMP_BITMAP_SIZE, 4 }, { KLDSIM__MINIDUMP_MAP_SIZE, 4 }

#define DIRECT_MAP \
	{ KLDSIM__MINIDUMP_DMAP_PHYS, 8 }, { KLDSIM__MINIDUMP_DMAP_BASE, 8 }, \
	{ KLDSIM__MINIDUMP_DMAP_END, 8 }

static const struct kldsim__minidump_format formats[] = {
	{
		.arch = &kldsim__arch_amd64,
		.magic = "minidump FreeBSD/amd64",
		.version = 2,
		.header = { SIZES, { KLDSIM__MINIDUMP_KERNBASE, 8 },
		    { KLDSIM__MINIDUMP_DMAP_BASE, 8 },
		    { KLDSIM__MINIDUMP_DMAP_END, 8 } },
		.kernbase = 0xfffffe0000000000,
		.span = 21, .entry = 8, .bits = 3, .tables = true,
	},
	{
		.arch = &kldsim__arch_arm64,
		.magic = "minidump FreeBSD/arm64",
		.version = 1,
		.header = { SIZES, { KLDSIM__MINIDUMP_KERNBASE, 8 },
		    DIRECT_MAP },
		.kernbase = 0xffff000000000000,
		.span = 12, .entry = 8, .bits = 3, .heap_is_direct = true,
	},
	{
		.arch = &kldsim__arch_riscv64,
		.magic = "minidump FreeBSD/riscv",
		.version = 1,
		.header = { SIZES, { KLDSIM__MINIDUMP_KERNBASE, 8 },
		    DIRECT_MAP },
		.kernbase = 0xffffffc000000000,
		.span = 12, .entry = 8, .down = 12, .up = 10, .bits = 0xcf,
		.heap_is_direct = true,
	},
	{
		.arch = &kldsim__arch_i386,
		.magic = "minidump FreeBSD/i386",
		.version = 1,
		.header = { SIZES, { KLDSIM__MINIDUMP_KERNBASE, 4 },
		    { KLDSIM__MINIDUMP_PAE, 4 } },
		.kernbase = 0,
		.span = 12, .entry = 4, .bits = 3, .map_size = 4u << 20,
	},
};

const struct kldsim__minidump_format *
kldsim__minidump_format(const struct kldsim__arch *arch)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].arch == arch)
			return (&formats[i]);
	return (NULL);
}
