/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SANDBOX_CAPSICUM_H
#define SANDBOX_CAPSICUM_H

/*
 * FreeBSD's capability mode (capsicum(4)), or why there is none.  Whoever has
 * entered it opens files from descriptors alone, and no more than these have
 * rights to.
 */

/* What a descriptor is kept for. */
enum capsicum_use {
	CAPSICUM_SEARCH, /* a folder: reads what is below it */
	CAPSICUM_READ,   /* a file */
	CAPSICUM_CREATE, /* a folder: files are made in it */
	CAPSICUM_TREE    /* likewise, and folders too */
};

/* NULL: this program can enter it; else why not. */
const char *capsicum_missing(void);

/* Leave a descriptor what it is kept for; 0 or an errno. */
int capsicum_limit(int fd, enum capsicum_use use);

/*
 * Enter it for good, and leave the standard streams what they are for.  0, or an
 * errno; ENOSYS: this host's kernel has none.
 */
int capsicum_enter(void);

#endif
