/* SPDX-License-Identifier: BSD-2-Clause */

/* Fuzz target: kldload(2) of files that are linked, and of kernels as modules. */

#include "fuzz.h"

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);
	bool big = file.left >= 18 && file.at[5] == 2;

	/* e_type ET_REL is for fuzz_load_rel. */
	if (file.left >= 18 && file.at[big ? 17 : 16] == 1)
		return (-1);
	fuzz_load(fuzz_kernel(&file, fuzz_choose(&choices, 5)), &file);
	return (0);
}
