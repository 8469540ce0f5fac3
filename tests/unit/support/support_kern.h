/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_KERN_H
#define SUPPORT_KERN_H

/*
 * A simulated amd64 kernel for tests, through the public API only: build one,
 * boot it, load synthesized modules, and ask what came of it.
 *
 * Modules go to /boot/modules/NAME, from KERN_BASE upward.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kldsim/kbi.h>
#include <kldsim/kldsim.h>
#include <kldsim/synth.h>

#define KERN_BASE UINT64_C(0xffffffff82000000)

/* osreldates of the releases that differ (docs/linker-semantics.md, 12). */
#define R121 1201000u
#define R130 1300139u
#define R140 1400097u
#define R141 1401000u
#define R150 1500068u
#define R151 1501000u
#define R160 1600026u

#define KERN_ALLOC_WRITE (KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_WRITE)

/* FreeBSD's errnos (docs/linker-semantics.md, 0.2). */
#define FB_ENOENT 2
#define FB_ENOEXEC 8
#define FB_EBUSY 16
#define FB_EEXIST 17
#define FB_EINVAL 22
#define FB_ENAMETOOLONG 63

#define MODULE_PATH(name) "/boot/modules/" name
/* What K-20 prints when no class takes a file. */
#define UNSUPPORTED(name) \
	"linker_load_file: " MODULE_PATH(name) " - unsupported file type"

struct kern {
	struct kldsim_synth *synth; /* of the kernel; add to it before boot */
	struct kldsim_options options;
	uint32_t osreldate;
	struct kldsim_image *image;
	struct kldsim *sim;
	struct kldsim_result result; /* of the last load or unload */
	struct kldsim_error error;
};

/* Begin a kernel of a release: printf and what every kernel has. */
void kern_init(struct kern *kern, uint32_t osreldate);
/* The same for another machine; KERN_BASE is amd64's alone. */
void kern_init_machine(struct kern *kern, const char *machine,
    uint32_t osreldate);
/* Boot it; kern_try_boot gives the status instead of insisting. */
void kern_boot(struct kern *kern);
enum kldsim_status kern_try_boot(struct kern *kern);
/* kern_init and kern_boot. */
void kern_start(struct kern *kern, uint32_t osreldate);
/* The same with three CPUs and two vnets. */
void kern_start_sets(struct kern *kern, uint32_t osreldate);
void kern_fini(struct kern *kern);
/* Address of a symbol in the kernel file. */
uint64_t kern_symbol(const struct kern *kern, const char *name);

/* An image of what a builder made; the builder is freed. */
struct kldsim_image *kern_image(struct kldsim_synth *synth, const char *name);
/* And of a spec. */
struct kldsim_image *kern_spec(const char *spec, const char *name);
/*
 * What kbi compares, of an image, which is freed.  work: steps that comparing it
 * may take; 0: as many as usual.
 */
struct kldsim_kbi_file *kern_kbi_file(struct kldsim_image *image, uint64_t work);
/* And of a spec. */
struct kldsim_kbi_file *kern_kbi_spec(const char *spec, const char *name,
    uint64_t work);
/* A module for a release. */
struct kldsim_synth *module_new(uint32_t osreldate);
/* 8 bytes of .data holding symbol + addend: their offset in .data. */
uint64_t module_slot(struct kldsim_synth *module, int symbol, int64_t addend);
/* A new symbol, even if there is one of that name. */
int module_undefined(struct kldsim_synth *module, const char *name, int bind);
int module_absolute(struct kldsim_synth *module, const char *name, int bind,
    uint64_t value, uint64_t size);
/* Make a zeroed section of a name. */
int module_section(struct kldsim_synth *module, const char *name,
    uint32_t type, uint64_t flags, uint64_t align, uint64_t size);
/* A module with so many bytes of one value in a set, and nothing else. */
struct kldsim_synth *module_with_set(uint32_t osreldate, const char *set,
    uint64_t size, unsigned char fill);

/* Load; the builder is freed.  result and error are filled. */
enum kldsim_status kern_try(struct kern *kern, struct kldsim_synth *module,
    const char *name);
/* Load, which must succeed: the file's id. */
int kern_load(struct kern *kern, struct kldsim_synth *module,
    const char *name);
/* Load, which the kernel must refuse with this errno. */
void kern_refuse(struct kern *kern, struct kldsim_synth *module,
    const char *name, int error);
/* Load, on which the real kernel would panic. */
void kern_panic(struct kern *kern, struct kldsim_synth *module,
    const char *name);
/* Unload, which must succeed. */
void kern_unload(struct kern *kern, int fileid);
/* Unload, which the kernel must refuse with this errno. */
void kern_keep(struct kern *kern, int fileid, int flags, int error);

/* Set kern.securelevel: the kernel's answer, an errno. */
int kern_secure(struct kern *kern, int level);

struct kldsim_filestat kern_stat(const struct kern *kern, int fileid);
/* The first loaded section of a name. */
struct kldsim_section kern_section(const struct kern *kern, int fileid,
    const char *name);
struct kldsim_set_info kern_set(const struct kern *kern, enum kldsim_set set);
/* A little-endian integer of target memory. */
uint64_t kern_read(const struct kern *kern, uint64_t address, unsigned width);
/* One CPU's or vnet's copy of what is at an address of the reference copy. */
uint64_t kern_copy(const struct kern *kern, enum kldsim_set set, unsigned id,
    uint64_t address, unsigned width);
/* A word of a file's .data. */
uint64_t kern_slot(const struct kern *kern, int fileid, uint64_t offset);
/* kldsym, which must succeed. */
uint64_t kern_sym(const struct kern *kern, int fileid, const char *name);
/* Whether kldsym finds it. */
bool kern_has_sym(const struct kern *kern, int fileid, const char *name);

/* Why the last load or unload was refused: the last reason given. */
const struct kldsim_finding *kern_reason(const struct kern *kern);
/* Findings of the last load or unload: the first of a code, how many. */
const struct kldsim_finding *kern_finding(const struct kern *kern,
    const char *code);
size_t kern_findings(const struct kern *kern, const char *code);
/* The text of the first, which there must be. */
const char *kern_said(const struct kern *kern, const char *code);

/* The free list of modspace, as offsets from its start. */
struct kern_extent {
	uint64_t start, size;
};
void kern_free_list(const struct kern *kern, enum kldsim_set set,
    const struct kern_extent *extents, size_t count, const char *file,
    int line);
#define assert_free_list(kern, set, ...) \
	kern_free_list(kern, set, (const struct kern_extent[]){ __VA_ARGS__ }, \
	    sizeof((const struct kern_extent[]){ __VA_ARGS__ }) / \
	    sizeof(struct kern_extent), __FILE__, __LINE__)

/* The console lines of the last load or unload, all of them. */
void kern_console(const struct kern *kern, const char *file, int line, ...);
#define assert_console(kern, ...) \
	kern_console(kern, __FILE__, __LINE__, __VA_ARGS__, (char *)NULL)
#define assert_silent(kern) \
	kern_console(kern, __FILE__, __LINE__, (char *)NULL)

#define assert_hex(have, want) \
	assert_int_equal((uint64_t)(have), (uint64_t)(want))

/* All that can be observed, as text, to be freed. */
char *kern_digest(const struct kern *kern);

#endif
