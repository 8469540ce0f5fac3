/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_TRACE_H
#define KLDSIM_TRACE_H

/*
 * What the linker does while it does it: each file that is asked for a symbol,
 * and each relocation with what was computed and what lay there before and
 * after.  The linker itself tells it (options.trace), so that it cannot say
 * anything else than what was done.
 *
 * Thread: the functions are called by the thread that boots or loads; they call
 * nothing of the kernel that is at work.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file was asked for a symbol by its name. */
struct kldsim_trace_lookup {
	const char *file;   /* base name of who needs it */
	const char *symbol;
	size_t step;        /* 0: the file itself; its dependencies from 1 on */
	const char *asked;  /* path of the file that was asked */
	bool kernel;        /* it is the kernel */
	kldsim_addr value;  /* 0: not found, or it counts as that */
};

enum kldsim_trace_outcome {
	KLDSIM_TRACE_STORED = 0,
	KLDSIM_TRACE_NOTHING = 1, /* there is nothing to store */
	KLDSIM_TRACE_FAILED = 2   /* it fails; a refusal, or the release goes on */
};

/* Most bytes that one relocation stores. */
#define KLDSIM_TRACE_BYTES 24

/* One relocation, in the letters of the ABI: S symbol, A addend, P place, B base. */
struct kldsim_trace_reloc {
	const char *file;         /* base name */
	bool local;               /* of the pass for local symbols */
	unsigned section_index;   /* of the section it changes; 0: none has it */
	const char *section;      /* its name, "" if it has none */
	kldsim_size offset;       /* of the place, in that section */
	uint32_t type;
	const char *name;         /* of the type, as the ABI has it; "?": unknown */
	const char *formula;      /* "S + A - P"; NULL: this kernel has none */
	const char *field;        /* which bits are stored, in words */
	uint32_t symbol_index;
	const char *symbol;       /* NULL: it has no name */
	bool defined;             /* in the file itself: nobody is asked */
	bool uses_S;              /* the formula has a symbol's value */
	kldsim_addr S, A, P, B;
	uint64_t result;          /* of the formula */
	uint64_t moved;           /* through elf_relocaddr(), or the same (D-53) */
	/*
	 * Where the place is in the kernel's set, if it is a variable's of
	 * set_pcpu or set_vnet; else 0.
	 */
	kldsim_addr reference;
	enum kldsim_trace_outcome outcome;
	size_t width;             /* bytes that were stored, or would be */
	uint8_t before[KLDSIM_TRACE_BYTES];
	uint8_t after[KLDSIM_TRACE_BYTES];
};

/* Either may be NULL.  What is told holds until the function returns. */
struct kldsim_trace {
	void (*lookup)(void *user, const struct kldsim_trace_lookup *lookup);
	void (*reloc)(void *user, const struct kldsim_trace_reloc *reloc);
	void *user;
};

#ifdef __cplusplus
}
#endif

#endif
