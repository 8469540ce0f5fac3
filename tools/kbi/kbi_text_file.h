/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_TEXT_FILE_H
#define KBI_KBI_TEXT_FILE_H

/* A kernel's interface as a text file (I-90): written, read and compared. */

#include "kbi/kbi_run.h"

/* The lines of such a text, by letter and name. */
struct kbi_line {
	char letter;      /* F, V, T, o, w */
	const char *hash; /* "" where there is none */
	const char *name; /* symbol, key, option */
	const char *rest; /* prototype, shape, value; "" */
	bool done;        /* it was compared, with others of its name */
};

struct kbi_lines {
	char *text;       /* cut into pieces */
	const char *head; /* "amd64 1500068 GENERIC ctf3" */
	struct kbi_line *all;
	size_t count;
};

/* kldsim kbi --write; an exit status. */
int kbi_write(struct kbi_run *run);
/* kldsim kbi --compare: files, or kernels that are written first. */
int kbi_compare_files(struct kbi_run *run);

/* --- kbi_lines.c --- */

/* Why kldsim_kbi_write() has not written a kernel. */
const char *kbi_write_trouble(enum kldsim_status status);
/* False after a message. */
bool kbi_lines_read(struct kbi_run *run, const char *name,
    struct kbi_lines *lines_ret);
void kbi_lines_free(struct kbi_lines *lines);
/* By letter and name, as lines are in order. */
int kbi_line_order(const struct kbi_line *a, const struct kbi_line *b);
/* The first of that name; NULL: there is none. */
const struct kbi_line *kbi_lines_find(const struct kbi_lines *lines,
    char letter, const char *name);
/*
 * The next key in a prototype or shape, from *at on, with no more stars before
 * it than that: what is held by value has none.  It is a piece of the text.  False:
 * there are no more.
 */
bool kbi_next_key(const char **at, unsigned stars, const char **key_ret,
    size_t *length_ret);

#endif
