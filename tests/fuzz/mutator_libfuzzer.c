/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The mutator for libFuzzer.  Linked into every target: what is of no format
 * that it knows is left to libFuzzer and the dictionary.
 */

#include "mutator.h"

#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
    unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size,
    const uint8_t *second, size_t second_size, uint8_t *out, size_t max,
    unsigned seed);

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct fuzz_random random = fuzz_seed(seed);
	struct fuzz_input input = { data, size < max ? size : max, max };

	if (fuzz_below(&random, 8) == 0 || !fuzz_mutate(&input, &random))
		return (LLVMFuzzerMutate(data, input.size, max));
	return (input.size);
}

/* 0 tells libFuzzer to do something else. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size,
    const uint8_t *second, size_t second_size, uint8_t *out, size_t max,
    unsigned seed)
{
	struct fuzz_random random = fuzz_seed(seed);
	struct fuzz_input input = { out, first_size < max ? first_size : max,
	    max };

	if (input.size != 0)
		memcpy(out, first, input.size);
	return (fuzz_cross(&input, second, second_size, &random) ?
	    input.size : 0);
}
