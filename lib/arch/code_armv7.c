/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses that armv7 code forms by itself (arch/code.h).
 *
 * Position independent code loads a distance from a literal in its text and
 * adds the program counter.  Encodings: Arm Architecture Reference Manual for
 * ARMv7-A, A5 and A8.8; the program counter reads as the instruction's
 * address plus 8.
 */

#include "arch/code.h"

#include "util/bytes.h"

#define REG(n) (UINT32_C(1) << (n))
#define PC 15u
/* r0 to r3, r12 and lr: what a call may change. */
#define CALL_CLOBBERS 0x500fu

/* The literal that a load from the program counter reads, if it is code's. */
static bool
literal(const struct kldsim__code *code, kldsim_size i, uint32_t insn,
    uint32_t *value_ret)
{
	kldsim_size offset = insn & 0xfff;
	kldsim_size at = (insn & 0x00800000) != 0 ? i + 8 + offset :
	    i + 8 - offset;

	if (!kldsim__in_range(at, 4, code->size))
		return (false);
	*value_ret = kldsim__load32(code->bytes + at, code->big);
	return (true);
}

static uint32_t
changed(uint32_t insn)
{
	unsigned group = kldsim__bits(insn, 25, 3);
	bool always = insn >> 28 == 0xe;

	if (group == 5)
		return ((insn & 0x01000000) != 0 ? CALL_CLOBBERS :
		    always ? UINT32_MAX : 0);
	if ((insn & 0x0ffffff0) == 0x012fff30)
		return (CALL_CLOBBERS); /* blx */
	if ((insn & 0x0ffffff0) == 0x012fff10)
		return (always ? UINT32_MAX : 0); /* bx */
	if (group == 4)
		return (UINT32_MAX); /* several at once */
	return (REG(kldsim__bits(insn, 12, 4)) |
	    REG(kldsim__bits(insn, 16, 4)));
}

void
kldsim__code_armv7(const struct kldsim__code *code)
{
	struct kldsim__registers literals = { 0 };

	for (kldsim_size i = 0; code->size - i >= 4; i += 4) {
		uint32_t insn = kldsim__load32(code->bytes + i, code->big);
		unsigned rn = kldsim__bits(insn, 16, 4);
		unsigned rm = kldsim__bits(insn, 0, 4);
		unsigned other = rn == PC ? rm : rn;
		uint32_t value;

		if ((insn & 0x0fe00ff0) == 0x00800000 &&
		    (rn == PC) != (rm == PC) &&
		    kldsim__register_known(&literals, other))
			kldsim__code_formed(code, code->address + i,
			    (uint32_t)(literals.value[other] + code->address +
			    i + 8), "add to pc");
		kldsim__registers_forget(&literals, changed(insn));
		if ((insn & 0x0f7f0000) == 0x051f0000 &&
		    literal(code, i, insn, &value))
			kldsim__register_set(&literals,
			    kldsim__bits(insn, 12, 4), value);
	}
}
