/* SPDX-License-Identifier: BSD-2-Clause */

/* Changes of a linker.hints: a version word, then records (H-01, H-02). */

#include "mutator_impl.h"

#include <string.h>

#define RECORDS 4096

struct hints {
	struct fuzz_input *input;
	struct fuzz_random *random;
	bool big;
	size_t at;     /* of a record chosen at random: its length word */
	size_t length; /* its payload */
};

static uint32_t
word(const struct hints *hints, size_t at)
{
	uint32_t value = 0;

	for (size_t i = 0; i < 4; i++)
		value = value << 8 |
		    hints->input->data[at + (hints->big ? i : 3 - i)];
	return (value);
}

static bool
put_word(struct hints *hints, size_t at, uint32_t value)
{
	if (word(hints, at) == value)
		return (false);
	for (size_t i = 0; i < 4; i++)
		hints->input->data[at + (hints->big ? 3 - i : i)] =
		    (uint8_t)(value >> 8 * i);
	return (true);
}

/* Whether there is a whole record. */
static bool
record(const struct hints *hints, size_t at, size_t *length_ret)
{
	size_t left;

	if (at > hints->input->size || hints->input->size - at < 8)
		return (false);
	*length_ret = word(hints, at);
	left = hints->input->size - at - 4;
	return (*length_ret >= 4 && *length_ret <= left);
}

/* Choose one of the records that can be told apart. */
static bool
choose(struct hints *hints)
{
	size_t at = 4, length;
	uint64_t seen = 0;

	while (seen < RECORDS && record(hints, at, &length)) {
		seen++;
		if (fuzz_below(hints->random, seen) == 0) {
			hints->at = at;
			hints->length = length;
		}
		at += 4 + length;
	}
	return (seen != 0);
}

static uint32_t
telling(struct hints *hints, uint32_t now)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 65535, 65536, 0x100000,
		0x7ffffffc, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8,
		0xfffffffb, 0xfffffffc, 0xfffffffd, 0xffffffff,
	};

	if (fuzz_coin(hints->random))
		return (now + (uint32_t)fuzz_below(hints->random, 17) - 8);
	return (values[fuzz_below(hints->random, FUZZ_COUNT(values))]);
}

/* The length byte of the first or the second string; 0 if there is none. */
static size_t
string(struct hints *hints)
{
	size_t end = hints->at + 4 + hints->length;
	size_t at = hints->at + 8;

	if (at >= end)
		return (0);
	if (fuzz_coin(hints->random))
		return (at);
	at += 1 + (size_t)hints->input->data[at];
	if (word(hints, hints->at + 4) == 3) /* behind the version */
		at = ((at + 3) & ~(size_t)3) + 4;
	return (at < end ? at : 0);
}

static bool
change_string(struct hints *hints)
{
	static const uint8_t lengths[] = { 0, 1, 31, 32, 33, 127, 128, 255 };
	size_t at = string(hints);
	uint8_t before;

	if (at == 0)
		return (false);
	before = hints->input->data[at];
	hints->input->data[at] = fuzz_coin(hints->random) ?
	    (uint8_t)(before + fuzz_below(hints->random, 5) - 2) :
	    lengths[fuzz_below(hints->random, FUZZ_COUNT(lengths))];
	return (hints->input->data[at] != before);
}

static bool
change_text(struct hints *hints)
{
	static const char characters[] = "/.;\n%\377a";
	size_t at = string(hints), end = hints->at + 4 + hints->length;
	size_t n;
	uint8_t before;

	if (at == 0 || (n = hints->input->data[at]) == 0 || at + n >= end)
		return (false);
	at += 1 + (size_t)fuzz_below(hints->random, n);
	before = hints->input->data[at];
	/* The NUL at the end is one of them. */
	hints->input->data[at] = (uint8_t)characters[fuzz_below(
	    hints->random, sizeof(characters))];
	return (hints->input->data[at] != before);
}

static bool
change_number(struct hints *hints)
{
	size_t at = hints->at + 4 + 4 * (size_t)fuzz_below(hints->random,
	    hints->length / 4);

	return (put_word(hints, at, telling(hints, word(hints, at))));
}

/* The record again, before what follows it. */
static bool
change_copy(struct hints *hints)
{
	struct fuzz_input *input = hints->input;
	size_t n = 4 + hints->length;
	uint8_t *at = input->data + hints->at;

	if (n > input->max - input->size)
		return (false);
	memmove(at + n, at, input->size - hints->at);
	input->size += n;
	return (true);
}

static bool
change_remove(struct hints *hints)
{
	struct fuzz_input *input = hints->input;
	size_t n = 4 + hints->length;
	uint8_t *at = input->data + hints->at;

	memmove(at, at + n, input->size - hints->at - n);
	input->size -= n;
	return (true);
}

bool
fuzz_hints_mutate(struct fuzz_input *input, enum fuzz_hints_mutation how,
    struct fuzz_random *random)
{
	struct hints hints = { .input = input, .random = random };
	size_t at;

	if (input->size < 4)
		return (false);
	hints.big = input->data[0] == 0;
	if (how == FUZZ_HINTS_VERSION)
		return (put_word(&hints, 0, telling(&hints,
		    word(&hints, 0))));
	if (!choose(&hints))
		return (false);
	at = hints.at;
	switch (how) {
	case FUZZ_HINTS_LENGTH:
		return (put_word(&hints, at, telling(&hints,
		    (uint32_t)hints.length)));
	case FUZZ_HINTS_TYPE:
		return (put_word(&hints, at + 4, (uint32_t)fuzz_below(random,
		    6)));
	case FUZZ_HINTS_STRING:
		return (change_string(&hints));
	case FUZZ_HINTS_TEXT:
		return (change_text(&hints));
	case FUZZ_HINTS_NUMBER:
		return (change_number(&hints));
	case FUZZ_HINTS_COPY:
		return (change_copy(&hints));
	case FUZZ_HINTS_REMOVE:
		return (change_remove(&hints));
	case FUZZ_HINTS_CUT:
		input->size = at + (size_t)fuzz_below(random,
		    4 + hints.length);
		return (true);
	default:
		return (false);
	}
}

bool
fuzz_is_hints(const uint8_t *data, size_t size)
{
	static const uint8_t little[] = { 1, 0, 0, 0 };
	static const uint8_t big[] = { 0, 0, 0, 1 };

	return (size >= 4 && (memcmp(data, little, 4) == 0 ||
	    memcmp(data, big, 4) == 0));
}
