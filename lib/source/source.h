/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

/*
 * Where files come from (kldsim/source.h), for the rooms that look for them as
 * the kernel, the boot loader or kldxref(8) does.
 *
 *	source.c    the object, and where a path leads
 *	host.c      files and folders of the host
 *	members.c   files and folders that are in memory: names, links, lists
 *
 * A source NULL is the host as it is.
 */

#include <kldsim/source.h>

#include <sys/stat.h>

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

/* A file that is open for its bytes to be read once. */
struct kldsim__open_file {
	struct kldsim__source_stat st;
	int fd;                     /* of a file of the host, or */
	struct kldsim_image *image; /* a member's bytes; NULL: it has none */
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
void kldsim__source_close(struct kldsim__open_file *file);

/* --- for the files of this room --- */

/* Set why, if somebody wants to know; gives the status. */
enum kldsim_status kldsim__source_fail(struct kldsim_error *error,
    enum kldsim_status status, int sys_errno, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;
/* The same of a path and an errno of the host. */
enum kldsim_status kldsim__source_fail_path(struct kldsim_error *error,
    const char *path, int sys_errno);

#endif
