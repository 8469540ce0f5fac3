/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_MALFORMED_H
#define SUPPORT_MALFORMED_H

/*
 * Malformed modules and kernels as tables: how each one is made, and what has
 * to come of it by the rules of docs/linker-semantics.md.
 *
 * Without more arguments a test of them runs its cases through the public API;
 * with `--write DIR` it writes them as files, beside a NAME.json that says what
 * is expected, for tests/cli/test_malformed.py.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kldsim/kldsim.h>
#include <kldsim/synth.h>

#include "support_main.h"

/* What has to come of a case. */
enum malformed_outcome {
	MALFORMED_LOADED,  /* or booted; with findings */
	MALFORMED_REFUSED, /* the simulated kernel said no */
	MALFORMED_PANICS,  /* a finding of severity panic, a dead kernel */
	MALFORMED_HOST     /* a host failure: limits, unusable kernels */
};

/* What the class asked last says of every ET_REL file (K-21). */
#define MALFORMED_NOBODY "linker_load_file: {path} - unsupported file type"

/* FreeBSD's numbers. */
enum {
	MALFORMED_EPERM = 1, MALFORMED_ENOENT = 2, MALFORMED_ENOEXEC = 8,
	MALFORMED_EEXIST = 17, MALFORMED_ENAMETOOLONG = 63
};

struct malformed {
	const char *name;
	const char *rules;
	/* What is done to the good module or kernel that it starts from. */
	void (*make)(struct kldsim_synth *synth);
	/* Fields set afterwards, as kldsim_synth_override() names them. */
	struct {
		const char *field;
		uint64_t value;
	} set[3];
	enum malformed_outcome outcome;
	int error; /* REFUSED: FreeBSD's errno */
	/*
	 * Console lines, each ended by a newline but the last; {path} and
	 * {name} stand for the module's.
	 */
	const char *console;
	/*
	 * "warning CODE, panic CODE": all of them, in order.  A refusal may
	 * come with more warnings and notes than are listed.
	 */
	const char *findings;
	enum kldsim_status status; /* HOST */
	const char *message;       /* HOST: part of it */
	uint32_t osreldate;        /* 0: the kernel's, 1201000 */
	kldsim_addr kernel_end;    /* 0: MALFORMED_KERNEL_END */
	struct kldsim_limits limits; /* not for the command line */
	bool bare;                 /* start from an empty module */
	bool dyn;                  /* start from malformed_dyn() */
};

/* Modules of the tables begin here, so that messages have known addresses. */
#define MALFORMED_KERNEL_END UINT64_C(0xffffffff82000000)
#define MALFORMED_PATH "/boot/modules/"

/* What a simulated kernel is, as far as a refusal has to leave it. */
struct malformed_state {
	size_t size;
	size_t cap;
	char *text;
};

/* A finished file. */
struct malformed_bytes {
	void *data;
	size_t size;
};

/*
 * The good ones: a kernel with printf, sets, metadata and a module "kmod"; a
 * module of .text and .data that refers to printf and to itself.
 */
struct kldsim_synth *malformed_kernel(void);
struct kldsim_synth *malformed_module(void);
/* The same as a shared object, with a set, a PLT slot and constructors. */
struct kldsim_synth *malformed_dyn(void);
struct malformed_bytes malformed_finish(struct kldsim_synth *synth);
struct kldsim_image *malformed_image(const struct malformed_bytes *bytes,
    const char *name);
struct kldsim *malformed_boot(struct kldsim_image *kernel,
    const struct malformed *one);

/* The file as it would be now, for what depends on its layout. */
unsigned malformed_shnum(struct kldsim_synth *synth);
uint64_t malformed_shdr(struct kldsim_synth *synth, const char *section,
    unsigned field);
#define MALFORMED_SH_NAME 0u /* offsets in Elf64_Shdr, Elf64_Sym */
#define MALFORMED_SH_OFFSET 24u
#define MALFORMED_SH_SIZE 32u

/* The state as text, memory of the sets included if asked for. */
struct malformed_state malformed_state(const struct kldsim *sim, bool memory);
void malformed_state_same(struct malformed_state *before,
    const struct kldsim *sim, bool memory, const char *what);

/* Whether every finding that is told says what it is and by which rule. */
void malformed_findings_speak(const struct kldsim *sim,
    const struct kldsim_result *result);

/* Run a table, or write it; modules are loaded, kernels booted. */
int malformed_run(const char *table, const struct malformed *cases, size_t n);
int malformed_run_kernels(const char *table, const struct malformed *cases, size_t n);

#define MALFORMED_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
