/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses that amd64 and i386 code forms by itself (arch/code.h).
 *
 * Instructions have no fixed length here, and are not decoded: the bytes are
 * searched for those that go with a memory operand of 32 bits.  An address in
 * so small a range as a linker set is not met by chance.  Encodings: Intel 64
 * and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2.1.
 */

#include "arch/code.h"

#include "util/bytes.h"

/* Opcodes with a ModR/M byte, and the bytes of an immediate behind it. */
static const struct {
	uint8_t opcode;
	uint8_t immediate;
} opcodes[] = {
	{ 0x01, 0 }, { 0x03, 0 }, { 0x09, 0 }, { 0x0b, 0 }, { 0x21, 0 },
	{ 0x23, 0 }, { 0x29, 0 }, { 0x2b, 0 }, { 0x31, 0 }, { 0x33, 0 },
	{ 0x38, 0 }, { 0x39, 0 }, { 0x3a, 0 }, { 0x3b, 0 }, { 0x63, 0 },
	{ 0x80, 1 }, { 0x81, 4 }, { 0x83, 1 }, { 0x84, 0 }, { 0x85, 0 },
	{ 0x86, 0 }, { 0x87, 0 }, { 0x88, 0 }, { 0x89, 0 }, { 0x8a, 0 },
	{ 0x8b, 0 }, { 0x8d, 0 }, { 0xb6, 0 }, { 0xb7, 0 }, { 0xbe, 0 },
	{ 0xbf, 0 }, { 0xc6, 1 }, { 0xc7, 4 }, { 0xfe, 0 }, { 0xff, 0 },
};

static bool
is_opcode(uint8_t byte, unsigned *immediate_ret)
{
	for (unsigned i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++)
		if (opcodes[i].opcode == byte) {
			*immediate_ret = opcodes[i].immediate;
			return (true);
		}
	return (false);
}

/* Mode 0 with register 5 is a distance from the next instruction. */
void
kldsim__code_amd64(const struct kldsim__code *code)
{
	for (kldsim_size i = 0; code->size - i >= 6; i++) {
		const uint8_t *p = code->bytes + i;
		unsigned immediate;
		uint64_t distance;

		if ((p[1] & 0xc7) != 0x05 || !is_opcode(p[0], &immediate))
			continue;
		distance = kldsim__sign_extend(kldsim__load32(p + 2, false),
		    32);
		kldsim__code_formed(code, code->address + i, code->address +
		    i + 6 + immediate + distance, "operand from rip");
	}
}

#define NO_REGISTER 8u

/*
 * A function that needs its GOT pops its own address into a register and adds
 * the distance to the GOT: which register it is, if this is the addition.
 */
static unsigned
got_register(const struct kldsim__code *code, kldsim_size i)
{
	const uint8_t *p = code->bytes + i;
	unsigned popped = p[0] - 0x58u;
	bool short_form = p[1] == 0x05 && popped == 0; /* add to eax */
	uint32_t distance;

	if (popped >= 8 || (!short_form &&
	    (p[1] != 0x81 || p[2] != 0xc0 + popped)))
		return (NO_REGISTER);
	distance = kldsim__load32(p + (short_form ? 2 : 3), false);
	return ((uint32_t)(code->address + i + distance) ==
	    (uint32_t)code->got ? popped : NO_REGISTER);
}

/* Does an operand's SIB byte add the register, as it is, to another? */
static bool
sib_adds(uint8_t sib, unsigned got)
{
	return ((sib & 7) == got || (sib >> 6 == 0 && (sib >> 3 & 7) == got));
}

/*
 * Modes 1 and 2 are a register plus 8 or 32 bits; 4 in place of the register
 * stands for a SIB byte.
 */
static void
from_got(const struct kldsim__code *code, kldsim_size i, unsigned got)
{
	const uint8_t *p = code->bytes + i;
	unsigned mode = p[1] >> 6, base = p[1] & 7, immediate;
	const uint8_t *displacement = p + (base == 4 ? 3 : 2);
	uint64_t distance;

	if ((mode != 1 && mode != 2) || got == 4 ||
	    !(base == 4 ? sib_adds(p[2], got) : base == got) ||
	    !is_opcode(p[0], &immediate))
		return;
	distance = mode == 1 ? kldsim__sign_extend(*displacement, 8) :
	    kldsim__load32(displacement, false);
	kldsim__code_formed(code, code->address + i,
	    (uint32_t)(code->got + distance), "operand from the GOT");
}

void
kldsim__code_i386(const struct kldsim__code *code)
{
	unsigned got = NO_REGISTER;

	for (kldsim_size i = 0; code->size - i >= 7; i++) {
		unsigned found = got_register(code, i);

		if (found != NO_REGISTER) {
			got = found;
			i += 2; /* its own register byte may look like ret */
			continue;
		}
		if (code->bytes[i] == 0xc3) /* ret: another function */
			got = NO_REGISTER;
		if (got != NO_REGISTER)
			from_got(code, i, got);
	}
}
