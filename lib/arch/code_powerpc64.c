/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses that powerpc64 code forms by itself (arch/code.h).
 *
 * Code reaches its data through r2, the TOC pointer: ADDIS adds the upper half
 * of a distance and the instruction after it the lower one; the upper one is
 * left out where it is 0.  Encodings: Power ISA, book I, 1.6 and 3.3.
 */

#include "arch/code.h"

#include "util/bytes.h"

#define REG(n) (UINT32_C(1) << (n))
#define TOC 2u
/* r0 and r3 to r13: what a call may change; it returns with r2 as it was. */
#define CALL_CLOBBERS 0x3ff9u

/* Primary opcodes. */
enum { MULLI = 7, SUBFIC = 8, ADDIC = 12, ADDIC_ = 13, ADDI = 14, ADDIS = 15,
	BC = 16, SC = 17, B = 18, XL = 19, RLWIMI = 20, RLD = 30, X = 31,
	LWZ = 32, STW = 36, LHZ = 40, STH = 44, STHU = 45, LMW = 46, STMW = 47,
	LFS = 48, STFDU = 55, LD = 58, STD = 62 };

static bool
is_store(unsigned op)
{
	return ((op >= STW && op < LHZ) || op == STH || op == STHU ||
	    op == STMW || op == STD);
}

/* Opcodes with a displacement; the two lowest bits of LD and STD are others. */
static bool
has_displacement(unsigned op)
{
	return (op == ADDI || (op >= LWZ && op <= STFDU) || op == LD ||
	    op == STD);
}

/* Branches: a call, one that may be taken, or the end of straight code. */
static uint32_t
changed_by_branch(uint32_t insn, unsigned op)
{
	bool always = op == B || (kldsim__bits(insn, 21, 5) & 0x14) == 0x14;

	if (op == XL && kldsim__bits(insn, 1, 10) != 16 &&
	    kldsim__bits(insn, 1, 10) != 528)
		return (0); /* condition register logic */
	if ((insn & 1) != 0)
		return (CALL_CLOBBERS);
	return (always ? ~REG(TOC) : 0);
}

static uint32_t
changed(uint32_t insn)
{
	unsigned op = kldsim__bits(insn, 26, 6);
	uint32_t rt = REG(kldsim__bits(insn, 21, 5));
	uint32_t ra = REG(kldsim__bits(insn, 16, 5));

	if (op == B || op == BC || op == XL)
		return (changed_by_branch(insn, op));
	if (is_store(op))
		return (ra & ~REG(TOC)); /* some write their base back */
	if (op >= LFS && op <= STFDU)
		return (ra & ~REG(TOC));
	if (op >= RLWIMI && op <= RLD)
		return (ra); /* logic and shifts */
	if (op == X)
		return (rt | ra); /* either kind */
	return (rt);
}

static void
use(const struct kldsim__code *code, const struct kldsim__registers *known,
    uint32_t insn, kldsim_addr at)
{
	unsigned op = kldsim__bits(insn, 26, 6);
	unsigned base = kldsim__bits(insn, 16, 5);
	uint32_t low = kldsim__bits(insn, 0, 16);

	if (!has_displacement(op) || base == 0 ||
	    !kldsim__register_known(known, base))
		return;
	if (op == LD || op == STD)
		low &= ~UINT32_C(3);
	kldsim__code_formed(code, at, known->value[base] +
	    kldsim__sign_extend(low, 16), op == ADDI ? "addi from the TOC" :
	    "access from the TOC");
}

/* Forget what the instruction changes, and remember what it makes. */
static void
step(struct kldsim__registers *known, uint32_t insn, kldsim_addr toc)
{
	unsigned base = kldsim__bits(insn, 16, 5);
	bool adds = kldsim__bits(insn, 26, 6) == ADDIS && base == TOC;

	kldsim__registers_forget(known, changed(insn));
	if (adds)
		kldsim__register_set(known, kldsim__bits(insn, 21, 5), toc +
		    kldsim__sign_extend((uint64_t)kldsim__bits(insn, 0, 16) <<
		    16, 32));
	kldsim__register_set(known, TOC, toc);
}

void
kldsim__code_powerpc64(const struct kldsim__code *code)
{
	struct kldsim__registers known = { 0 };

	kldsim__register_set(&known, TOC, code->got);
	for (kldsim_size i = 0; code->size - i >= 4; i += 4) {
		uint32_t insn = kldsim__load32(code->bytes + i, code->big);

		use(code, &known, insn, code->address + i);
		step(&known, insn, code->got);
	}
}
