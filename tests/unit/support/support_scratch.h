/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

/* Files and folders of a test's own, in TMPDIR. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SCRATCH_PATH 256 /* bytes of a folder's path */

/* A template for mkdtemp and mkstemp. */
static inline void
scratch_template(char path_ret[SCRATCH_PATH], const char *name)
{
	const char *parent = getenv("TMPDIR");
	int length = snprintf(path_ret, SCRATCH_PATH, "%s/kldsim-%s.XXXXXX",
	    parent != NULL ? parent : "/tmp", name);

	assert_in_range(length, 1, SCRATCH_PATH - 1);
}

static inline void
scratch_folder(char path_ret[SCRATCH_PATH], const char *name)
{
	scratch_template(path_ret, name);
	assert_non_null(mkdtemp(path_ret));
}

#endif
