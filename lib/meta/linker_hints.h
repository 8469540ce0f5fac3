/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef META_LINKER_HINTS_H
#define META_LINKER_HINTS_H

/*
 * linker.hints as the kernel reads it: linker_hints_lookup() of kern_linker.c
 * without its files, a pure function of the bytes (K-13, steps 2 to 6).
 *
 * The kernel trusts those bytes.  Where it would leave its buffer or never
 * come to an end, the result says so; nothing is read outside here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meta/metadata.h"
#include "release/release.h"

enum kldsim__hints_outcome {
	KLDSIM__HINTS_NONE,       /* fall back to the name itself (step 8) */
	KLDSIM__HINTS_REFUSED,    /* print the message, then as NONE */
	KLDSIM__HINTS_FOUND,      /* first of the name, or the preferred one */
	KLDSIM__HINTS_REMEMBERED, /* the best version within the range */
	KLDSIM__HINTS_OUTSIDE,    /* the kernel reads outside its buffer */
	KLDSIM__HINTS_LOOP        /* the kernel never comes back */
};

/* A length byte counts to 255. */
#define KLDSIM__HINTS_NAME 256

struct kldsim__hints_result {
	enum kldsim__hints_outcome outcome;
	char file[KLDSIM__HINTS_NAME]; /* FOUND, REMEMBERED: probe this (K-11);
	                                  it ends where snprintf(9) ends it */
	int version;       /* of the record; unless dep is NULL */
	uint64_t offset;   /* FOUND, REMEMBERED: of the record; OUTSIDE, LOOP:
	                      of the record that did it */
	const char *rule;  /* OUTSIDE, LOOP: which hazard */
	bool named;        /* a record of this name was met (step 8b) */
	bool unaligned;    /* an int was read across alignment (Z-62) */
	bool escapes;      /* file leads out of the folder (Z-63) */
	char message[64];  /* REFUSED: the console line, without a newline */
};

/*
 * Look a module up.  size is what the file system says the file has, and
 * bytes are all of them; for a size above the limit they are not looked at
 * and may be NULL, since the kernel does not read such a file either.  dep is
 * NULL when any version will do.
 */
void kldsim__hints_find(const uint8_t *bytes, uint64_t size, bool big_endian,
    const struct kldsim__facts *facts, const char *modname,
    const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result);

/* The refusal of a file that is shorter than its size said (step 3). */
void kldsim__hints_short_read(uint64_t missing,
    struct kldsim__hints_result *result);

#endif
