/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SPEC_H
#define KLDSIM_SPEC_H

/*
 * More of the builder of synth.h: images ready to boot, spec files in YAML
 * (docs/spec.md), the spec of an existing file, and random worlds.
 *
 * Thread: one thread at a time uses a builder; what takes none, any thread may
 * call.
 * Ownership: what is handed in is copied.
 * Errors: those of the builder's own calls are told by kldsim_synth_finish();
 * a call that makes something answers 0 then.  An error of NULL is not filled.
 */

#include <stddef.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/status.h>
#include <kldsim/synth.h>
#include <kldsim/synth_ctf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A sysctl node or leaf; symbols are the builder's, 0 a null pointer. */
struct kldsim_synth_oid {
	const char *name;   /* the oid's own name, "maxsockets" */
	const char *parent; /* the parent's, "_kern_ipc"; "": a root */
	int32_t number;     /* oid_number, -1 for OID_AUTO */
	uint32_t kind;      /* oid_kind: CTLTYPE_ and CTLFLAG_ */
	int arg1;
	int64_t arg2;
	int handler;
	const char *fmt;    /* "I", "A", "N" ...; NULL: a null pointer */
	const char *descr;
};

/**
 * Add a sysctl oid, sysctl__PARENT_NAME, and its entry in sysctl_set.
 *
 * Kernel: SYSCTL_OID, SYSCTL_ROOT_NODE; the parent pointer refers to the symbol
 * sysctl__PARENT, a root's to sysctl__children, which a kernel gets if it has
 * none; KLDSIM_SYNTH_SYSCTL_TREE (M-43).
 */
KLDSIM_API int kldsim_synth_sysctl(struct kldsim_synth *synth,
    const struct kldsim_synth_oid *oid);

/**
 * Give a section of a linked file an address, and any section an sh_entsize.
 * With a NULL address it is where the layout puts it, with an entsize of 0 it
 * is as its type and flags have it.
 *
 * As soon as one section has an address, sections are laid out in the order in
 * which they were made, and what is generated comes after all of them.
 *
 * Units: address is a target address, entsize counts bytes.
 * Errors: an address inside the section before.
 * Kernel: ET_REL and sections without SHF_ALLOC have no addresses (O-10).
 */
KLDSIM_API void kldsim_synth_section_fields(struct kldsim_synth *synth,
    int section, const kldsim_addr *address, uint64_t entsize);

/**
 * As kldsim_synth_finish(), but an image, ready to boot or load.
 *
 * Ownership: kldsim_image_unref() takes the image back.
 * Errors: as kldsim_synth_finish().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_image(
    struct kldsim_synth *synth, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error);

/**
 * Read a spec file (docs/spec.md); what comes back may be added to and
 * finished.
 *
 * Ownership: the caller frees the builder with kldsim_synth_free().
 * Errors: KLDSIM_SYS for an unreadable file; KLDSIM_MALFORMED for a mistake,
 * told as "FILE:LINE:COLUMN: expected ..."; KLDSIM_LIMIT, KLDSIM_NOMEM.  What
 * shows only in the layout is told by kldsim_synth_finish(), with its place.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_spec(const char *path,
    struct kldsim_synth **synth_ret, struct kldsim_error *error);

/**
 * Read a spec from memory; name stands for the file in errors.
 *
 * Units: size counts bytes.
 * Ownership: the bytes are only read; the builder is as of
 * kldsim_synth_spec().
 * Errors: as kldsim_synth_spec().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_spec_bytes(
    const void *bytes, size_t size, const char *name,
    struct kldsim_synth **synth_ret, struct kldsim_error *error);

/**
 * Write the spec of an existing kernel or module, as text in memory.  What the
 * kernel linker looks at is kept; docs/spec.md says what is not.
 *
 * Units: *size_ret counts bytes; a NUL follows them.
 * Ownership: the caller frees the text with kldsim_synth_free_bytes().
 * Errors: KLDSIM_SYS for an unreadable file; KLDSIM_NOT_ELF, KLDSIM_MALFORMED,
 * KLDSIM_UNSUPPORTED for one that no spec can tell of; KLDSIM_LIMIT,
 * KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_from(const char *path,
    char **text_ret, size_t *size_ret, struct kldsim_error *error);

/**
 * As kldsim_synth_from(), of a file in memory.
 *
 * Units: both sizes count bytes.
 * Ownership: the bytes are only read; the text is as of kldsim_synth_from().
 * Errors: as kldsim_synth_from().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_from_bytes(
    const void *bytes, size_t size, const char *name, char **text_ret,
    size_t *text_size_ret, struct kldsim_error *error);

/* Which modules of a world depend on which. */
enum kldsim_world_deps {
	KLDSIM_WORLD_CHAIN = 0, /* each on the one before */
	KLDSIM_WORLD_TREE = 1,  /* module n on module (n - 1) / 2 */
	KLDSIM_WORLD_RANDOM = 2 /* each on up to three before it */
};

/* How the kernel and the modules of a world were built (J-10, J-20). */
enum kldsim_world_vnets {
	KLDSIM_WORLD_VIMAGE = 0,       /* both with options VIMAGE */
	KLDSIM_WORLD_PLAIN = 1,        /* the modules alone (J-12) */
	KLDSIM_WORLD_RUNTIME = 2,      /* of D20278, the kernel with VIMAGE */
	KLDSIM_WORLD_RUNTIME_PLAIN = 3, /* and without (J-24) */
	KLDSIM_WORLD_ANY = 4           /* drawn: one of these */
};

/* What a random world is to be like; 0 stands for the default. */
struct kldsim_world {
	size_t size;          /* sizeof(struct kldsim_world) of the caller */
	uint64_t seed;        /* any number, 0 too */
	const char *machine;  /* NULL: amd64 */
	uint32_t modules;     /* 3 */
	uint32_t symbols;     /* of each file; 16 */
	uint32_t relocs;      /* of each module; 32 */
	uint32_t set_bytes;   /* of each of a module's two sets; 64 */
	enum kldsim_world_deps deps;
	uint32_t osreldate;   /* of kernel and modules; 1201000 */
	uint32_t shared;      /* 1: modules are ET_DYN on amd64 too (D-70) */
	uint32_t types;       /* of each file; 0: none, and no symbol has one */
	enum kldsim_world_vnets vnets;
};

/**
 * Write a random but valid world into a folder: kernel, mod0.ko ... and
 * expected.json, which says what loading them in order must lead to, as the
 * generator computed it (docs/spec.md).  The same world has the same bytes.
 *
 * Errors: KLDSIM_SYS if the folder cannot be written, KLDSIM_ARG,
 * KLDSIM_LIMIT, KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_world(
    const struct kldsim_world *world, const char *folder,
    struct kldsim_error *error);

#ifdef __cplusplus
}
#endif

#endif
