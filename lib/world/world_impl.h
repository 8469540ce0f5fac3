/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORLD_WORLD_IMPL_H
#define WORLD_WORLD_IMPL_H

/*
 * Random worlds.  world.c chooses and builds, with what world_machines.c knows
 * of the machines, and world_ctf.c with types; world_expect.c writes down what must come of it, from what
 * was chosen and from the rules alone.
 */

#include <stdio.h>

#include "synth/impl.h"

/* Where something can be in a module; the names are section names. */
enum kldsim__world_section {
	KLDSIM__WORLD_TEXT,
	KLDSIM__WORLD_DATA,
	KLDSIM__WORLD_DPCPU,
	KLDSIM__WORLD_VNET,
	KLDSIM__WORLD_SECTIONS
};

struct kldsim__world_symbol {
	uint32_t section; /* enum kldsim__world_section */
	uint64_t offset;
};

enum kldsim__world_flag {
	KLDSIM__WORLD_ADDEND = 1,  /* plus the addend, which others ignore */
	KLDSIM__WORLD_PC = 2,      /* minus the place */
	KLDSIM__WORLD_OWN = 4,     /* RELATIVE: of the file itself */
	KLDSIM__WORLD_UNMOVED = 8, /* a set is where it was in the file */
	KLDSIM__WORLD_SUM = 16     /* and what the sum hits of it moves, too */
};

/* A relocation type, and when kernels have it so. */
struct kldsim__world_type {
	const char *name;
	uint32_t width;
	uint32_t flags; /* enum kldsim__world_flag */
	uint32_t from;  /* osreldate */
	uint32_t until;
};

struct kldsim__world_machine {
	const char *name;
	bool relocatable; /* modules are ET_REL, not ET_DYN */
	const struct kldsim__world_type *types;
	size_t ntypes;
};

/* A relocation that was asked for. */
struct kldsim__world_reloc {
	uint32_t section;
	uint64_t offset;
	const struct kldsim__world_type *type;
	uint32_t file;    /* 0: the kernel; n + 1: module n */
	uint32_t target;  /* symbol of the file, or variable: see variable */
	uint32_t variable; /* 0: a symbol; else the section of the variable */
	int32_t addend;
};

enum { KLDSIM__WORLD_DEPS = 3 };

struct kldsim__world_module {
	struct kldsim__world_symbol *symbols;
	struct kldsim__world_reloc *relocs;
	uint32_t nrelocs;
	uint32_t deps[KLDSIM__WORLD_DEPS];
	uint32_t ndeps;
	uint64_t values[2]; /* first value of its DPCPU and VNET variables */
};

/* A type that others can hold by value. */
struct kldsim__world_shape {
	int id;
	uint32_t size;
	uint32_t align;
};

struct kldsim__world {
	struct kldsim_world ask;
	const struct kldsim__world_machine *machine;
	uint64_t random;
	uint32_t nvariables; /* of each set of a module */
	bool plain;          /* the kernel is without VIMAGE */
	bool runtime;        /* it and its modules are of D20278 */
	uint64_t *kernel;    /* addresses of the kernel's symbols */
	struct kldsim__world_module *modules;
	struct kldsim__world_shape *shapes; /* of the file under way */
	uint32_t nshapes;
	const char *folder;
	struct kldsim_error *error;
	enum kldsim_status status;
};

/* world.c */
uint32_t kldsim__world_below(struct kldsim__world *world, uint32_t n);

/* world_ctf.c */
void kldsim__world_types(struct kldsim__world *world,
    struct kldsim_synth *synth);
void kldsim__world_symbol_type(struct kldsim__world *world,
    struct kldsim_synth *synth, int symbol, bool function);

/* world_machines.c */
const struct kldsim__world_machine *kldsim__world_machine(const char *name,
    bool shared);
bool kldsim__world_in_force(const struct kldsim__world_type *type,
    uint32_t osreldate);
uint32_t kldsim__world_set_pad(const struct kldsim__world_machine *machine,
    uint32_t osreldate);
bool kldsim__world_propagates(uint32_t osreldate, uint32_t section);

/* world_expect.c */
extern const char *const kldsim__world_names[KLDSIM__WORLD_SECTIONS];
bool kldsim__world_is_pointer(uint32_t variable);
void kldsim__world_expect_start(struct kldsim__world *world, FILE *out);
void kldsim__world_expect_module(struct kldsim__world *world, FILE *out,
    uint32_t number, const struct kldsim_synth *synth);
void kldsim__world_expect_end(FILE *out);

#endif
