/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses that arm64 code forms by itself (arch/code.h).
 *
 * Position independent code makes the page with ADRP and adds the rest, or
 * has it in a load or store; within a megabyte one ADR or a literal load does
 * it.  Encodings: Arm Architecture Reference Manual, C4.1 and C6.2.
 */

#include "arch/code.h"

#include "util/bytes.h"

/* x0 to x18 and the link register: what a call may change. */
#define CALL_CLOBBERS 0x4007ffffu

/* ADR and ADRP hold 21 bits, the two lowest apart from the others. */
static uint64_t
adr_offset(uint32_t insn)
{
	return (kldsim__sign_extend(kldsim__bits(insn, 5, 19) << 2 |
	    kldsim__bits(insn, 29, 2), 21));
}

static bool
is_load_or_store(uint32_t insn)
{
	return ((insn & 0x0a000000) == 0x08000000);
}

/* One with a base register and an unsigned, scaled offset. */
static bool
has_unsigned_offset(uint32_t insn)
{
	return ((insn & 0x3b000000) == 0x39000000);
}

/* log2 of the bytes that an access with an unsigned offset is for. */
static unsigned
access_scale(uint32_t insn)
{
	bool simd = kldsim__bits(insn, 26, 1) != 0;

	if (simd && kldsim__bits(insn, 23, 1) != 0)
		return (4);
	return (kldsim__bits(insn, 30, 2));
}

/* What the instruction completes with a page that a register holds. */
static void
use(const struct kldsim__code *code, const struct kldsim__registers *pages,
    uint32_t insn, kldsim_addr at)
{
	unsigned base = kldsim__bits(insn, 5, 5);
	uint64_t offset = kldsim__bits(insn, 10, 12);

	if ((insn & 0x9f000000) == 0x10000000)
		kldsim__code_formed(code, at, at + adr_offset(insn), "adr");
	else if ((insn & 0x3b000000) == 0x18000000)
		kldsim__code_formed(code, at, at + kldsim__sign_extend(
		    kldsim__bits(insn, 5, 19) << 2, 21), "ldr (literal)");
	else if (!kldsim__register_known(pages, base))
		return;
	else if ((insn & 0xff800000) == 0x91000000)
		kldsim__code_formed(code, at, pages->value[base] +
		    (kldsim__bits(insn, 22, 1) != 0 ? offset << 12 : offset),
		    "adrp, add");
	else if (has_unsigned_offset(insn))
		kldsim__code_formed(code, at, pages->value[base] +
		    (offset << access_scale(insn)), "adrp, ldr or str");
}

/* The registers that a load or store leaves with another value. */
static uint32_t
changed_by_access(uint32_t insn)
{
	bool pair = (insn & 0x3a000000) == 0x28000000;
	bool store = pair ? kldsim__bits(insn, 22, 1) == 0 :
	    kldsim__bits(insn, 22, 2) == 0;
	uint32_t mask = 0;

	if (!store)
		mask |= UINT32_C(1) << kldsim__bits(insn, 0, 5);
	if (pair && !store)
		mask |= UINT32_C(1) << kldsim__bits(insn, 10, 5);
	if (!has_unsigned_offset(insn)) /* it may write its base back */
		mask |= UINT32_C(1) << kldsim__bits(insn, 5, 5);
	return (mask);
}

static uint32_t
changed(uint32_t insn)
{
	if ((insn & 0xfc000000) == 0x94000000 ||
	    (insn & 0xfffffc1f) == 0xd63f0000)
		return (CALL_CLOBBERS);
	if ((insn & 0xfc000000) == 0x14000000 ||
	    (insn & 0xfe000000) == 0xd6000000)
		return (UINT32_MAX); /* what follows is reached otherwise */
	if ((insn & 0x1c000000) == 0x14000000)
		return (0); /* other branches, and system instructions */
	if (is_load_or_store(insn))
		return (changed_by_access(insn));
	return (UINT32_C(1) << kldsim__bits(insn, 0, 5));
}

void
kldsim__code_arm64(const struct kldsim__code *code)
{
	struct kldsim__registers pages = { 0 };

	for (kldsim_size i = 0; code->size - i >= 4; i += 4) {
		/* Instructions are little-endian on every arm64. */
		uint32_t insn = kldsim__load32(code->bytes + i, false);
		kldsim_addr at = code->address + i;

		use(code, &pages, insn, at);
		kldsim__registers_forget(&pages, changed(insn));
		if ((insn & 0x9f000000) == 0x90000000)
			kldsim__register_set(&pages, kldsim__bits(insn, 0, 5),
			    (at & ~UINT64_C(0xfff)) +
			    (adr_offset(insn) << 12));
	}
}
