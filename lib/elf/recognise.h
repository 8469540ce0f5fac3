/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ELF_RECOGNISE_H
#define ELF_RECOGNISE_H

/*
 * What a file is that somebody gives for a module or for a kernel: by its
 * first bytes, its shape, or by what stat(2) says.  Nothing here decides what
 * the kernel does with it.
 */

#include <sys/stat.h>

#include "elf/image.h"

enum kldsim__kind {
	KLDSIM__KIND_UNKNOWN, /* nothing that is recognised */
	/* By their shape. */
	KLDSIM__KIND_MODULE,
	KLDSIM__KIND_KERNEL,
	KLDSIM__KIND_PROGRAM,
	KLDSIM__KIND_LIBRARY,
	KLDSIM__KIND_CORE,
	KLDSIM__KIND_DEBUG,
	/* By their first bytes. */
	KLDSIM__KIND_EMPTY,
	KLDSIM__KIND_GZIP,
	KLDSIM__KIND_BZIP2,
	KLDSIM__KIND_XZ,
	KLDSIM__KIND_ZSTD,
	KLDSIM__KIND_TAR,
	KLDSIM__KIND_AR,
	KLDSIM__KIND_TEXT,
	/* By their name besides: one of the packed ones. */
	KLDSIM__KIND_PACKAGE,
	/* No regular files. */
	KLDSIM__KIND_FOLDER,
	KLDSIM__KIND_FIFO,
	KLDSIM__KIND_SOCKET,
	KLDSIM__KIND_DEVICE,
	KLDSIM__KIND_LINK_LOOP
};

/* What somebody wanted instead. */
enum kldsim__wanted {
	KLDSIM__WANTED_MODULE,
	KLDSIM__WANTED_KERNEL
};

enum kldsim__kind kldsim__recognise(const struct kldsim_image *image);
/* By the first bytes alone, of which ELF has none that are told here. */
enum kldsim__kind kldsim__recognise_beginning(const struct kldsim_image *image);
/* A file that is not regular; a regular one is unknown. */
enum kldsim__kind kldsim__recognise_mode(mode_t mode);

/*
 * Whether somebody calls a file an archive: it is compressed as a whole, so that
 * its name has to tell.
 */
bool kldsim__is_named_archive(const char *name);

/* "a folder"; NULL for what is not recognised. */
const char *kldsim__kind_name(enum kldsim__kind kind);

/*
 * What it is and what to give instead, without a full stop at the end; the
 * text is empty for what is not recognised and for what was wanted.
 */
void kldsim__kind_advice(enum kldsim__kind kind, enum kldsim__wanted wanted,
    const char *path, char *text, size_t size);

#endif
