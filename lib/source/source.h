/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

/*
 * Where files come from (kldsim/source.h), for the rooms that look for them as
 * the kernel, the boot loader or kldxref(8) does.
 *
 *	source.c    the object
 *	locate.c    where a path leads
 *	files.c     what it leads to
 *	made.c      what is made of a folder that nobody has written to
 *	modules.c   the modules in a folder or an archive
 *	place.c     what people call a kernel, a module or a folder
 *	host.c      files and folders of the host
 *	below.c     where a path leads below folders that are open
 *	confine.c   which folders these are
 *	members.c   files and folders that are in memory: names, links, lists
 *	archive.c   tar archives: which members there are
 *	packed.c    what is compressed or packed, by libarchive
 *	prepare.c   what that opens by itself
 *	block.c     memory for many members' bytes
 *
 * A source NULL is the host as it is.
 */

#include <kldsim/source.h>

#include <sys/stat.h>

#include "util/format.h"

/* As in the kernel, its NUL included: no path inside an archive is longer. */
#define KLDSIM__SOURCE_PATH 1024u

/* What stat(2) says of a file, or would say if tar(1) had unpacked it. */
struct kldsim__source_stat {
	enum kldsim_source_type type;
	mode_t mode;     /* of a file of the host, else 0 */
	uint64_t device; /* with the number, what makes it the same file */
	uint64_t number;
	uint64_t size;
	struct timespec mtime;
};

/* The link itself at the end of a path, unless it is followed. */
enum kldsim_status kldsim__source_stat(struct kldsim_source *source,
    const char *path, bool follow, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error);

/* A file that is open; the path is borrowed. */
struct kldsim__open_file {
	struct kldsim__source_stat st;
	int fd; /* of a file of the host; -1: it is in memory */
	struct kldsim_source *source;
	const char *path;
};

/*
 * open(2) and fstat(2), without waiting for a fifo; a link at the end is an
 * error unless it is followed.
 */
enum kldsim_status kldsim__source_open(struct kldsim_source *source,
    const char *path, bool follow, struct kldsim__open_file *file_ret,
    struct kldsim_error *error);
/* So many bytes from its first one on; fewer if there are no more. */
size_t kldsim__source_read(const struct kldsim__open_file *file,
    uint8_t *bytes_ret, size_t size);
/* The same file's image, of which nobody has read yet. */
enum kldsim_status kldsim__source_open_image(
    const struct kldsim__open_file *file, struct kldsim_image **image_ret,
    struct kldsim_error *error);
void kldsim__source_close(struct kldsim__open_file *file);

/* Whether a folder is in an archive or among images, which nothing writes to. */
enum kldsim_status kldsim__source_in_memory(struct kldsim_source *source,
    const char *folder, bool *in_memory_ret, struct kldsim_error *error);
/* Whether a file is a member that can be no module: nobody has to read it. */
bool kldsim__source_is_foreign(struct kldsim_source *source,
    const char *path);

/*
 * Something that is made of such a folder once, for one release, and kept for
 * all kernels that share the source.  make() may come to no image, which is kept
 * as well; after any other failure it is asked again.
 */
typedef enum kldsim_status kldsim__source_make_fn(
    struct kldsim_source *source, const char *folder, uint32_t osreldate,
    struct kldsim_image **image_ret, struct kldsim_error *error);
enum kldsim_status kldsim__source_made(struct kldsim_source *source,
    const char *folder, uint32_t osreldate, kldsim__source_make_fn *make,
    struct kldsim_image **image_ret, struct kldsim_error *error);

/* --- for the files of this room --- */

struct kldsim__archive;

/*
 * A file of the host as an archive, which lives as long as the source; NULL: it
 * is none.
 */
enum kldsim_status kldsim__source_archive(struct kldsim_source *source,
    const char *place, struct kldsim__archive **archive_ret,
    struct kldsim_error *error);
/* "PLACE:path/inside": its archive, NULL: it is no such path. */
enum kldsim_status kldsim__source_inside(struct kldsim_source *source,
    const char *path, struct kldsim__archive **archive_ret,
    const char **inside_ret, struct kldsim_error *error);
/* The same the other way round, kept as long as the source; NULL: no memory. */
const char *kldsim__source_keep_place(struct kldsim_source *source,
    const char *place, const char *inside);
/* Whether a file is called as modules are (H-06). */
bool kldsim__source_is_module(const char *name);
const struct kldsim_limits *kldsim__source_limits(
    const struct kldsim_source *source);

/* Set why, if somebody wants to know; gives the status. */
enum kldsim_status kldsim__source_fail(struct kldsim_error *error,
    enum kldsim_status status, int sys_errno, const char *format, ...)
    KLDSIM__PRINTF(4, 5);
/* The same of a path and an errno of the host. */
enum kldsim_status kldsim__source_fail_path(struct kldsim_error *error,
    const char *path, int sys_errno);

#endif
