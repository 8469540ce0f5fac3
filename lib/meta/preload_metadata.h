/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef META_PRELOAD_METADATA_H
#define META_PRELOAD_METADATA_H

/*
 * The metadata block that the boot loader hands to the kernel: MODINFO_ of
 * <sys/linker.h> as bytes of the target, any word size and byte order (P-01 to
 * P-06).
 *
 * Two sides meet here and share nothing but the bytes.  The loader's: files
 * with their metadata, written one after the other (file_addmetadata(),
 * md_copymodules() of stand/common).  The kernel's: preload_search_info() and
 * its relatives of sys/kern/subr_module.c.  The kernel walks without an end
 * (Z-90); here a record that does not fit ends the block.
 */

#include <stdbool.h>

#include <kldsim/status.h>

#include "util/arena.h"
#include "util/undo.h"

/* MODINFO_ (P-02). */
#define KLDSIM__MODINFO_END 0u
#define KLDSIM__MODINFO_NAME 1u
#define KLDSIM__MODINFO_TYPE 2u
#define KLDSIM__MODINFO_ADDR 3u
#define KLDSIM__MODINFO_SIZE 4u
#define KLDSIM__MODINFO_EMPTY 5u
#define KLDSIM__MODINFO_ARGS 6u
#define KLDSIM__MODINFO_METADATA 0x8000u

/* MODINFOMD_, as they stand in a record: with MODINFO_METADATA. */
#define KLDSIM__MODINFOMD(sub) (KLDSIM__MODINFO_METADATA | (sub))
#define KLDSIM__MODINFOMD_ELFHDR KLDSIM__MODINFOMD(2u)
#define KLDSIM__MODINFOMD_SSYM KLDSIM__MODINFOMD(3u)
#define KLDSIM__MODINFOMD_ESYM KLDSIM__MODINFOMD(4u)
#define KLDSIM__MODINFOMD_DYNAMIC KLDSIM__MODINFOMD(5u)
#define KLDSIM__MODINFOMD_SHDR KLDSIM__MODINFOMD(9u)
#define KLDSIM__MODINFOMD_CTORS_ADDR KLDSIM__MODINFOMD(10u)
#define KLDSIM__MODINFOMD_CTORS_SIZE KLDSIM__MODINFOMD(11u)

/* The block as it lies in the target's memory. */
struct kldsim__preload_metadata {
	uint8_t *bytes;
	size_t size;    /* MODINFO_END included */
	unsigned word;  /* sizeof(u_long) of the target */
	bool big;
};

/* --- the boot loader's side --- */

/* struct file_metadata.  Bytes are borrowed, words are kept here. */
struct kldsim__file_metadata {
	uint32_t type;
	uint32_t size;
	const void *data;  /* NULL: it is `word` */
	uint64_t word;
};

#define KLDSIM__FILE_METADATA 8 /* as many as a loader ever adds */

/* struct preloaded_file, as far as it becomes records. */
struct kldsim__preloaded_file {
	const char *name;  /* the whole path */
	const char *type;
	const char *args;  /* NULL: none */
	kldsim_addr addr;
	kldsim_size size;
	struct kldsim__file_metadata metadata[KLDSIM__FILE_METADATA];
	unsigned nmetadata; /* in the order of file_addmetadata() */
};

/* What a loader writes as MODINFO_TYPE (P-06). */
#define KLDSIM__TYPE_KERNEL "elf kernel"
#define KLDSIM__TYPE_MODULE "elf module"
#define KLDSIM__TYPE_OBJ_MODULE "elf obj module"

/* file_addmetadata(): bytes of the file, or one word of the target. */
void kldsim__file_addmetadata(struct kldsim__preloaded_file *file,
    uint32_t type, const void *data, uint32_t size);
void kldsim__file_addword(struct kldsim__preloaded_file *file, uint32_t type,
    uint64_t value);

/*
 * md_copymodules(): write all files, the kernel first (P-05).  word and big of
 * the block are given; its bytes come from the arena.  False: no memory.
 */
bool kldsim__md_copymodules(struct kldsim__preload_metadata *md,
    struct kldsim__arena *arena,
    const struct kldsim__preloaded_file *const *files, size_t count);

/* --- the kernel's side --- */

/* A record, by its offset in the block. */
#define KLDSIM__NO_MOD SIZE_MAX

/* preload_search_next_name(): the first one after KLDSIM__NO_MOD. */
size_t kldsim__preload_search_next_name(
    const struct kldsim__preload_metadata *md, size_t base);
size_t kldsim__preload_search_by_name(
    const struct kldsim__preload_metadata *md, const char *name);
size_t kldsim__preload_search_by_type(
    const struct kldsim__preload_metadata *md, const char *type);
/* preload_search_info() (P-03): NULL if there is none. */
const uint8_t *kldsim__preload_search_info(
    const struct kldsim__preload_metadata *md, size_t mod, uint32_t type,
    size_t *size_ret);
/* The same for a string and for a word; a string without NUL is none (Z-91). */
const char *kldsim__preload_string(const struct kldsim__preload_metadata *md,
    size_t mod, uint32_t type);
bool kldsim__preload_word(const struct kldsim__preload_metadata *md,
    size_t mod, uint32_t type, uint64_t *value_ret);

/*
 * preload_delete_name() (P-04): the records of every file of that name become
 * empty.  *files_ret: how many files that were.  False: no memory.
 */
bool kldsim__preload_delete_name(struct kldsim__preload_metadata *md,
    struct kldsim__undo *undo, const char *name, unsigned *files_ret);

/* What a linker class is told of a file that the boot loader has loaded. */
struct kldsim__preloaded {
	size_t mod;                 /* its MODINFO_NAME in the block */
	struct kldsim_image *image; /* the bytes that were put there */
};

#endif
