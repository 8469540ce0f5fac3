/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: the mutator itself.  It is given what it made of files before,
 * so it has to stand every input, stay within its buffer, and be the same for
 * the same seed.
 */

#include "mutator.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Change a copy of the input; the caller frees it. */
static struct fuzz_input
change(const uint8_t *data, size_t size, uint64_t seed)
{
	struct fuzz_random random = fuzz_seed(seed);
	struct fuzz_input input = { malloc(size + 64), size, size + 64 };

	if (input.data == NULL)
		abort();
	if (size != 0)
		memcpy(input.data, data, size);
	if (!fuzz_cross(&input, data, size, &random) &&
	    !fuzz_mutate(&input, &random))
		fuzz_mutate_bytes(&input, &random);
	if (input.size > input.max)
		abort();
	return (input);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct fuzz_input one = change(data, size, seed);
		struct fuzz_input two = change(data, size, seed);

		if (one.size != two.size ||
		    memcmp(one.data, two.data, one.size) != 0)
			abort();
		free(one.data);
		free(two.data);
	}
	return (0);
}
