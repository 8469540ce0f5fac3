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

/* Opcodes with a ModR/M byte. */
static const struct opcode {
	uint8_t opcode;
	uint8_t immediate; /* bytes behind the operand */
	bool escaped;      /* 0x0f stands before it */
} opcodes[] = {
	{ 0x01, 0, false }, { 0x03, 0, false }, { 0x09, 0, false },
	{ 0x0b, 0, false }, { 0x21, 0, false }, { 0x23, 0, false },
	{ 0x29, 0, false }, { 0x2b, 0, false }, { 0x31, 0, false },
	{ 0x33, 0, false }, { 0x38, 0, false }, { 0x39, 0, false },
	{ 0x3a, 0, false }, { 0x3b, 0, false }, { 0x63, 0, false },
	{ 0x80, 1, false }, { 0x81, 4, false }, { 0x83, 1, false },
	{ 0x84, 0, false }, { 0x85, 0, false }, { 0x86, 0, false },
	{ 0x87, 0, false }, { 0x88, 0, false }, { 0x89, 0, false },
	{ 0x8a, 0, false }, { 0x8b, 0, false }, { 0x8d, 0, false },
	{ 0xb6, 0, true }, { 0xb7, 0, true }, { 0xbe, 0, true },
	{ 0xbf, 0, true }, { 0xc6, 1, false }, { 0xc7, 4, false },
	{ 0xfe, 0, false }, { 0xff, 0, false },
};

/* The opcode at i, NULL if it is none of those. */
static const struct opcode *
opcode_at(const struct kldsim__code *code, kldsim_size i)
{
	for (unsigned n = 0; n < sizeof(opcodes) / sizeof(opcodes[0]); n++)
		if (opcodes[n].opcode == code->bytes[i])
			return (opcodes[n].escaped && (i == 0 ||
			    code->bytes[i - 1] != 0x0f) ? NULL : &opcodes[n]);
	return (NULL);
}

/*
 * Where the instruction of that opcode begins: at its escape and prefixes, REX
 * (amd64's alone) and the one for 16 bits.  A byte that ends another
 * instruction and looks like one of these is taken for one.
 */
static kldsim_addr
instruction(const struct kldsim__code *code, kldsim_size i,
    const struct opcode *opcode, bool rex)
{
	if (opcode->escaped)
		i--;
	if (rex && i > 0 && (code->bytes[i - 1] & 0xf0) == 0x40)
		i--;
	if (i > 0 && code->bytes[i - 1] == 0x66)
		i--;
	return (code->address + i);
}

/* Mode 0 with register 5 is a distance from the next instruction. */
void
kldsim__code_amd64(const struct kldsim__code *code)
{
	for (kldsim_size i = 0; code->size - i >= 6; i++) {
		const uint8_t *p = code->bytes + i;
		const struct opcode *opcode;
		uint64_t distance;

		if ((p[1] & 0xc7) != 0x05)
			continue;
		opcode = opcode_at(code, i);
		if (opcode == NULL)
			continue;
		distance = kldsim__sign_extend(kldsim__load32(p + 2, false),
		    32);
		kldsim__code_formed(code, instruction(code, i, opcode, true),
		    code->address + i + 6 + opcode->immediate + distance,
		    "operand from rip");
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
	unsigned mode = p[1] >> 6, base = p[1] & 7;
	const uint8_t *displacement = p + (base == 4 ? 3 : 2);
	const struct opcode *opcode;
	uint64_t distance;

	if ((mode != 1 && mode != 2) || got == 4 ||
	    !(base == 4 ? sib_adds(p[2], got) : base == got))
		return;
	opcode = opcode_at(code, i);
	if (opcode == NULL)
		return;
	distance = mode == 1 ? kldsim__sign_extend(*displacement, 8) :
	    kldsim__load32(displacement, false);
	kldsim__code_formed(code, instruction(code, i, opcode, false),
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
