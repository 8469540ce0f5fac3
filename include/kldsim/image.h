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
 *
 * Thread: any thread may use an image, and several at once.
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
 * Ownership: the caller gets one reference, which kldsim_image_unref() takes
 * back.
 * Errors: KLDSIM_SYS if it cannot be opened or read or is no regular file,
 * KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open(const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/**
 * Make an image of what an open descriptor reads, from its first byte on.
 *
 * Ownership: the descriptor stays the caller's, who may close it at once; the
 * image is as of kldsim_image_open().
 * Errors: as kldsim_image_open().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open_fd(int fd,
    const char *name, struct kldsim_image **image_ret,
    struct kldsim_error *error_ret);

/**
 * Make an image of bytes in memory.
 *
 * Units: size counts bytes.
 * Ownership: with release NULL the bytes are borrowed and must outlive the
 * image; otherwise release(user, bytes) is called with the last reference, or
 * at once if this call fails.  The image is as of kldsim_image_open().
 * Errors: KLDSIM_NOMEM, KLDSIM_ARG for bytes NULL with size not 0.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_image_open_memory(
    const void *bytes, size_t size, const char *name,
    void (*release)(void *user, const void *bytes), void *user,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/**
 * Take one more reference; the answer is the image.
 *
 * Ownership: kldsim_image_unref() takes each reference back.
 */
KLDSIM_API struct kldsim_image *kldsim_image_ref(struct kldsim_image *image);

/** Give a reference back; the last one frees the image.  NULL is fine. */
KLDSIM_API void kldsim_image_unref(struct kldsim_image *image);

/**
 * Say what the image's first bytes say.
 *
 * Ownership: the name lives as long as the image.
 */
KLDSIM_API void kldsim_image_info(const struct kldsim_image *image,
    struct kldsim_image_info *info_ret);

/**
 * The bytes of the file.
 *
 * Units: size counts bytes.
 * Ownership: they live as long as the image.
 */
KLDSIM_API const void *kldsim_image_bytes(const struct kldsim_image *image,
    size_t *size_ret);

/** Whether a file has a kernel's shape, as opposed to a module's (L-18). */
KLDSIM_API bool kldsim_image_is_kernel(const struct kldsim_image *image);

#ifdef __cplusplus
}
#endif

#endif
