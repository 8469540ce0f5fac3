/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Changes of the block of metadata that the boot loader hands to the kernel:
 * records of a type, a length and data, padded to a word (P-01, P-02).
 */

#include "mutator_impl.h"

#include <string.h>

#define RECORDS 4096
#define PREFIX 8 /* targets may put so many bytes before it */

enum { END = 0, NAME = 1, EMPTY = 5, METADATA = 0x8000 };

struct block {
	struct fuzz_input *input;
	struct fuzz_random *random;
	bool big;
	size_t word;   /* what records are padded to */
	size_t at;     /* of a record chosen at random */
	size_t length; /* its data */
};

static uint32_t
number(const uint8_t *at, bool big)
{
	return (big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3] :
	    (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[1] << 8 | at[0]);
}

static bool
put(struct block *block, size_t at, uint32_t value)
{
	uint8_t *to = block->input->data + at;

	if (number(to, block->big) == value)
		return (false);
	for (size_t i = 0; i < 4; i++)
		to[block->big ? 3 - i : i] = (uint8_t)(value >> 8 * i);
	return (true);
}

/* A block begins with a name: printable, with the NUL in its length. */
static bool
begins(const uint8_t *data, size_t size, bool big)
{
	uint32_t length;

	if (size < 12 || number(data, big) != NAME)
		return (false);
	length = number(data + 4, big);
	return (length >= 2 && length <= size - 8 && data[8] > ' ' &&
	    data[8] < 127 && data[8 + length - 1] == '\0');
}

size_t
fuzz_preload_start(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i <= PREFIX && i < size; i++)
		if (begins(data + i, size - i, false) ||
		    begins(data + i, size - i, true))
			return (i);
	return (size);
}

/* What is behind a record; size if it does not fit. */
static size_t
behind(const struct block *block, size_t at, size_t *length_ret)
{
	size_t left = block->input->size - at;
	size_t padded;

	if (left < 8)
		return (block->input->size);
	*length_ret = number(block->input->data + at + 4, block->big);
	if (*length_ret > left - 8)
		return (block->input->size);
	padded = (*length_ret + block->word - 1) & ~(block->word - 1);
	return (padded > left - 8 ? block->input->size : at + 8 + padded);
}

static bool
is_end(const struct block *block, size_t at)
{
	static const uint8_t end[8];

	return (block->input->size - at < 8 ||
	    memcmp(block->input->data + at, end, sizeof(end)) == 0);
}

/* How many records of known types there are, if padded to block->word. */
static size_t
known_records(const struct block *block)
{
	size_t at = 0, length = 0, n = 0;

	while (n < RECORDS && at < block->input->size && !is_end(block, at)) {
		uint32_t type = number(block->input->data + at, block->big);
		size_t next = behind(block, at, &length);

		if (next == block->input->size || (type > EMPTY + 1 &&
		    (type < METADATA || type > METADATA + 0x1f)))
			break;
		at = next;
		n++;
	}
	return (n);
}

/* sizeof(u_long) is nowhere in the block: what makes more sense of it. */
static void
find_word(struct block *block)
{
	size_t with_four;

	block->word = 4;
	with_four = known_records(block);
	block->word = 8;
	if (with_four > known_records(block))
		block->word = 4;
}

static bool
choose(struct block *block)
{
	size_t at = 0, length = 0;
	uint64_t seen = 0;

	while (seen < RECORDS && at < block->input->size &&
	    !is_end(block, at)) {
		size_t next = behind(block, at, &length);

		if (next == block->input->size)
			break;
		seen++;
		if (fuzz_below(block->random, seen) == 0) {
			block->at = at;
			block->length = length;
		}
		at = next;
	}
	return (seen != 0);
}

static uint32_t
telling_length(struct block *block)
{
	static const uint32_t lengths[] = {
		0, 1, 3, 4, 7, 8, 9, 64, 0x7fffffff, 0x80000000, 0xfffffff0,
		0xfffffff7, 0xfffffff8, 0xfffffff9, 0xfffffffc, 0xffffffff,
	};

	if (fuzz_coin(block->random))
		return ((uint32_t)block->length +
		    (uint32_t)fuzz_below(block->random, 17) - 8);
	return (lengths[fuzz_below(block->random, FUZZ_COUNT(lengths))]);
}

/* A word of a record's data; strings lose their end by it, too. */
static bool
change_data(struct block *block)
{
	static const uint64_t values[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff,
		0xffffffff80200000, 0xfffffffffffffff8, 0x7fffffffffffffff,
		0x2f2f2f2f2f2f2f2f,
	};
	uint64_t value = values[fuzz_below(block->random,
	    FUZZ_COUNT(values))];
	size_t at, n = block->length < 8 ? block->length : 8;
	bool changed = false;

	at = block->at + 8 + (size_t)fuzz_below(block->random,
	    block->length / 8 + 1) * 8;
	if (at + n > block->at + 8 + block->length)
		at = block->at + 8 + block->length - n;
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (block->big ?
		    n - 1 - i : i));

		changed |= block->input->data[at + i] != byte;
		block->input->data[at + i] = byte;
	}
	return (changed);
}

static bool
change_copy(struct block *block, size_t n)
{
	struct fuzz_input *input = block->input;
	uint8_t *at = input->data + block->at;

	if (n > input->max - input->size)
		return (false);
	memmove(at + n, at, input->size - block->at);
	input->size += n;
	return (true);
}

static bool
change_remove(struct block *block, size_t n)
{
	struct fuzz_input *input = block->input;
	uint8_t *at = input->data + block->at;

	memmove(at, at + n, input->size - block->at - n);
	input->size -= n;
	return (true);
}

bool
fuzz_preload_mutate(struct fuzz_input *input, enum fuzz_preload_mutation how,
    struct fuzz_random *random)
{
	struct block block = { .input = input, .random = random };
	size_t n, length;

	if (input->size < 12)
		return (false);
	block.big = number(input->data, false) > 0xffff;
	find_word(&block);
	if (!choose(&block))
		return (false);
	n = behind(&block, block.at, &length) - block.at;
	switch (how) {
	case FUZZ_PRELOAD_TYPE:
		return (put(&block, block.at, (uint32_t)fuzz_below(random,
		    12) + (fuzz_coin(random) ? METADATA : 0)));
	case FUZZ_PRELOAD_LENGTH:
		return (put(&block, block.at + 4, telling_length(&block)));
	case FUZZ_PRELOAD_DATA:
		return (change_data(&block));
	case FUZZ_PRELOAD_COPY:
		return (change_copy(&block, n));
	case FUZZ_PRELOAD_REMOVE:
		return (change_remove(&block, n));
	case FUZZ_PRELOAD_CUT: /* the end of all records with it */
		input->size = block.at + (size_t)fuzz_below(random, n + 1);
		return (true);
	default:
		return (false);
	}
}
