/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef READ_FILE_H
#define READ_FILE_H

#include <stddef.h>

/* Of a linker.hints: the kernel reads 1 MiB (K-13), devmatch(8) any. */
#define READ_FILE_HINTS ((size_t)64 << 20)

/*
 * All bytes of a file of at most so many, with a NUL behind them, to be freed;
 * NULL after a message.
 */
char *read_file(const char *path, size_t most, size_t *size_ret);

#endif
