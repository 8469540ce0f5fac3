/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_CODE_H
#define ARCH_CODE_H

/*
 * Addresses that code forms by itself, so that no relocation can change them.
 *
 * The linker of shared objects moves DPCPU and VNET variables by changing the
 * words that its relocations name (D-53).  A static linker that knows where
 * the variable is may have turned a load of such a word into arithmetic on the
 * program counter or the TOC: nothing is left to change, and the code uses the
 * module's own image of the set (D-36, FreeBSD-EN-23:08.vnet).  A scanner
 * finds these places.  It follows a value from the instruction that makes its
 * upper half to the one that completes it, through straight code; what it
 * cannot follow it does not tell.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/status.h>

struct kldsim__code;

/* One address of interest, formed by the instruction at `at`. */
typedef void kldsim__code_told(const struct kldsim__code *code,
    kldsim_addr at, kldsim_addr target, const char *how);

/* Relocated code, and what is looked for in it. */
struct kldsim__code {
	const uint8_t *bytes;
	kldsim_size size;
	kldsim_addr address; /* of the first byte */
	bool big;            /* of the machine */
	kldsim_addr got;     /* what code holds in its GOT or TOC register */
	kldsim_addr start;   /* only addresses in start..stop are told */
	kldsim_addr stop;
	kldsim__code_told *told;
	void *user;
};

typedef void kldsim__code_scan(const struct kldsim__code *code);

/* How to scan a machine's code, and what to tell whose code it is. */
struct kldsim__arch_code {
	kldsim__code_scan *scan; /* NULL: there is no scanner */
	const char *got;         /* the section that `got` is reckoned from */
	kldsim_size got_offset;  /* of `got` in it */
	const char *ld_option;   /* keeps the linker from relaxing, or NULL */
};

kldsim__code_scan kldsim__code_amd64;
kldsim__code_scan kldsim__code_arm64;
kldsim__code_scan kldsim__code_armv7;
kldsim__code_scan kldsim__code_i386;
kldsim__code_scan kldsim__code_powerpc64;
kldsim__code_scan kldsim__code_riscv;

/* What is known of up to 32 registers at one point of the code. */
struct kldsim__registers {
	uint32_t known; /* a bit each */
	uint64_t value[32];
};

static inline void
kldsim__register_set(struct kldsim__registers *registers, unsigned which,
    uint64_t value)
{
	registers->known |= UINT32_C(1) << which;
	registers->value[which] = value;
}

static inline bool
kldsim__register_known(const struct kldsim__registers *registers,
    unsigned which)
{
	return ((registers->known >> which & 1) != 0);
}

static inline void
kldsim__registers_forget(struct kldsim__registers *registers, uint32_t mask)
{
	registers->known &= ~mask;
}

/* A number of `bits` bits at bit `from` of a word, zero extended. */
static inline uint32_t
kldsim__bits(uint32_t word, unsigned from, unsigned bits)
{
	return (word >> from & ((UINT32_C(1) << bits) - 1));
}

/* Its sign is its highest bit. */
static inline uint64_t
kldsim__sign_extend(uint64_t value, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	return ((value ^ sign) - sign);
}

/* Tell an address if it is one of those that are looked for. */
static inline void
kldsim__code_formed(const struct kldsim__code *code, kldsim_addr at,
    kldsim_addr target, const char *how)
{
	if (target >= code->start && target < code->stop)
		code->told(code, at, target, how);
}

#endif
