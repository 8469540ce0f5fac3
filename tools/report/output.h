/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

/*
 * All text leaves the program through these functions, which escape it, so
 * that no caller can forget to.
 */

#include <stdarg.h>
#include <stdio.h>

#include <kldsim/status.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#else
#define PRINTF_LIKE(f, a)
#endif

/* Part of a line, and a line with its newline. */
void put(FILE *out, const char *format, ...) PRINTF_LIKE(2, 3);
void put_line(FILE *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* A message on standard error: "kldsim: " and the text. */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);

/* Write out what is pending; if not all of it arrived, complain and give -1. */
int put_finish(FILE *out, const char *name);

/* A file to be written; NULL after a message. */
FILE *output_open(const char *path);
/* Close it; gives an exit status, after a message if not all has arrived. */
int output_close(FILE *out, const char *path);

/* As sprintf(3) and vsprintf(3) have it, in memory for free(). */
char *text_of(const char *format, ...) PRINTF_LIKE(1, 2);
char *text_of_list(const char *format, va_list args);

/* The memory, or the end of the program if there is none. */
void *need(void *memory);

/* Say what is wrong with a file, naming it once; gives what is wrong. */
const char *complain_of(const char *name, const struct kldsim_error *error);

#endif
