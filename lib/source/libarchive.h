/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_LIBARCHIVE_H
#define SOURCE_LIBARCHIVE_H

/*
 * What packed.c asks of libarchive.
 *
 * The library brings others along, an XML parser and its tables of characters
 * among them, and a program that starts with them takes three times as long to
 * start.  So it is loaded when something packed is met.  A build that cannot
 * tell the library's name, or must not load anything, is linked with it.
 */

#include <archive.h>
#include <archive_entry.h>

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* One function a row: its result, its name, its arguments. */
#define KLDSIM__LIBARCHIVE(X) \
	X(struct archive *, archive_read_new, (void)) \
	X(int, archive_read_free, (struct archive *)) \
	X(int, archive_read_support_filter_gzip, (struct archive *)) \
	X(int, archive_read_support_filter_bzip2, (struct archive *)) \
	X(int, archive_read_support_filter_xz, (struct archive *)) \
	X(int, archive_read_support_filter_zstd, (struct archive *)) \
	X(int, archive_read_support_format_tar, (struct archive *)) \
	X(int, archive_read_support_format_raw, (struct archive *)) \
	X(int, archive_read_open_memory, \
	    (struct archive *, const void *, size_t)) \
	X(int, archive_read_next_header, \
	    (struct archive *, struct archive_entry **)) \
	X(la_ssize_t, archive_read_data, (struct archive *, void *, size_t)) \
	X(int, archive_filter_count, (struct archive *)) \
	X(la_int64_t, archive_filter_bytes, (struct archive *, int)) \
	X(int, archive_errno, (struct archive *)) \
	X(const char *, archive_error_string, (struct archive *)) \
	X(const char *, archive_entry_pathname, (struct archive_entry *)) \
	X(const char *, archive_entry_pathname_utf8, \
	    (struct archive_entry *)) \
	X(const char *, archive_entry_hardlink, (struct archive_entry *)) \
	X(const char *, archive_entry_symlink, (struct archive_entry *)) \
	X(mode_t, archive_entry_filetype, (struct archive_entry *)) \
	X(la_int64_t, archive_entry_size, (struct archive_entry *)) \
	X(int, archive_entry_size_is_set, (struct archive_entry *)) \
	X(time_t, archive_entry_mtime, (struct archive_entry *)) \
	X(long, archive_entry_mtime_nsec, (struct archive_entry *))

struct kldsim__libarchive {
#define X(result, name, arguments) result (*name)arguments;
	KLDSIM__LIBARCHIVE(X)
#undef X
};

/*
 * Find the library.  NULL: it is there; else why not, until this thread asks
 * again.
 */
const char *kldsim__libarchive_load(struct kldsim__libarchive *library_ret);

#endif
