/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The mutator for AFL++, as a library of its own:
 * AFL_CUSTOM_MUTATOR_LIBRARY=.../libkldsim_mutator_afl.so
 */

#include "mutator.h"

#include <stdlib.h>
#include <string.h>

struct mutator {
	struct fuzz_random random;
	uint8_t *buffer;
	size_t room;
};

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size,
    uint8_t **out, uint8_t *other, size_t other_size, size_t max);
void afl_custom_deinit(void *data);

void *
afl_custom_init(void *afl, unsigned seed)
{
	struct mutator *mutator = calloc(1, sizeof(*mutator));

	(void)afl; /* its own state, which differs from one AFL++ to the next */
	if (mutator != NULL)
		mutator->random = fuzz_seed(seed);
	return (mutator);
}

static bool
grow(struct mutator *mutator, size_t max)
{
	uint8_t *buffer;

	if (max <= mutator->room)
		return (true);
	buffer = realloc(mutator->buffer, max);
	if (buffer == NULL)
		return (false);
	mutator->buffer = buffer;
	mutator->room = max;
	return (true);
}

/*
 * 0 leaves the input to what AFL++ does itself, which knows the dictionary: that
 * is for what is no format of ours.  A buffer of NULL would end older ones.
 */
size_t
afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out,
    uint8_t *other, size_t other_size, size_t max)
{
	struct mutator *mutator = data;
	struct fuzz_input input;

	*out = bytes;
	if (max == 0 || !grow(mutator, max))
		return (0);
	input = (struct fuzz_input){ mutator->buffer,
	    size < max ? size : max, max };
	memcpy(input.data, bytes, input.size);
	if ((other == NULL || fuzz_below(&mutator->random, 4) != 0 ||
	    !fuzz_cross(&input, other, other_size, &mutator->random)) &&
	    !fuzz_mutate(&input, &mutator->random))
		return (0);
	*out = input.data;
	return (input.size);
}

void
afl_custom_deinit(void *data)
{
	struct mutator *mutator = data;

	if (mutator != NULL)
		free(mutator->buffer);
	free(mutator);
}
