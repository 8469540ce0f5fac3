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
#include <string.h>

#include <kldsim/status.h>

#include "arch/code.h"
#include "release/release.h"

/*
 * What is computed; names as in section 6 of docs/linker-semantics.md.  From
 * KLDSIM__S on the symbol is looked up first, and if that fails, so does the
 * relocation.
 */
enum kldsim__formula {
	KLDSIM__NOTHING,       /* R_*_NONE */
	KLDSIM__REFUSED,       /* known, and always an error with a message */
	KLDSIM__UNSET,         /* a variable that the kernel never set */
	KLDSIM__B_PLUS_A,      /* relative */
	KLDSIM__CALL_B_PLUS_A, /* irelative: what a resolver answers */
	KLDSIM__S,
	KLDSIM__S_PLUS_A,
	KLDSIM__S_PLUS_A_MINUS_P,
	KLDSIM__S_MINUS_P,
	KLDSIM__MEMORY_AT_S,        /* the bytes that lie there are copied */
	KLDSIM__UNSET_AFTER_LOOKUP, /* S is found, and something else used */
	KLDSIM__NEVER_REACHES       /* no S passes the test of its distance */
};

/* Which values the field can hold; the kernel itself never looks. */
enum kldsim__range {
	KLDSIM__ANY,      /* the whole address, or a part of it on purpose */
	KLDSIM__SIGNED,   /* sign extended from the field */
	KLDSIM__UNSIGNED, /* zero extended */
	KLDSIM__EITHER    /* signed or unsigned */
};

/* Some bits of the value and where they go in the word. */
struct kldsim__piece {
	uint8_t from;  /* lowest bit of the value */
	uint8_t count; /* 0: no piece, and none behind it */
	uint8_t to;    /* lowest bit of the word */
};

#define KLDSIM__PIECES 2

/* A field that is not the whole word, mostly of an instruction. */
struct kldsim__encoding {
	struct kldsim__piece piece[KLDSIM__PIECES];
	uint32_t round; /* added first: what the low part will subtract */
	uint8_t bits;   /* of a value that the psABI lets the field hold */
	uint8_t reach;  /* signed bits that the kernel accepts; 0: all */
	bool keep;      /* old bits of the field stay: OR */
};

/* A fact that has to hold for a row to exist, or 0: it always does. */
#define KLDSIM__IF(fact) ((uint16_t)(offsetof(struct kldsim__facts, fact) + 1))

static inline bool
kldsim__holds(uint16_t when, const struct kldsim__facts *facts)
{
	bool fact = true;

	if (when != 0)
		memcpy(&fact, (const char *)facts + when - 1, sizeof(fact));
	return (fact);
}

/*
 * One relocation type.  A type may come again with a fact: where that holds,
 * the later row stands in place of the earlier one.
 */
struct kldsim__reloc_row {
	uint16_t type;
	const char *name;
	enum kldsim__formula formula;
	uint8_t width; /* bytes stored */
	enum kldsim__range range;
	bool ifunc;    /* of the ifunc kind */
	uint16_t when; /* KLDSIM__IF(fact) */
	/* KLDSIM__REFUSED, NEVER_REACHES: what it prints, without R-03's end. */
	const char *refusal;
	/* The whole word if NULL. */
	const struct kldsim__encoding *encoding;
	uint8_t rel_width;    /* bytes read for a REL addend if not `width` */
	bool local;           /* done by the local routine alone */
	bool relocaddr;       /* the value goes through elf_relocaddr (D-53) */
	bool addend_in_place; /* A is read there even for RELA (6.6) */
	bool lookup_ignored;  /* S is 0 when the lookup fails (6.5) */
	bool section_addend;  /* S counts as B when S > B and S <= B + A */
};

/* What every row says; what is special to it follows by name. */
#define KLDSIM__ROW(number, text, computes, bytes, holds) \
	.type = (number), .name = (text), .formula = KLDSIM__##computes, \
	.width = (bytes), .range = KLDSIM__##holds

/* What the machine does with a table of kind REL. */
enum kldsim__rel_tables {
	KLDSIM__REL_TAKEN,
	KLDSIM__REL_REFUSED, /* prints rel_text, and it is an error */
	KLDSIM__REL_PANICS   /* with rel_text */
};

/* Where executable memory of malloc(9) comes from (D-05). */
struct kldsim__exec_memory {
	uint16_t when;       /* KLDSIM__IF(fact): instead of what comes before */
	kldsim_addr base;    /* where it begins, 0: behind the kernel */
	kldsim_size quantum; /* of its spans, 0: a page */
};

/*
 * Which jumps can be written over a tracepoint: sdt_tracepoint_valid() (L-25).
 * Of an address nobody asks more than is said here.
 */
struct kldsim__jump {
	uint8_t align;       /* of both addresses; 0: any */
	uint8_t from;        /* it counts from so many bytes behind */
	uint32_t back;       /* how far, in bytes; */
	uint32_t ahead;      /* both 0: anywhere */
	bool kernel_only;    /* both addresses are KERNBASE or above */
	bool mapped;         /* where it is written there is memory */
};

/* What debuggers want to be told of the machine; sizes are in bytes. */
struct kldsim__arch_debug {
	const char *gdb;    /* gdb's name of it (E-52) */
	const char *lldb;   /* LLDB's, where a core of it opens (E-41) */
	uint16_t registers; /* all that gdb asks for at once (E-52) */
	uint16_t prstatus;  /* of an ELF core's note, as Linux has it (E-41) */
	uint16_t gregset;   /* of FreeBSD's note; 0: not known (E-41) */
	uint16_t fpregset;
};

struct kldsim__arch {
	const char *name;     /* MACHINE_ARCH; of arm64 and amd64, MACHINE */
	uint16_t machine;     /* e_machine */
	uint8_t elf_class;    /* ELFCLASS32, ELFCLASS64 */
	uint8_t elf_data;     /* ELFDATA2LSB, ELFDATA2MSB */
	uint32_t elf_flags_mask; /* of e_flags, what tells kernels apart */
	uint32_t elf_flags;
	unsigned page_size;
	unsigned max_align;   /* of <sys/_types.h>'s __max_align_t */
	bool char_unsigned;   /* "char" without a word before it (C-13) */
	struct kldsim__jump jump;
	kldsim_addr kernbase;    /* L-23 */
	kldsim_addr map_end;     /* end of kernel_map */
	kldsim_addr heap;        /* our kernel heap: instances, commons */
	kldsim_addr heap_end;
	kldsim_size superpage;   /* of the reservation colour of 13+ (O-12) */
	struct kldsim__exec_memory exec;
	struct kldsim__exec_memory exec_later; /* if it has a fact */
	bool set_padding;        /* the linker script marks set ends (D-32) */
	uint16_t preload_protects; /* KLDSIM__IF(fact): pages too (V-32) */
	bool secure_plt;         /* modules with a BSS-PLT are refused (D-11) */
	const char *obj_class;   /* name of the ET_REL class, NULL: none (L-02) */
	const char *elf_class_name; /* name of the ET_DYN class */
	bool unwind_loaded;      /* SHT_X86_64_UNWIND is a section to load */
	bool relocatable;        /* the kernel is, and relocates itself (L-18) */
	bool strict_alignment;   /* words at odd places may fault (Z-11, Z-62) */

	/* elf_reloc() and elf_reloc_local(). */
	bool local_apart;     /* the local routine does `local` rows alone */
	bool long_numbers;    /* messages print %ld, else %d */
	enum kldsim__rel_tables rel_tables;
	const char *rel_text;
	const struct kldsim__reloc_row *rows;
	size_t nrows;

	struct kldsim__arch_debug debug;
	/* What its code does without a relocation (D-71). */
	struct kldsim__arch_code code;
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

/* The machine of a kernel's ELF header, NULL if it is not built. */
const struct kldsim__arch *kldsim__arch_find(uint16_t machine,
    uint8_t elf_class, uint8_t elf_data, uint32_t elf_flags);
/* The number of a relocation type by its name, -1 for NULL and what has none. */
int kldsim__arch_type(const struct kldsim__arch *arch, const char *name);
/* What holds in a release. */
const struct kldsim__exec_memory *kldsim__arch_exec(
    const struct kldsim__arch *arch, const struct kldsim__facts *facts);
/* All machines, for tests and documents; NULL past the end. */
const struct kldsim__arch *kldsim__arch_at(size_t index);

extern const struct kldsim__arch kldsim__arch_amd64;
extern const struct kldsim__arch kldsim__arch_arm64;
extern const struct kldsim__arch kldsim__arch_armv7;
extern const struct kldsim__arch kldsim__arch_i386;
extern const struct kldsim__arch kldsim__arch_powerpc;
extern const struct kldsim__arch kldsim__arch_powerpc64;
extern const struct kldsim__arch kldsim__arch_powerpc64_elfv1;
extern const struct kldsim__arch kldsim__arch_powerpc64le;
extern const struct kldsim__arch kldsim__arch_riscv64;

#endif
