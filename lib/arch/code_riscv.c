/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses that riscv64 code forms by itself (arch/code.h).
 *
 * AUIPC makes the upper 20 bits of a distance; an addition, a load or a store
 * has the lower 12.  Compressed instructions never hold such a lower part, but
 * change registers.  Encodings: The RISC-V Instruction Set Manual, volume I,
 * chapters "RV32/64G Instruction Set Listings" and "C".
 */

#include "arch/code.h"

#include "util/bytes.h"

#define REG(n) (UINT32_C(1) << (n))
/* ra, t0 to t2, a0 to a7, t3 to t6: what a call may change. */
#define CALL_CLOBBERS (REG(1) | 0xe0u | 0x3fc00u | 0xf0000000u)

/* A call if it keeps the way back, else a jump: what follows is elsewhere. */
static uint32_t
jump(unsigned link)
{
	return (link == 0 ? UINT32_MAX : CALL_CLOBBERS | REG(link));
}

/* The three-bit register fields stand for x8 to x15. */
static uint32_t
short_register(uint32_t insn, unsigned from)
{
	return (REG(8 + kldsim__bits(insn, from, 3)));
}

/* Quadrant 2: jumps through registers hide among moves and additions. */
static uint32_t
changed_by_quadrant2(uint32_t insn)
{
	unsigned function = kldsim__bits(insn, 13, 3);
	bool no_second = kldsim__bits(insn, 2, 5) == 0;

	if (function > 4)
		return (0); /* stores */
	if (function == 4 && no_second)
		return (jump(kldsim__bits(insn, 12, 1)));
	return (REG(kldsim__bits(insn, 7, 5)));
}

static uint32_t
changed_by_compressed(uint32_t insn)
{
	unsigned function = kldsim__bits(insn, 13, 3);

	switch (kldsim__bits(insn, 0, 2)) {
	case 0: /* loads, and stores from 4 on */
		return (function >= 4 ? 0 : short_register(insn, 2));
	case 1:
		if (function < 4)
			return (REG(kldsim__bits(insn, 7, 5)));
		if (function == 4)
			return (short_register(insn, 7));
		return (function == 5 ? jump(0) : 0);
	default:
		return (changed_by_quadrant2(insn));
	}
}

/* Major opcodes. */
enum { LOAD = 0x03, LOAD_FP = 0x07, OP_IMM = 0x13, AUIPC = 0x17, STORE = 0x23,
	STORE_FP = 0x27, BRANCH = 0x63, JALR = 0x67, JAL = 0x6f };

static uint32_t
changed(uint32_t insn)
{
	unsigned rd = kldsim__bits(insn, 7, 5);

	switch (kldsim__bits(insn, 0, 7)) {
	case STORE:
	case STORE_FP:
	case LOAD_FP:
	case BRANCH:
		return (0);
	case JAL:
	case JALR:
		return (jump(rd));
	default:
		return (REG(rd));
	}
}

static void
use(const struct kldsim__code *code, const struct kldsim__registers *upper,
    uint32_t insn, kldsim_addr at)
{
	unsigned base = kldsim__bits(insn, 15, 5);
	uint64_t low = kldsim__sign_extend(kldsim__bits(insn, 20, 12), 12);
	uint64_t split = kldsim__sign_extend(kldsim__bits(insn, 25, 7) << 5 |
	    kldsim__bits(insn, 7, 5), 12);

	if (!kldsim__register_known(upper, base))
		return;
	switch (kldsim__bits(insn, 0, 7)) {
	case OP_IMM:
		if (kldsim__bits(insn, 12, 3) == 0)
			kldsim__code_formed(code, at,
			    upper->value[base] + low, "auipc, addi");
		break;
	case LOAD:
	case LOAD_FP:
		kldsim__code_formed(code, at, upper->value[base] + low,
		    "auipc, load");
		break;
	case STORE:
	case STORE_FP:
		kldsim__code_formed(code, at, upper->value[base] + split,
		    "auipc, store");
		break;
	default:
		break;
	}
}

/* One instruction of 32 bits. */
static void
step(const struct kldsim__code *code, struct kldsim__registers *upper,
    uint32_t insn, kldsim_addr at)
{
	use(code, upper, insn, at);
	kldsim__registers_forget(upper, changed(insn));
	if (kldsim__bits(insn, 0, 7) == AUIPC)
		kldsim__register_set(upper, kldsim__bits(insn, 7, 5),
		    at + kldsim__sign_extend(insn & 0xfffff000, 32));
}

void
kldsim__code_riscv(const struct kldsim__code *code)
{
	struct kldsim__registers upper = { 0 };
	kldsim_size i = 0;

	while (code->size - i >= 2) {
		uint32_t insn = kldsim__load16(code->bytes + i, false);

		if ((insn & 3) != 3) {
			kldsim__registers_forget(&upper,
			    changed_by_compressed(insn));
			i += 2;
			continue;
		}
		if (code->size - i < 4)
			return;
		step(code, &upper, kldsim__load32(code->bytes + i, false),
		    code->address + i);
		i += 4;
	}
}
