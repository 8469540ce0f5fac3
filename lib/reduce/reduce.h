/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REDUCE_REDUCE_H
#define REDUCE_REDUCE_H

/*
 * The inside of a reduction.  search.c tries candidates and takes back what
 * does not keep the question's answer; passes.c knows what may be taken out, in
 * which order, bytes.c at contents; skeleton.c makes kernels anew; names.c and
 * anonymize.c rename.
 */

#include <kldsim/reduce.h>

#include "reduce/tree.h"
#include "util/alloc.h"

struct kldsim__reduce_file {
	char *name;
	struct kldsim__reduce_tree tree;
	struct kldsim__reduce_text text; /* of the tree as it is accepted */
	struct kldsim_image *image;      /* made of that; NULL: left out */
};

/* What a candidate has changed, to be put back. */
struct kldsim__reduce_change {
	struct kldsim__reduce_file *file;
	uint32_t node;
	bool was_gone;
	const char *text; /* that it had; NULL: only the mark has changed */
	size_t length;
};

struct kldsim__reduce_rename;

struct kldsim_reduce {
	struct kldsim_reduce_options options;
	struct kldsim__alloc alloc;
	struct kldsim__reduce_file *files;
	size_t nfiles;
	struct kldsim__reduce_change *changes; /* of the candidate under way */
	size_t nchanges;
	size_t changes_room;
	struct kldsim__reduce_rename *renames;
	size_t nrenames;
	struct kldsim_reduce_progress progress;
	struct kldsim_image **images; /* the candidate's, nfiles of them */
	const char **specs;
	bool stopped;
	bool failed; /* there was no memory */
	struct kldsim_error error; /* why the last candidate was not built */
};

/*
 * search.c.  A candidate is begun, changed, and tried; it is then either what
 * the file is from now on (true), or put back.
 */
void kldsim__reduce_remove(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, uint32_t node);
void kldsim__reduce_replace(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, uint32_t node, const char *text,
    size_t length);
bool kldsim__reduce_try(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file);
/* Without one file, or with another spec in place of a file's own. */
bool kldsim__reduce_try_without(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file);
bool kldsim__reduce_try_spec(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, const char *spec, size_t size);
/* Ask of the files as they are. */
bool kldsim__reduce_ask(struct kldsim_reduce *reduce);
/* Changes in all files at once. */
bool kldsim__reduce_try_all(struct kldsim_reduce *reduce);

/* Take out as many of these nodes as can go; whether any did. */
bool kldsim__reduce_minimize(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file, const uint32_t *parts, uint32_t count);

/* passes.c: all of them over all files, once; whether anything changed. */
bool kldsim__reduce_passes(struct kldsim_reduce *reduce);
/* bytes.c: fewer bytes of sections; whether anything changed. */
bool kldsim__reduce_bytes(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file);
/* skeleton.c: a kernel made anew in place of the one that was read. */
bool kldsim__reduce_skeleton(struct kldsim_reduce *reduce);

#endif
