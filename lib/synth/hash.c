/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .hash as System V's gABI has it and .gnu.hash as GNU's linkers have it.  The
 * kernel linker uses the first and ignores the second (D-10, D-65).
 */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum { BLOOM_SHIFT = 26, BLOOM_BITS_PER_SYMBOL = 12 };

static uint32_t
sysv(const char *name)
{
	uint32_t hash = 0, high;

	for (; *name != '\0'; name++) {
		hash = (hash << 4) + (unsigned char)*name;
		high = hash & 0xf0000000;
		hash = (hash ^ (high >> 24)) & 0x0fffffff;
	}
	return hash;
}

static uint32_t
gnu(const char *name)
{
	uint32_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static const char *
dyn_name(const struct kldsim__synth_layout *layout, size_t i)
{
	return kldsim__synth_symbol_name(layout->synth, layout->dynsyms[i]);
}

static void
put_word(const struct kldsim__synth_layout *layout, unsigned char *words,
    size_t i, uint32_t value)
{
	kldsim__synth_put(layout->synth, words + i * 4, 4, value);
}

bool
kldsim__synth_sysv_hash(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	uint64_t nbuckets = synth->options[KLDSIM_SYNTH_HASH_BUCKETS];
	size_t i, n = layout->ndynsyms, bucket;
	unsigned char *words;
	uint32_t head;

	if (nbuckets == 0)
		nbuckets = n;
	if (nbuckets > UINT32_MAX / 8) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT, "too many buckets");
		return false;
	}
	if (!kldsim__synth_buf_add(synth, &layout->hash, NULL,
	    (2 + (size_t)nbuckets + n) * 4))
		return false;
	words = layout->hash.data;
	put_word(layout, words, 0, (uint32_t)nbuckets);
	put_word(layout, words, 1, (uint32_t)n);
	for (i = 1; i < n; i++) {
		bucket = 2 + sysv(dyn_name(layout, i)) % (size_t)nbuckets;
		head = (uint32_t)kldsim__synth_get(synth, words + bucket * 4,
		    4);
		put_word(layout, words, 2 + (size_t)nbuckets + i, head);
		put_word(layout, words, bucket, (uint32_t)i);
	}
	return true;
}

static bool
is_undefined(const struct kldsim__synth_layout *layout, uint32_t symbol)
{
	return layout->synth->symbols[symbol].section == KLDSIM_SYNTH_UNDEF;
}

static uint32_t
gnu_buckets(const struct kldsim__synth_layout *layout)
{
	size_t n = (layout->ndynsyms - layout->ndynundef) / 4;

	return n == 0 ? 1 : (uint32_t)n;
}

/* Sort what is in .gnu.hash by bucket, keeping the order inside. */
static void
by_bucket(const struct kldsim__synth_layout *layout, const uint32_t *from,
    uint32_t *to, uint32_t *starts, uint32_t nbuckets)
{
	size_t i, n = layout->ndynsyms - layout->ndynundef;
	uint32_t bucket;

	memset(starts, 0, ((size_t)nbuckets + 1) * sizeof(*starts));
	for (i = 0; i < n; i++)
		starts[gnu(kldsim__synth_symbol_name(layout->synth, from[i])) %
		    nbuckets + 1]++;
	for (bucket = 0; bucket < nbuckets; bucket++)
		starts[bucket + 1] += starts[bucket];
	for (i = 0; i < n; i++) {
		bucket = gnu(kldsim__synth_symbol_name(layout->synth,
		    from[i])) % nbuckets;
		to[starts[bucket]++] = from[i];
	}
}

/* Undefined symbols first, then the defined ones by their bucket. */
bool
kldsim__synth_gnu_order(struct kldsim__synth_layout *layout)
{
	size_t i, n = layout->ndynlocals, defined = 0;
	uint32_t *copy = malloc((layout->ndynsyms + 1) * sizeof(*copy));
	uint32_t *starts, nbuckets;

	if (copy == NULL)
		goto no_memory;
	for (i = n; i < layout->ndynsyms; i++) {
		if (is_undefined(layout, layout->dynsyms[i]))
			layout->dynsyms[n++] = layout->dynsyms[i];
		else
			copy[defined++] = layout->dynsyms[i];
	}
	layout->ndynundef = (uint32_t)n;
	nbuckets = gnu_buckets(layout);
	starts = malloc(((size_t)nbuckets + 1) * sizeof(*starts));
	if (starts == NULL)
		goto no_memory;
	by_bucket(layout, copy, layout->dynsyms + n, starts, nbuckets);
	free(starts);
	free(copy);
	return true;
no_memory:
	free(copy);
	kldsim__synth_fail(layout->synth, KLDSIM_NOMEM,
	    "no memory for .gnu.hash");
	return false;
}

static uint32_t
bloom_words(const struct kldsim__synth_layout *layout)
{
	size_t bits = (layout->ndynsyms - layout->ndynundef) *
	    BLOOM_BITS_PER_SYMBOL;
	uint32_t words = 1;

	while (words * 8 * (size_t)kldsim__synth_word(layout->synth) < bits)
		words *= 2;
	return words;
}

static void
bloom(const struct kldsim__synth_layout *layout, unsigned char *filter,
    uint32_t words, uint32_t hash)
{
	const struct kldsim_synth *synth = layout->synth;
	unsigned word = kldsim__synth_word(synth), bits = word * 8;
	unsigned char *at = filter + (size_t)(hash / bits & (words - 1)) * word;
	uint64_t value = kldsim__synth_get(synth, at, word);

	value |= 1ull << hash % bits;
	value |= 1ull << (hash >> BLOOM_SHIFT) % bits;
	kldsim__synth_put(synth, at, word, value);
}

bool
kldsim__synth_gnu_hash(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	uint32_t nbuckets = gnu_buckets(layout), words = bloom_words(layout);
	size_t filter_size = (size_t)words * kldsim__synth_word(synth);
	size_t i, first = layout->ndynundef, n = layout->ndynsyms, bucket;
	unsigned char *filter, *buckets, *chain;
	uint32_t hash, next;

	if (!kldsim__synth_buf_add(synth, &layout->gnu_hash, NULL, 16 +
	    filter_size + ((size_t)nbuckets + (n - first)) * 4))
		return false;
	filter = layout->gnu_hash.data + 16;
	buckets = filter + filter_size;
	chain = buckets + (size_t)nbuckets * 4;
	put_word(layout, layout->gnu_hash.data, 0, nbuckets);
	put_word(layout, layout->gnu_hash.data, 1, (uint32_t)first);
	put_word(layout, layout->gnu_hash.data, 2, words);
	put_word(layout, layout->gnu_hash.data, 3, BLOOM_SHIFT);
	for (i = first; i < n; i++) {
		hash = gnu(dyn_name(layout, i));
		bloom(layout, filter, words, hash);
		bucket = hash % nbuckets;
		if (kldsim__synth_get(synth, buckets + bucket * 4, 4) == 0)
			put_word(layout, buckets, bucket, (uint32_t)i);
		next = i + 1 < n ? gnu(dyn_name(layout, i + 1)) % nbuckets :
		    nbuckets;
		put_word(layout, chain, i - first, (hash & ~1u) |
		    (next != bucket));
	}
	return true;
}
