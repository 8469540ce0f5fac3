/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_IMPL_H
#define SOURCE_IMPL_H

/* A source from inside. */

#include <pthread.h>
#include <stdatomic.h>

#include "source/archive.h"
#include "source/host.h"
#include "source/members.h"
#include "source/source.h"
#include "util/arena.h"
#include "util/strmap.h"

/* What was made of a folder in memory. */
struct kldsim__made {
	struct kldsim__made *next;
	char *folder;
	uint32_t osreldate;
	struct kldsim_image *image; /* NULL: nothing */
};

struct kldsim_source {
	atomic_uint refs;
	struct kldsim__alloc alloc; /* the C library's: kernels share it */
	struct kldsim_limits limits;
	int root;                   /* that was opened; -1: none */
	struct kldsim__host host;
	bool read_once;
	struct kldsim__members images; /* those that were added */
	pthread_mutex_t made_lock;  /* guards what is made, while it is */
	struct kldsim__made *made;
	pthread_mutex_t lock;       /* guards what follows */
	struct kldsim__archive *archives; /* as they were opened */
	struct kldsim__arena names;
	struct kldsim__strmap kept; /* by path: number of its image */
	struct kldsim_image **kept_images;
	size_t nkept;
	size_t kept_cap;
};

/* A member of a tree, or, where that is NULL, a file of the host. */
struct kldsim__located {
	struct kldsim__members *members;
	struct kldsim__member *member;
	struct kldsim__archive *archive; /* NULL: an image that was added */
	const char *inside; /* the path, as the tree or the host has it */
};

/* --- source.c --- */

enum kldsim_status kldsim__source_no_memory(struct kldsim_error *error);

/* --- locate.c --- */

enum kldsim_status kldsim__source_locate(struct kldsim_source *source,
    const char *path, bool follow, struct kldsim__located *at_ret,
    struct kldsim_error *error);

/* --- files.c --- */

/* A file of the host, kept if it is read once; the caller has the lock. */
enum kldsim_status kldsim__source_whole(struct kldsim_source *source,
    const char *path, struct kldsim_image **image_ret,
    struct kldsim_error *error);

/* --- made.c --- */

void kldsim__source_made_fini(struct kldsim_source *source);

#endif
