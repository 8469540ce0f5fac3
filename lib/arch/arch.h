/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

/*
 * What the linker has to know of a machine, as data.
 *
 * One file per machine holds one struct kldsim__arch; arch.c lists them.  A
 * relocation is a row: what is computed from S, A, P and B, how wide the field
 * is, and what this kernel does that others do not.  lib/reloc interprets the
 * rows.  docs/ADDING_AN_ARCH.md shows the steps for a new machine.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#include "release/release.h"

/* What is computed; names as in section 6 of docs/linker-semantics.md. */
enum kldsim__formula {
	KLDSIM__NOTHING,       /* R_*_NONE */
	KLDSIM__S,
	KLDSIM__S_PLUS_A,
	KLDSIM__S_PLUS_A_MINUS_P,
	KLDSIM__B_PLUS_A,      /* relative */
	KLDSIM__CALL_B_PLUS_A, /* irelative: what a resolver answers */
	KLDSIM__REFUSED        /* known, and always an error with a message */
};

/* Which values the field can hold; the kernel itself never looks. */
enum kldsim__range {
	KLDSIM__ANY,      /* the whole address */
	KLDSIM__SIGNED,   /* sign extended from the field */
	KLDSIM__UNSIGNED, /* zero extended */
	KLDSIM__EITHER    /* signed or unsigned */
};

/* A fact that has to hold for a row to exist, or 0: it always does. */
#define KLDSIM__IF(fact) ((uint16_t)(offsetof(struct kldsim__facts, fact) + 1))

struct kldsim__reloc_row {
	uint16_t type;
	const char *name;
	enum kldsim__formula formula;
	uint8_t width; /* bytes of the field */
	enum kldsim__range range;
	bool ifunc;    /* of the ifunc kind */
	uint16_t when; /* KLDSIM__IF(fact) */
	/* KLDSIM__REFUSED: what it prints, without what V-49 appends. */
	const char *refusal;
};

struct kldsim__arch {
	const char *name;     /* as FreeBSD's MACHINE */
	uint16_t machine;     /* e_machine */
	uint8_t elf_class;    /* ELFCLASS32, ELFCLASS64 */
	uint8_t elf_data;     /* ELFDATA2LSB, ELFDATA2MSB */
	unsigned page_size;
	kldsim_addr kernbase;    /* L-23 */
	kldsim_addr module_hint; /* lowest address for a mapping (O-12) */
	kldsim_addr map_end;     /* end of kernel_map */
	kldsim_addr heap;        /* where our kernel heap begins */
	kldsim_size superpage;   /* of the reservation colour of 13+ (O-12) */
	const char *obj_class;   /* name of the ET_REL class, NULL: none (L-02) */
	const char *elf_class_name; /* name of the ET_DYN class */
	const char *unknown_type;   /* printf of R-03, one long */
	bool unwind_loaded;      /* SHT_X86_64_UNWIND is a section to load */
	const struct kldsim__reloc_row *rows;
	size_t nrows;
};

/* Bytes of a pointer. */
static inline unsigned
kldsim__arch_ptrsz(const struct kldsim__arch *arch)
{
	return (arch->elf_class == 2 ? 8 : 4);
}

static inline bool
kldsim__arch_big(const struct kldsim__arch *arch)
{
	return (arch->elf_data == 2);
}

/* The machine of an ELF header, NULL if it is not built. */
const struct kldsim__arch *kldsim__arch_find(uint16_t machine,
    uint8_t elf_class, uint8_t elf_data);
/* All machines, for tests and documents; NULL past the end. */
const struct kldsim__arch *kldsim__arch_at(size_t index);

extern const struct kldsim__arch kldsim__arch_amd64;

#endif
