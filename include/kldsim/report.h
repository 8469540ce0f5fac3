/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_REPORT_H
#define KLDSIM_REPORT_H

/*
 * What the simulated kernel said (console lines, word for word) and what we
 * have to say besides (findings).  Both are kept in the order in which they
 * came, for the life of the simulated kernel; a result names its own part of
 * each by first index and count.
 *
 * Thread: one thread at a time uses a simulated kernel; what takes none, any
 * thread may call.
 * Ownership: lines and findings last as long as the simulated kernel; all else
 * is constant.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

enum kldsim_severity {
	KLDSIM_NOTE = 0,    /* worth knowing */
	KLDSIM_WARNING = 1, /* probably wrong, or trusted without a check */
	KLDSIM_PANIC = 2    /* the real kernel would not have survived */
};

/* One thing worth knowing that the kernel itself would not say. */
struct kldsim_finding {
	const char *code;   /* stable name, "undefined-symbol" */
	enum kldsim_severity severity;
	const char *rules;  /* rule ids, comma separated: "Z-01" */
	const char *file;   /* base name of the linker file, or NULL */
	const char *section; /* section name, or NULL */
	int section_index;  /* section header index, -1 if none applies */
	bool has_offset;
	uint64_t offset;    /* bytes into the section, or into the file */
	const char *symbol; /* symbol name, or NULL */
	const char *text;   /* one sentence: what it is and what to do */
	const char *function; /* of the module, that the place is in, or NULL */
	bool refusal;       /* it is why the simulated kernel said no */
};

/** How many console lines there are. */
KLDSIM_API size_t kldsim_console_count(const struct kldsim *sim);

/**
 * One console line, without its newline: word for word what the kernel of that
 * release prints.
 *
 * Units: index counts from 0.
 * Errors: NULL for an index out of range.
 * Kernel: printf(9).
 */
KLDSIM_API const char *kldsim_console_line(const struct kldsim *sim,
    size_t index);

/** How many findings there are. */
KLDSIM_API size_t kldsim_finding_count(const struct kldsim *sim);

/**
 * One finding.
 *
 * Units: index counts from 0.
 * Errors: NULL for an index out of range.
 */
KLDSIM_API const struct kldsim_finding *kldsim_finding_at(
    const struct kldsim *sim, size_t index);

/*
 * What holds for every finding of one code, for people who have never seen a
 * linker from inside; what is special to one is in its text.
 */
struct kldsim_finding_info {
	const char *code;
	enum kldsim_severity severity; /* when the simulated kernel goes on */
	const char *rules;   /* as in struct kldsim_finding */
	const char *meaning; /* what it is */
	const char *kernel;  /* what the kernel does about it */
	const char *remedy;  /* what to do */
};

/** How many codes of findings there are. */
KLDSIM_API size_t kldsim_finding_info_count(void);

/**
 * What there is to know of a code of findings, by its number; the order is
 * that of the subjects.
 *
 * Units: index counts from 0.
 * Errors: NULL for an index out of range.
 */
KLDSIM_API const struct kldsim_finding_info *kldsim_finding_info_at(
    size_t index);

/**
 * What there is to know of a code of findings, by its name, as in
 * kldsim_finding_info("undefined-symbol").
 *
 * Errors: NULL for a code that there is not, and for NULL.
 */
KLDSIM_API const struct kldsim_finding_info *kldsim_finding_info(
    const char *code);

/**
 * The name of a severity: "note", "warning", "panic"; of an unknown one, "?".
 */
KLDSIM_API const char *kldsim_severity_name(enum kldsim_severity severity);

/**
 * The name of a FreeBSD errno, whatever the host's numbers are: 8 is
 * "ENOEXEC", an unknown one "E?".
 *
 * Kernel: sys/errno.h, the pseudo errnos of the kernel too: -1 is "ERESTART".
 */
KLDSIM_API const char *kldsim_errno_name(int error);

/**
 * Turn the name of a FreeBSD errno ("ENODEV", "EWOULDBLOCK", "ERESTART") or
 * its decimal number ("19", "-1"; "0" is success) into the number.
 *
 * Errors: KLDSIM_ARG when FreeBSD has no such errno.
 * Kernel: as kldsim_errno_name().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_errno_parse(
    const char *text, int *error_ret);

/**
 * What strerror(3) of FreeBSD says of a FreeBSD errno: 8 is "Exec format
 * error", an unknown one "Unknown error".
 */
KLDSIM_API const char *kldsim_errno_text(int error);

#ifdef __cplusplus
}
#endif

#endif
