/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REFS_TEXT_H
#define REFS_TEXT_H

#include <stdio.h>

#include "refs/files.h"

/* The report for people; verbose: what does not matter, too. */
void refs_text(const struct refs_files *files, bool verbose, FILE *out);
/* Only the names of the files with vnet_entry_ in them, in columns. */
void refs_text_list(const struct refs_files *files, FILE *out);

#endif
