/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef READ_FILE_H
#define READ_FILE_H

#include <stddef.h>

/*
 * All bytes of a file of at most so many, with a NUL behind them, to be freed;
 * NULL after a message.
 */
char *read_file(const char *path, size_t most, size_t *size_ret);

#endif
