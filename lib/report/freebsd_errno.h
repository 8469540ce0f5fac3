/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_FREEBSD_ERRNO_H
#define REPORT_FREEBSD_ERRNO_H

/*
 * FreeBSD's error numbers, which are not the host's.  The names carry a
 * prefix because <errno.h> may define the plain ones otherwise.
 */

/* ERRNO(name, number, what strerror(3) says) */
#define KLDSIM__ERRNO_TABLE(ERRNO)                                  \
	ERRNO(EPERM, 1, "Operation not permitted")                  \
	ERRNO(ENOENT, 2, "No such file or directory")               \
	ERRNO(ESRCH, 3, "No such process")                          \
	ERRNO(EIO, 5, "Input/output error")                         \
	ERRNO(ENXIO, 6, "Device not configured")                    \
	ERRNO(ENOEXEC, 8, "Exec format error")                      \
	ERRNO(ENOMEM, 12, "Cannot allocate memory")                 \
	ERRNO(EACCES, 13, "Permission denied")                      \
	ERRNO(EFAULT, 14, "Bad address")                            \
	ERRNO(EBUSY, 16, "Device busy")                             \
	ERRNO(EEXIST, 17, "File exists")                            \
	ERRNO(ENOTDIR, 20, "Not a directory")                       \
	ERRNO(EISDIR, 21, "Is a directory")                         \
	ERRNO(EINVAL, 22, "Invalid argument")                       \
	ERRNO(ENFILE, 23, "Too many open files in system")          \
	ERRNO(EMFILE, 24, "Too many open files")                    \
	ERRNO(ENOSPC, 28, "No space left on device")                \
	ERRNO(EWOULDBLOCK, 35, "Resource temporarily unavailable")  \
	ERRNO(EOPNOTSUPP, 45, "Operation not supported")            \
	ERRNO(ELOOP, 62, "Too many levels of symbolic links")       \
	ERRNO(ENAMETOOLONG, 63, "File name too long")               \
	ERRNO(ENOSYS, 78, "Function not implemented")               \
	ERRNO(EFTYPE, 79, "Inappropriate file type or format")

enum kldsim__errno {
#define KLDSIM__ERRNO_ENUM(name, number, text) KLDSIM__##name = number,
	KLDSIM__ERRNO_TABLE(KLDSIM__ERRNO_ENUM)
#undef KLDSIM__ERRNO_ENUM
};

/* The FreeBSD number of a host errno; EIO for what FreeBSD has not. */
int kldsim__errno_from_host(int host_errno);

#endif
