/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_FORMAT_H
#define UTIL_FORMAT_H

/* Argument f is a format of printf(3), for what begins with argument a. */
#if defined(__GNUC__)
#define KLDSIM__PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define KLDSIM__PRINTF(f, a)
#endif

#endif
