/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_REPORT_H
#define KLDSIM_REPORT_H

/*
 * What the simulated kernel said (console lines, word for word) and what we
 * have to say besides (findings).  Both are kept in the order in which they
 * came, for the life of the simulated kernel; a result names its own part of
 * each by first index and count.
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
};

/**
 * How many console lines there are.
 *
 * Units: lines.
 * Ownership: nothing is handed over.
 * Thread: the simulated kernel's own.
 * Errors: none.
 * Kernel: what printf(9) would have put on the console.
 */
KLDSIM_API size_t kldsim_console_count(const struct kldsim *sim);

/**
 * One console line, without its newline.
 *
 * Units: index from 0.
 * Ownership: borrowed, valid as long as the simulated kernel.
 * Thread: the simulated kernel's own.
 * Errors: NULL for an index out of range.
 * Kernel: word for word what the kernel of that release prints.
 */
KLDSIM_API const char *kldsim_console_line(const struct kldsim *sim,
    size_t index);

/**
 * How many findings there are.
 *
 * Units: findings.
 * Ownership: nothing is handed over.
 * Thread: the simulated kernel's own.
 * Errors: none.
 * Kernel: nothing the kernel says.
 */
KLDSIM_API size_t kldsim_finding_count(const struct kldsim *sim);

/**
 * One finding.
 *
 * Units: index from 0.
 * Ownership: borrowed, valid as long as the simulated kernel.
 * Thread: the simulated kernel's own.
 * Errors: NULL for an index out of range.
 * Kernel: nothing the kernel says; the rules name what it does.
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

/**
 * How many codes of findings there are.
 *
 * Units: codes.
 * Ownership: a number.
 * Thread: any.
 * Errors: it cannot fail.
 * Kernel: the kernel knows nothing of findings.
 */
KLDSIM_API size_t kldsim_finding_info_count(void);

/**
 * What there is to know of a code of findings, by its number.
 *
 * Units: index from 0; the order is that of the subjects.
 * Ownership: a constant of the library, never freed.
 * Thread: any.
 * Errors: NULL for an index out of range.
 * Kernel: what the kernel does is in the member of that name.
 */
KLDSIM_API const struct kldsim_finding_info *kldsim_finding_info_at(
    size_t index);

/**
 * What there is to know of a code of findings, by its name, as in
 * kldsim_finding_info("undefined-symbol").
 *
 * Units: the code as struct kldsim_finding has it.
 * Ownership: a constant of the library, never freed.
 * Thread: any.
 * Errors: NULL for a code that there is not, and for NULL.
 * Kernel: what the kernel does is in the member of that name.
 */
KLDSIM_API const struct kldsim_finding_info *kldsim_finding_info(
    const char *code);

/**
 * The name of a severity: "note", "warning", "panic".
 *
 * Units: none.
 * Ownership: a constant string, never freed.
 * Thread: any.
 * Errors: none; an unknown value gives "?".
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API const char *kldsim_severity_name(enum kldsim_severity severity);

/**
 * The name of a FreeBSD errno: 8 is "ENOEXEC".
 *
 * Units: FreeBSD's numbers, whatever the host's are.
 * Ownership: a constant string, never freed.
 * Thread: any.
 * Errors: none; an unknown number gives "E?".
 * Kernel: sys/errno.h, the pseudo errnos of the kernel too: -1 is "ERESTART".
 */
KLDSIM_API const char *kldsim_errno_name(int error);

/**
 * Turn the name of a FreeBSD errno ("ENODEV", "EWOULDBLOCK", "ERESTART") or
 * its number ("19", "-1"; "0" is success) into the number.
 *
 * Units: FreeBSD's numbers, written in decimal.
 * Ownership: nothing is handed over.
 * Thread: any.
 * Errors: KLDSIM_ARG when FreeBSD has no such errno.
 * Kernel: as kldsim_errno_name().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_errno_parse(
    const char *text, int *error_ret);

/**
 * What strerror(3) says of a FreeBSD errno: 8 is "Exec format error".
 *
 * Units: FreeBSD's numbers.
 * Ownership: a constant string, never freed.
 * Thread: any.
 * Errors: none; an unknown number gives "Unknown error".
 * Kernel: FreeBSD's libc.
 */
KLDSIM_API const char *kldsim_errno_text(int error);

#ifdef __cplusplus
}
#endif

#endif
