/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_SOURCE_H
#define KBI_KBI_SOURCE_H

/* Where the types of a file are from, and what else is said there. */

#include <kldsim/kbi.h>

#include "dwarf/file_types.h"

struct kbi_source {
	struct file_types found;
	struct kldsim_kbi_inline *inlines;
	size_t ninlines;
};

/*
 * Look at a file, with its CTF, or its DWARF.  The source is to be freed after
 * the file, in any case.
 */
enum kldsim_status kbi_source_open(struct kldsim_image *image,
    const struct debug_options *where, const struct kldsim_kbi_options *options,
    struct kbi_source *source, struct kldsim_kbi_file **file_ret,
    struct kldsim_error *error);
/*
 * The same of a path, with the source and the limits of `boot'; *file_ret is
 * NULL unless all went well.  Source NULL: nobody asks for types.
 */
enum kldsim_status kbi_source_open_path(const struct kldsim_options *boot,
    const char *path, const struct debug_options *where,
    struct kbi_source *source, struct kldsim_kbi_file **file_ret,
    struct kldsim_error *error);
/* Name for the sandbox where debug files are, and load what reads them. */
void kbi_source_sandbox(const struct debug_options *where);
void kbi_source_free(struct kbi_source *source);

/*
 * The configuration that a module was built together with, by the folder that
 * its compiler ran in (W-25); false: it was built alone, or nobody knows.
 */
bool kbi_source_configuration(const struct kbi_source *source, char *text,
    size_t size);

/* The compiler's flags that headers depend on (W-24), one after the other;
   *at is NULL at first. */
bool kbi_source_flag(const struct kbi_source *source, const char **at,
    char *text, size_t size);

/* Inlines of headers alone: the module's own say nothing of the kernel. */
bool kbi_source_is_header(const struct dwarf_inline *in);

/* For people, with -v: compiler, flags, inlines. */
void kbi_source_text(const struct kbi_source *source);

#endif
