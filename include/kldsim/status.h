/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_STATUS_H
#define KLDSIM_STATUS_H

/*
 * What every function of the library answers with, and how it tells more.
 *
 * A status speaks of the host only: no memory, a file that cannot be read, a
 * wrong argument.  What the simulated kernel thinks of a module is never a
 * status; it is a result (kld.h).  The three kinds of bad news are kept apart
 * in docs/DESIGN.md.
 *
 * A function's comment says what it does, and where there is something to say:
 * Units of its numbers, Ownership of what is handed over, the Thread that may
 * call it, its Errors, and Kernel, what of FreeBSD it stands for, by rule id
 * (docs/sources.md has the books).  Since is the version of the library that
 * had a function first, if it is not 0.1.  What holds for all functions of a
 * header, its head says once.
 *
 * Thread: any thread may call these.
 * Ownership: texts are constants.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what a shared library exports; everything else stays hidden. */
#if defined(__GNUC__)
#define KLDSIM_API __attribute__((visibility("default")))
#define KLDSIM_CHECK __attribute__((warn_unused_result))
#else
#define KLDSIM_API
#define KLDSIM_CHECK
#endif

/*
 * Comparable as an integer: major * 10000 + minor * 100 + patch.  All else that
 * has a version, the build and packages among it, takes it from here.
 */
#define KLDSIM_VERSION 100

/* A target address; host pointers never stand for one. */
typedef uint64_t kldsim_addr;
/* A size in bytes of target memory. */
typedef uint64_t kldsim_size;

/* Values are pinned; gaps are for later relatives. */
enum kldsim_status {
	KLDSIM_OK = 0,
	KLDSIM_NOMEM = 10,       /* the host has no memory */
	KLDSIM_SYS = 20,         /* a host system call failed; see sys_errno */
	KLDSIM_ARG = 30,         /* an argument makes no sense */
	KLDSIM_STATE = 40,       /* not allowed now, or the kernel is dead */
	KLDSIM_NOENT = 50,       /* no such file id, symbol, CPU, vnet */
	KLDSIM_FAULT = 60,       /* target address is not mapped */
	KLDSIM_NOT_ELF = 70,     /* the kernel file is not ELF */
	KLDSIM_MALFORMED = 80,   /* the kernel file or spec is broken */
	KLDSIM_UNSUPPORTED = 90, /* known, but not built here */
	KLDSIM_LIMIT = 100,      /* a limit of struct kldsim_options reached */
	KLDSIM_INTERNAL = 110    /* a mistake of the library's own */
};

/* Where a failure is told in full; the caller owns it, no memory behind it. */
struct kldsim_error {
	enum kldsim_status status;
	int sys_errno;  /* the host's errno for KLDSIM_SYS, else 0 */
	char text[512]; /* one sentence: file, section, offset, what is wrong */
	int has_offset; /* the file offset that it is about is known: */
	uint64_t offset;
};

/** Name a status; of a number that is none, "unknown status". */
KLDSIM_API const char *kldsim_status_name(enum kldsim_status status);

/** The version of the library that is running, as KLDSIM_VERSION has it. */
KLDSIM_API int kldsim_version(void);

/** The same version as text, as in "1.2.3". */
KLDSIM_API const char *kldsim_version_string(void);

#ifdef __cplusplus
}
#endif

#endif
