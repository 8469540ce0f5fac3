/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SOURCE_H
#define KLDSIM_SOURCE_H

/*
 * Where files come from.  A source answers for each path that a person or a
 * simulated kernel names: with a file of the host, with a member of an archive,
 * or with an image that a program has put there.
 *
 * A path is, in this order,
 *
 *   - PLACE:path/inside, if PLACE is an archive of the host;
 *   - one that kldsim_source_add() has given an image, or that lies beside one:
 *     images hide the host's folder that they are put into;
 *   - a file or folder of the host, below options.root or the folders that the
 *     source is confined to.
 *
 * So kern.module_path, linker.hints, dependencies and the boot loader work in
 * all of them; archives are never unpacked to the host's disk, and are read
 * once.  An archive is a tar archive, compressed or not: what make(1)
 * packagekernel, pkg(8) and tar(1) write.
 *
 * Errors: KLDSIM_SYS with the host's errno if a path leads to no such file, for
 * archives as for the host's own files; KLDSIM_MALFORMED for an archive that is
 * damaged, KLDSIM_LIMIT for one that is too large, KLDSIM_UNSUPPORTED where this
 * libkldsim was built without libarchive; KLDSIM_NOMEM.
 * Thread: any thread may use a source, and many kernels in many threads the
 * same one; kldsim_source_add() and kldsim_source_confine() alone have to be done
 * before.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/options.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_source;

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_source_options {
	size_t size;      /* sizeof(struct kldsim_source_options) */
	/*
	 * A host folder that all paths begin in, and that no link leads out of;
	 * NULL: the host as it is.
	 */
	const char *root;
	/*
	 * What was opened stays open, for many kernels that look at files that
	 * do not change meanwhile.  Default false: a file of the host is opened
	 * each time anew.
	 */
	bool read_once;
	struct kldsim_limits limits; /* archive_bytes, archive_members; 0: default */
};

enum kldsim_source_type {
	KLDSIM_SOURCE_FILE = 1,
	KLDSIM_SOURCE_FOLDER = 2,
	KLDSIM_SOURCE_LINK = 3, /* symbolic; in lists alone */
	KLDSIM_SOURCE_OTHER = 4 /* a device, a fifo, ... */
};

/* What is known of a file without reading it. */
struct kldsim_source_file {
	const char *name; /* the last part of its path */
	enum kldsim_source_type type;
	kldsim_size size;
	int64_t mtime;    /* seconds of the epoch */
};

/* Is told of a file; false ends the list. */
typedef bool (*kldsim_source_visit_fn)(void *user,
    const struct kldsim_source_file *file);

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_source_options_init(
    struct kldsim_source_options *options, size_t size);

/**
 * Make a source: the host's files, and the archives among them.
 *
 * Ownership: options NULL means the defaults, and they may go at once; the
 * caller gets one reference, which kldsim_source_unref() takes back.
 * Errors: KLDSIM_ARG for an options struct that is no such thing.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_new(
    const struct kldsim_source_options *options,
    struct kldsim_source **source_ret, struct kldsim_error *error_ret);

/**
 * Take one more reference; the answer is the source.
 *
 * Ownership: kldsim_source_unref() takes each reference back.
 */
KLDSIM_API struct kldsim_source *kldsim_source_ref(
    struct kldsim_source *source);

/** Give a reference back; the last one frees the source.  NULL is fine. */
KLDSIM_API void kldsim_source_unref(struct kldsim_source *source);

/**
 * Put an image at a path, "/boot/modules/foo.ko".
 *
 * Ownership: the source takes a reference of its own.
 * Errors: KLDSIM_ARG if the path does not begin with a slash, or leads out of
 * the root.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_add(
    struct kldsim_source *source, const char *path,
    struct kldsim_image *image, struct kldsim_error *error_ret);

/* A folder of the host that is open. */
struct kldsim_source_folder {
	const char *path; /* by which it was opened; it need not be absolute */
	const char *real; /* the same as realpath(3) has it; NULL: it is that */
	int fd;           /* for reading; -1: it could not be opened, */
	int sys_errno;    /* for this reason */
};

/**
 * Have a source open files of the host below some folders alone, each from its
 * folder's descriptor, as FreeBSD's capability mode wants it (capsicum(4)).  A
 * link leads where its path does, from one folder into another one, too; here is
 * where relative paths begin.
 *
 * Units: nfolders counts folders.
 * Ownership: the texts may go at once; descriptors stay the caller's, and open
 * as long as there is the source.
 * Errors: KLDSIM_ARG for no folders, for a here without a slash in front, and for
 * a source that is confined already or has a root.  From then on
 * KLDSIM_UNSUPPORTED for a path that is below none of the folders, and
 * KLDSIM_SYS with sys_errno for what is below one that could not be opened.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_confine(
    struct kldsim_source *source, const char *here,
    const struct kldsim_source_folder *folders, size_t nfolders,
    struct kldsim_error *error_ret);

/**
 * Open now what reading archives and types opens by itself, libraries and tables
 * of characters, for a process that will soon open nothing.  What is not there is
 * missed when an archive is met.
 */
KLDSIM_API void kldsim_source_prepare(void);

/**
 * Say what a path leads to; links are followed.  source NULL is the host as it
 * is, without archives, here and for lists and images.
 *
 * Ownership: the name is a part of path.
 * Errors: see above.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_stat(
    struct kldsim_source *source, const char *path,
    struct kldsim_source_file *file_ret, struct kldsim_error *error_ret);

/**
 * Tell of all that is in a folder, in strcmp(3) order of their names.
 *
 * Ownership: what visit() is told holds until it returns.
 * Errors: see above; ENOTDIR for what is no folder.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_list(
    struct kldsim_source *source, const char *folder,
    kldsim_source_visit_fn visit, void *user,
    struct kldsim_error *error_ret);

/**
 * Open a file as an image, which is named like the path; one that was added is
 * named as it was, and a member of an archive "PLACE:path/inside" without what a
 * path can do without.
 *
 * Ownership: the caller gets one reference, which kldsim_image_unref() takes
 * back.
 * Errors: see above; EISDIR and EINVAL for what is no regular file.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_image(
    struct kldsim_source *source, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/*
 * What people call things.  A program that takes names from a command line asks
 * these first, with a source that is not NULL.
 */

/**
 * Open a kernel: a file, compressed or not, or a folder or an archive that has
 * one, called kernel, kernel.gz, .bz2, .xz or .zst.
 *
 * Ownership: the caller gets one reference, which kldsim_image_unref() takes
 * back; the image's name is the path that was found.
 * Errors: see above; KLDSIM_ARG for an archive with several, whose names the
 * text has.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_kernel(
    struct kldsim_source *source, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

/**
 * The path of a module: that of the only one in an archive, if the name is an
 * archive's; any other name is as good as it is.
 *
 * Ownership: the path is the name itself, or lives as long as the source.
 * Errors: see above; KLDSIM_ARG for an archive with several.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_module(
    struct kldsim_source *source, const char *name, const char **path_ret,
    struct kldsim_error *error_ret);

/* A module that a folder, an archive or a path leads to. */
struct kldsim_source_found {
	const char *path;
	const char *name;   /* the path without what was named */
	const char *folder; /* that it is in */
	bool whole;         /* a folder or an archive was named, and not itself */
};

/* Is told of a module; false ends the search. */
typedef bool (*kldsim_source_found_fn)(void *user,
    const struct kldsim_source_found *module);

/**
 * Tell of all modules in a folder or an archive and in the folders below: files
 * that end in .ko, in strcmp(3) order, those of a folder before its folders.
 * Links to folders are passed over.  Any other file is told as it is.
 *
 * Ownership: what found() is told holds until it returns.
 * Errors: see above; KLDSIM_NOENT if there are none, KLDSIM_LIMIT for more files
 * than the limit archive_members.
 * Kernel: kldxref(8) takes the same names (H-06).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_modules(
    struct kldsim_source *source, const char *what,
    kldsim_source_found_fn found, void *user,
    struct kldsim_error *error_ret);

/**
 * The path of a folder of modules, for kern.module_path: that of the only one in
 * an archive, if the name is an archive's; any other name is as good as it is.
 *
 * Ownership: the path is the name itself, or lives as long as the source.
 * Errors: see above; KLDSIM_ARG for an archive with several.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_source_folder(
    struct kldsim_source *source, const char *name, const char **path_ret,
    struct kldsim_error *error_ret);

/**
 * What is worth knowing of archives that were read, one sentence after the
 * other: members that are left out because their names lead out of the archive,
 * or because they are devices.
 *
 * Units: index counts from 0.
 * Ownership: the text lives as long as the source.
 * Errors: NULL behind the last one.
 */
KLDSIM_API const char *kldsim_source_remark(struct kldsim_source *source,
    size_t index);

#ifdef __cplusplus
}
#endif

#endif
