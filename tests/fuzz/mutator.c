/* SPDX-License-Identifier: BSD-2-Clause */

/* The mutator: which change is made, and crossing two files. */

#include "mutator_impl.h"

#include <string.h>

/* Targets may put so many bytes before an ELF file. */
#define PREFIX 32

#define TRIES 16

/* --- chance --- */

struct fuzz_random
fuzz_seed(uint64_t seed)
{
	return ((struct fuzz_random){ seed });
}

/* splitmix64, by Sebastiano Vigna, in the public domain. */
static uint64_t
next(struct fuzz_random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31);
}

uint64_t
fuzz_below(struct fuzz_random *random, uint64_t n)
{
	return (n == 0 ? 0 : next(random) % n);
}

bool
fuzz_coin(struct fuzz_random *random)
{
	return (fuzz_below(random, 2) == 0);
}

/* --- bytes --- */

void
fuzz_mutate_bytes(struct fuzz_input *input, struct fuzz_random *random)
{
	uint64_t n = 1 + fuzz_below(random, 4);

	if (input->size == 0 && input->max != 0)
		input->data[input->size++] = (uint8_t)fuzz_below(random, 256);
	for (uint64_t i = 0; i < n && input->size != 0; i++) {
		uint8_t *byte = &input->data[fuzz_below(random, input->size)];

		*byte ^= (uint8_t)(1 + fuzz_below(random, 255));
	}
}

static bool
change_cut(struct fuzz_elf *elf)
{
	struct fuzz_input *input = elf->input;
	size_t size = (size_t)fuzz_below(elf->random, input->size + 1);

	if (fuzz_coin(elf->random)) /* a few bytes of its end */
		size = input->size - (size_t)fuzz_below(elf->random,
		    input->size < 64 ? input->size : 64);
	if (fuzz_below(elf->random, 4) == 0) {
		size = input->size + 1 + (size_t)fuzz_below(elf->random, 64);
		if (size > input->max)
			size = input->max;
		if (size > input->size)
			memset(input->data + input->size, 0,
			    size - input->size);
	}
	if (size == input->size)
		return (false);
	input->size = size;
	return (true);
}

/* --- ELF files --- */

bool
fuzz_elf_mutate(struct fuzz_input *input, enum fuzz_mutation how,
    struct fuzz_random *random)
{
	static bool (*const changes[FUZZ_MUTATIONS])(struct fuzz_elf *) = {
		[FUZZ_FIELD] = fuzz_change_field,
		[FUZZ_BORROW] = fuzz_change_borrow,
		[FUZZ_SWAP] = fuzz_change_swap,
		[FUZZ_COPY] = fuzz_change_copy,
		[FUZZ_REMOVE] = fuzz_change_remove,
		[FUZZ_INSERT] = fuzz_change_insert,
		[FUZZ_NAME] = fuzz_change_name,
		[FUZZ_BOUND] = fuzz_change_bound,
		[FUZZ_EDGE] = fuzz_change_edge,
		[FUZZ_CHAIN] = fuzz_change_chain,
		[FUZZ_TERMINATOR] = fuzz_change_terminator,
		[FUZZ_METADATA] = fuzz_change_metadata,
		[FUZZ_CUT] = change_cut,
	};
	struct fuzz_elf elf;

	return (fuzz_elf_view(&elf, input, random) && changes[how](&elf));
}

size_t
fuzz_elf_start(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i <= PREFIX && i + 4 <= size; i++)
		if (memcmp(data + i, "\177ELF", 4) == 0)
			return (i);
	return (size);
}

/* --- which format --- */

static size_t
hints_start(const uint8_t *data, size_t size)
{
	return (fuzz_is_hints(data, size) ? 0 : size);
}

static bool
any_elf(struct fuzz_input *input, struct fuzz_random *random)
{
	return (fuzz_elf_mutate(input, (enum fuzz_mutation)fuzz_below(random,
	    FUZZ_MUTATIONS), random));
}

static bool
any_preload(struct fuzz_input *input, struct fuzz_random *random)
{
	return (fuzz_preload_mutate(input,
	    (enum fuzz_preload_mutation)fuzz_below(random,
	    FUZZ_PRELOAD_MUTATIONS), random));
}

static bool
any_hints(struct fuzz_input *input, struct fuzz_random *random)
{
	return (fuzz_hints_mutate(input,
	    (enum fuzz_hints_mutation)fuzz_below(random,
	    FUZZ_HINTS_MUTATIONS), random));
}

struct format {
	size_t (*start)(const uint8_t *data, size_t size);
	bool (*mutate)(struct fuzz_input *input, struct fuzz_random *random);
};

/* The most telling beginning first. */
static const struct format formats[] = {
	{ fuzz_elf_start, any_elf },
	{ fuzz_preload_start, any_preload },
	{ hints_start, any_hints },
};

/* What the input is; NULL if nothing known. */
static const struct format *
format_of(const struct fuzz_input *input, size_t *start_ret)
{
	for (size_t i = 0; i < FUZZ_COUNT(formats); i++) {
		*start_ret = formats[i].start(input->data, input->size);
		if (*start_ret < input->size)
			return (&formats[i]);
	}
	return (NULL);
}

bool
fuzz_mutate(struct fuzz_input *input, struct fuzz_random *random)
{
	uint64_t n = 1 + fuzz_below(random, 4);
	size_t start;
	const struct format *format = format_of(input, &start);
	struct fuzz_input inner;
	bool changed = false;

	if (format == NULL)
		return (false);
	if (start != 0 && fuzz_below(random, 8) == 0)
		input->data[fuzz_below(random, start)] ^=
		    (uint8_t)(1 + fuzz_below(random, 255));
	inner = (struct fuzz_input){ input->data + start,
	    input->size - start, input->max - start };
	for (uint64_t i = 0; i < n; i++) {
		bool done = false;

		for (int j = 0; j < TRIES && !done; j++)
			done = format->mutate(&inner, random);
		changed |= done;
	}
	if (!changed)
		fuzz_mutate_bytes(&inner, random);
	input->size = start + inner.size;
	return (true);
}

/* --- crossing --- */

/* Entries of the other file over entries of the same kind of this one. */
static bool
cross_tables(struct fuzz_elf *elf, const struct fuzz_elf *other)
{
	const struct fuzz_table *to = fuzz_any_table(elf, ~0u, 1), *from;
	size_t n, first, second;

	if (elf->wide != other->wide || elf->big != other->big)
		return (false);
	from = fuzz_any_table(other, 1u << to->of, 1);
	if (from == NULL)
		return (false);
	first = fuzz_any_entry(elf, to);
	second = fuzz_any_entry(elf, from);
	n = to->count - first < from->count - second ? to->count - first :
	    from->count - second;
	n = 1 + (size_t)fuzz_below(elf->random, n);
	memcpy(elf->input->data + to->offset + first * to->stride,
	    other->input->data + from->offset + second * from->stride,
	    n * to->stride);
	return (true);
}

/* The contents of a section of the other file for one of this. */
static bool
cross_contents(struct fuzz_elf *elf, const struct fuzz_elf *other)
{
	const struct fuzz_table *mine = fuzz_table_of(elf, FUZZ_SHDR);
	const struct fuzz_table *others = fuzz_table_of(other, FUZZ_SHDR);
	struct fuzz_section to, from;
	uint8_t *bytes, *others_bytes;
	size_t n, m;

	if (mine == NULL || others == NULL ||
	    !fuzz_section(elf, fuzz_any_entry(elf, mine), &to) ||
	    !fuzz_section(other, fuzz_any_entry(elf, others), &from))
		return (false);
	bytes = fuzz_section_bytes(elf, &to, &n);
	others_bytes = fuzz_section_bytes(other, &from, &m);
	if (n > m)
		n = m;
	memcpy(bytes, others_bytes, n);
	return (n != 0);
}

static bool
cross_elf(struct fuzz_input *input, struct fuzz_input *other,
    struct fuzz_random *random)
{
	struct fuzz_elf one, two;

	for (int i = 0; i < TRIES; i++)
		if (fuzz_elf_view(&one, input, random) &&
		    fuzz_elf_view(&two, other, random) &&
		    (fuzz_coin(random) ? cross_tables(&one, &two) :
		    cross_contents(&one, &two)))
			return (true);
	return (false);
}

/* The beginning of one, the end of the other. */
static bool
splice(struct fuzz_input *input, const struct fuzz_input *other,
    struct fuzz_random *random)
{
	size_t keep = (size_t)fuzz_below(random, input->size + 1);
	size_t from = (size_t)fuzz_below(random, other->size + 1);
	size_t n;

	keep &= ~(size_t)3;
	from &= ~(size_t)3;
	n = other->size - from;
	if (n > input->max - keep)
		n = input->max - keep;
	memcpy(input->data + keep, other->data + from, n);
	input->size = keep + n;
	return (true);
}

bool
fuzz_cross(struct fuzz_input *input, const uint8_t *other, size_t other_size,
    struct fuzz_random *random)
{
	size_t start = fuzz_elf_start(input->data, input->size);
	size_t start2 = fuzz_elf_start(other, other_size);
	struct fuzz_input inner = { input->data + start,
	    input->size - start, input->max - start };
	/* Only read, whatever its type says. */
	struct fuzz_input second = { (uint8_t *)(uintptr_t)other + start2,
	    other_size - start2, other_size - start2 };

	if (start != input->size && start2 != other_size)
		return (cross_elf(&inner, &second, random));
	second = (struct fuzz_input){ (uint8_t *)(uintptr_t)other,
	    other_size, other_size };
	return (fuzz_is_hints(input->data, input->size) &&
	    fuzz_is_hints(other, other_size) &&
	    splice(input, &second, random));
}
