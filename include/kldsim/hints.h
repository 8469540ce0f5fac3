/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_HINTS_H
#define KLDSIM_HINTS_H

/*
 * linker.hints: which file of a folder has which module, interface and device.
 * kldxref(8) writes it, byte for byte; kldload(2) finds files by it; and
 * people like to see what is in it.
 *
 * Thread: any thread may call these.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/options.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_hints_options {
	size_t size;        /* sizeof(struct kldsim_hints_options) */
	uint32_t osreldate; /* whose kldxref(8); 0: the newest known */
	bool follow;        /* a folder that is named may be a link to one */
	bool dry_run;       /* write and delete nothing */
	const char *name;   /* of the files written; NULL: linker.hints */
	/* What the tool says: WARNING always; with its -v, INFO is each file's
	   name, and DEBUG why a file was not looked into. */
	kldsim_log_fn log;
	void *log_user;
	/* Where the folders are (source.h); NULL: on the host, the only place
	   that is written to. */
	struct kldsim_source *source;
};

/* What was done. */
struct kldsim_hints_result {
	unsigned folders; /* gone through, those below included */
	unsigned files;   /* looked into */
	unsigned records; /* written */
	unsigned written; /* files called linker.hints */
	unsigned deleted; /* the same, where there is nothing to say (H-09) */
};

enum kldsim_hints_kind {
	KLDSIM_HINTS_MODULE = 2,  /* MDT_MODULE */
	KLDSIM_HINTS_VERSION = 3, /* MDT_VERSION */
	KLDSIM_HINTS_PNP = 4      /* MDT_PNP_INFO; other numbers: not known */
};

#define KLDSIM_HINTS_STRING 256

/* One record.  Texts end at their first NUL. */
struct kldsim_hints_record {
	size_t offset;   /* of its length word, in the file */
	uint32_t length; /* bytes after that word */
	int kind;        /* enum kldsim_hints_kind, or any other number */
	bool big_endian;
	char name[KLDSIM_HINTS_STRING]; /* module, interface, or bus */
	char file[KLDSIM_HINTS_STRING]; /* MODULE, VERSION */
	int32_t version;                /* VERSION */
	char descr[KLDSIM_HINTS_STRING]; /* PNP: what the values mean */
	int32_t rows;                    /* PNP: how many devices */
	const uint8_t *values;           /* PNP: in the file */
	size_t values_size;
};

/* One value of a PNP record; kind is the letter of the descriptor. */
struct kldsim_hints_value {
	int32_t row;
	char kind;
	char key[KLDSIM_HINTS_STRING];
	uint32_t number;                /* I, J, G, L, M */
	char text[KLDSIM_HINTS_STRING]; /* D, Z */
};

/* Where kldsim_hints_value() is; all zeros at first. */
struct kldsim_hints_cursor {
	size_t at;
	size_t descr;
	int32_t row;
};

/**
 * Set every option to its default: the newest kldxref(8) that is known.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_hints_options_init(struct kldsim_hints_options *options,
    size_t size);

/**
 * Do what kldxref(8) does to a folder and all folders below it.  Options of
 * NULL are the defaults; result_ret and error_ret may be NULL.
 *
 * Errors: KLDSIM_SYS for a folder that cannot be read or written to,
 * KLDSIM_NOMEM, KLDSIM_ARG for an options struct that is no such thing or has a
 * source without dry_run, KLDSIM_MALFORMED where a module makes kldxref(8)
 * itself give up (H-06), KLDSIM_LIMIT for modules that need more work than any
 * honest one.  Folders that were done before the failure keep their new files.
 * Kernel: H-01 to H-09, but a run that fails leaves no lhint.XXXXXX behind.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_hints_write(
    const char *folder, const struct kldsim_hints_options *options,
    struct kldsim_hints_result *result_ret, struct kldsim_error *error_ret);

/**
 * Make the bytes of one folder's linker.hints and write nothing.
 *
 * Units: *size_ret counts bytes; it is 0 if there would be no file (H-09).
 * Ownership: the caller frees the bytes with kldsim_hints_free().
 * Errors: as kldsim_hints_write().
 * Kernel: H-01 to H-08, without the folders below.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_hints_build(
    const char *folder, const struct kldsim_hints_options *options,
    void **bytes_ret, size_t *size_ret,
    struct kldsim_hints_result *result_ret, struct kldsim_error *error_ret);

/** Free the bytes of kldsim_hints_build().  NULL is fine. */
KLDSIM_API void kldsim_hints_free(void *bytes);

/**
 * Read one record after the other, for showing it; *at is 0 at first.
 *
 * Units: size counts bytes; *at is an offset in the file.
 * Ownership: the record points into the bytes.
 * Errors: KLDSIM_NOENT after the last one, KLDSIM_MALFORMED if the rest is no
 * linker.hints of either byte order; error_ret may be NULL.
 * Kernel: stricter than the kernel, which trusts the bytes (Z-60 to Z-62).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_hints_next(
    const void *bytes, size_t size, size_t *at,
    struct kldsim_hints_record *record_ret, struct kldsim_error *error_ret);

/**
 * Read one value after the other of a PNP record, row by row.
 *
 * Errors: KLDSIM_NOENT after the last one, KLDSIM_MALFORMED if the values do
 * not fill the rows that the record promises.
 * Kernel: devmatch(8) reads these records, the kernel does not (H-10).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_hints_value(
    const struct kldsim_hints_record *record,
    struct kldsim_hints_cursor *cursor,
    struct kldsim_hints_value *value_ret);

#ifdef __cplusplus
}
#endif

#endif
