/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_IMAGE_H
#define KLDSIM_IMAGE_H

/*
 * The bytes of one file, and what its ELF header says.  An image never
 * changes, so any number of simulated kernels in any number of threads can
 * stand on the same one; it is kept by reference counts.
 *
 * Any file at all can be an image: whether it is ELF, and of which kind, is
 * the simulated kernel's to judge.
 */

#include <stdbool.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_image;

/* What the first bytes of a file say of it. */
struct kldsim_image_info {
	const char *name;    /* the name it was opened by */
	kldsim_size size;    /* bytes in the file */
	bool elf;            /* begins as an ELF file; else the rest is 0 */
	unsigned word_bits;  /* 32 or 64 */
	bool big_endian;
	unsigned type;       /* e_type */
	unsigned machine;    /* e_machine */
	unsigned sections;   /* e_shnum as the file has it */
};

/**
 * Open a file as an image.
 *
 * Units: none.
 * Ownership: the caller gets one reference; kldsim_image_unref() returns it.
 * Thread: any; the image may be used by all threads.
 * Errors: KLDSIM_SYS if it cannot be opened or read or is no regular file,
 * KLDSIM_NOMEM.
 * Kernel: nothing is judged yet.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open(const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/**
 * Make an image of what an open descriptor reads, from its first byte on.
 *
 * Units: none.
 * Ownership: the descriptor stays the caller's and may be closed at once; the
 * image is returned as by kldsim_image_open().
 * Thread: any.
 * Errors: as kldsim_image_open().
 * Kernel: nothing is judged yet.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open_fd(int fd,
    const char *name, struct kldsim_image **image_ret,
    struct kldsim_error *error_ret);

/**
 * Make an image of bytes in memory.
 *
 * Units: size in bytes.
 * Ownership: with release NULL the bytes are only borrowed and must outlive
 * the image; otherwise release(user, bytes) is called with the last reference
 * (and at once if this call fails).
 * Thread: any.
 * Errors: KLDSIM_NOMEM, KLDSIM_ARG for bytes NULL with size not 0.
 * Kernel: nothing is judged yet.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open_memory(
    const void *bytes, size_t size, const char *name,
    void (*release)(void *user, const void *bytes), void *user,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/**
 * Take one more reference.
 *
 * Units: none.
 * Ownership: each reference is returned by kldsim_image_unref().
 * Thread: any.
 * Errors: none; gives the image back.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API struct kldsim_image *kldsim_image_ref(struct kldsim_image *image);

/**
 * Return a reference; the last one frees the image.  NULL is fine.
 *
 * Units: none.
 * Ownership: the reference is gone.
 * Thread: any.
 * Errors: none.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_image_unref(struct kldsim_image *image);

/**
 * Say what the image's first bytes say.
 *
 * Units: as in struct kldsim_image_info.
 * Ownership: the name lives as long as the image.
 * Thread: any.
 * Errors: none.
 * Kernel: nothing is judged.
 */
KLDSIM_API void kldsim_image_info(const struct kldsim_image *image,
    struct kldsim_image_info *info_ret);

#ifdef __cplusplus
}
#endif

#endif
