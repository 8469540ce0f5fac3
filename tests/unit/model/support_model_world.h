/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_MODEL_WORLD_H
#define SUPPORT_MODEL_WORLD_H

/*
 * A simulated kernel with a folder of modules along its module path, for
 * graphs of modules with names of their own; and what became of them as text.
 */

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"
#include "support_kern.h"
#include "support_scratch.h"

struct world {
	char folder[SCRATCH_PATH];
	struct kern kern;
	struct support_alloc alloc; /* the library's memory comes from it */
	size_t events; /* how many there were at world_forget */
	uint32_t osreldate;
};

/* The releases that differ where graphs matter. */
#define WORLD_RELEASES 5
extern const uint32_t world_releases[WORLD_RELEASES];

/* An empty folder; the kernel boots with world_boot. */
void world_init(struct world *world, uint32_t osreldate);
void world_boot(struct world *world);
/* The kernel goes, the folder stays; nothing may be left of its memory. */
void world_halt(struct world *world);
void world_fini(struct world *world);

/* A module that has a SYSINIT, a SYSUNINIT and its own name as interface. */
struct kldsim_synth *world_module(const struct world *world, const char *name,
    int version);
void world_needs(struct kldsim_synth *module, const char *name);
/* Write it into the folder as NAME.ko; the builder is freed. */
void world_write(const struct world *world, struct kldsim_synth *module,
    const char *name);
/* world_module that needs other modules, up to a NULL, written. */
void world_add(const struct world *world, const char *name, ...);

/* kldload by name: the errno. */
int world_load(struct world *world, const char *name);
int world_id(const struct world *world, const char *name);
void world_unload(struct world *world, const char *name);
/* Events from now on. */
void world_forget(struct world *world);

/*
 * Compared as text: "NAME ID REFS USERREFS: DEP DEP, ..." of the linked files
 * but the kernel; the console lines of the last call, each ended by a newline,
 * with FOLDER for the folder; and the names of files whose SYSINITs (+) and
 * SYSUNINITs (-) ran, modules that got MOD_LOAD (L), MOD_QUIESCE (Q),
 * MOD_UNLOAD (U).
 */
void world_files(const struct world *world, const char *want);
void world_console(const struct world *world, const char *want);
void world_events(const struct world *world, const char *want);

/* The text of what an unsupported file prints. */
#define WORLD_UNSUPPORTED(name) \
	"linker_load_file: FOLDER/" name " - unsupported file type\n"
#define WORLD_DEPENDS(name, on) \
	"KLD " name ": depends on " on \
	" - not available or version mismatch\n"

#endif
