/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_FREEBSD_ERRNO_H
#define REPORT_FREEBSD_ERRNO_H

/*
 * FreeBSD's error numbers, which are not the host's.  The names carry a
 * prefix because <errno.h> may define the plain ones otherwise.  The pseudo
 * errnos are left out: nothing here returns one.
 */
enum kldsim__errno {
#define ERRNO(name, number, text) KLDSIM__##name = number,
#define OWN ERRNO
#define PSEUDO(name, number, text)
#define ALIAS(name, number) KLDSIM__##name = number,
#include "report/errnos.def"
#undef ERRNO
#undef OWN
#undef PSEUDO
#undef ALIAS
};

/* The FreeBSD number of a host errno; EIO for what FreeBSD has not. */
int kldsim__errno_from_host(int host_errno);

#endif
