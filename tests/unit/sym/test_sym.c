/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Symbols by name: the kernel's own hash table (D-12, D-60, D-62, T-08, Z-41)
 * and the index that stands for a walk over a full table (O-61, Z-05).
 */

#include "support_base.h"
#include "support_image.h"
#include "sym/elfhash.h"
#include "sym/fullsyms.h"
#include "sym/namefilter.h"
#include "sym/symindex.h"

/* --- the hash ------------------------------------------------------------- */

/* T-08, D-62. */
static void
hash_vectors(void **state)
{
	static const struct {
		const char *name;
		uint64_t hash;
	} vectors[] = {
		{ "", 0 },
		{ "a", 0x61 },
		{ "ab", 0x672 }, /* 0x610 + 0x62 */
		{ "__start_set_pcpu", 0x629ba45 },
		{ "__stop_set_pcpu", 0x6302985 },
		{ "__start_set_vnet", 0x62924f4 },
		{ "__stop_set_vnet", 0x6309734 },
		{ "__start_set_modmetadata_set", 0x2f97134 },
		{ "__stop_set_modmetadata_set", 0xefa8604 },
		{ "__start_set_sysinit_set", 0x7926364 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		assert_true(kldsim__elf_hash(vectors[i].name, false) ==
		    vectors[i].hash);
		assert_true(kldsim__elf_hash(vectors[i].name, true) ==
		    vectors[i].hash);
	}
	assert_true(kldsim__elf_hash("iiihxslhtp", true) == 0x10000002fb0);
	assert_true(kldsim__elf_hash("iiihxslhtp", false) == 0x2fb0);
	/* Bytes are unsigned: 0xff0 + 0xff. */
	assert_true(kldsim__elf_hash("\xff\xff", false) == 0x10ef);
}

/* --- tables made by hand -------------------------------------------------- */

static const char strings[] =
    "\0alpha\0beta\0gamma\0iiihxslhtp\0undefined\0proc";
#define ALPHA 1u
#define BETA 7u
#define GAMMA 12u
#define CARRY 18u /* the name of D-62 */
#define UNDEFINED 29u
#define PROC 39u

/* LP64, little endian; symbol 0 is empty. */
struct table {
	uint8_t syms[8 * 24];
	uint8_t words[64];
	struct kldsim__symview view;
	struct kldsim__elfhash hash;
};

static void
set_symbol(struct table *table, uint32_t index, uint32_t name, unsigned info,
    unsigned shndx, uint64_t value)
{
	uint8_t *at = table->syms + (size_t)index * 24;

	kldsim__store(at, 4, false, name);
	at[4] = (uint8_t)info;
	kldsim__store(at + 6, 2, false, shndx);
	kldsim__store(at + 8, 8, false, value);
}

static void
set_strings(struct table *table, uint64_t size)
{
	kldsim__symview_set_strings(&table->view, (const uint8_t *)strings,
	    size);
}

/* Words of buckets and chains, in the byte order asked for. */
static void
make_table(struct table *table, uint32_t nbuckets, uint32_t nchains,
    const uint32_t *words, bool big)
{
	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < nbuckets + nchains; i++)
		kldsim__store(table->words + i * 4, 4, big, words[i]);
	table->view.syms = table->syms;
	table->view.count = nchains;
	table->view.is64 = true;
	set_strings(table, sizeof(strings));
	table->hash.words = table->words;
	table->hash.nbuckets = nbuckets;
	table->hash.nwords = nbuckets + nchains;
	table->hash.nchains = nchains;
	table->hash.big = big;
}

static void
check_find(const struct table *table, const char *name, bool lp64_bug,
    enum kldsim__hash_answer answer, uint32_t index)
{
	uint32_t got = UINT32_MAX;

	assert_int_equal(kldsim__elfhash_find(&table->hash, &table->view, name,
	    lp64_bug, &got), answer);
	if (answer == KLDSIM__HASH_FOUND)
		assert_int_equal(got, index);
}

/*
 * One bucket: 3 -> 1 -> 2 -> end.  D-60: the first symbol of the name on the
 * chain decides, whatever comes after it.
 */
static void
chains_are_walked_in_order(void **state)
{
	static const uint32_t words[] = { 3, /* bucket */ 0, 2, 0, 1 };
	struct table table;

	(void)state;
	for (int big = 0; big < 2; big++) {
		make_table(&table, 1, 4, words, big != 0);
		set_symbol(&table, 1, ALPHA, 0x11, 5, 0x100);
		set_symbol(&table, 2, BETA, 0x11, 5, 0x200);
		set_symbol(&table, 3, ALPHA, 0x12, 5, 0x300);
		check_find(&table, "alpha", false, KLDSIM__HASH_FOUND, 3);
		check_find(&table, "beta", false, KLDSIM__HASH_FOUND, 2);
		check_find(&table, "gamma", false, KLDSIM__HASH_ABSENT, 0);
		check_find(&table, "alph", false, KLDSIM__HASH_ABSENT, 0);
		/* Not usable ends the search; symbol 1 is not asked. */
		set_symbol(&table, 3, ALPHA, 0x11, 0, 0);
		check_find(&table, "alpha", false, KLDSIM__HASH_NOT_USABLE, 0);
	}
}

/* D-60: usable if defined, or if a function with a value. */
static void
usable_symbols(void **state)
{
	static const struct {
		unsigned info;
		unsigned shndx;
		uint64_t value;
		bool usable;
	} rows[] = {
		{ 0x11, 1, 0, true },       /* GLOBAL OBJECT, value 0 */
		{ 0x10, 0xfff1, 0, true },  /* SHN_ABS */
		{ 0x11, 0xfff2, 8, true },  /* SHN_COMMON */
		{ 0x10, 0, 0, false },
		{ 0x10, 0, 0x1000, false }, /* NOTYPE */
		{ 0x11, 0, 0x1000, false }, /* OBJECT */
		{ 0x12, 0, 0, false },
		{ 0x12, 0, 0x1000, true },  /* FUNC */
		{ 0x1a, 0, 0x1000, true },  /* GNU_IFUNC */
		{ 0x2a, 0, 0, false },
		{ 0x02, 0, 1, true },       /* LOCAL, all the same */
		{ 0x16, 0, 0x1000, false }, /* TLS */
	};
	static const uint32_t words[] = { 1, 0, 0 };
	struct table table;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kldsim__sym sym;

		make_table(&table, 1, 2, words, false);
		set_symbol(&table, 1, PROC, rows[i].info, rows[i].shndx,
		    rows[i].value);
		kldsim__sym_get(&table.view, 1, &sym);
		assert_int_equal(kldsim__elf_usable(&sym), rows[i].usable);
		check_find(&table, "proc", false, rows[i].usable ?
		    KLDSIM__HASH_FOUND : KLDSIM__HASH_NOT_USABLE, 1);
	}
}

/* D-60 step 2: index beyond the chains, nameless symbol. */
static void
corrupt_chains(void **state)
{
	static const uint32_t beyond[] = { 1, 0, 3, 0 };
	static const uint32_t first[] = { UINT32_MAX, 0, 0, 0 };
	static const uint32_t nameless[] = { 1, 0, 2, 0 };
	struct table table;

	(void)state;
	make_table(&table, 1, 3, beyond, false);
	set_symbol(&table, 1, ALPHA, 0x11, 5, 0x100);
	set_symbol(&table, 3, BETA, 0x11, 5, 0x100); /* past the end */
	check_find(&table, "alpha", false, KLDSIM__HASH_FOUND, 1);
	check_find(&table, "beta", false, KLDSIM__HASH_CORRUPT, 0);
	make_table(&table, 1, 3, first, false);
	check_find(&table, "alpha", false, KLDSIM__HASH_CORRUPT, 0);
	make_table(&table, 1, 3, nameless, false);
	set_symbol(&table, 1, ALPHA, 0x11, 5, 0x100);
	check_find(&table, "beta", false, KLDSIM__HASH_CORRUPT, 0);
}

/* Z-41: 1 -> 2 -> 3 -> 1, and a symbol that follows itself. */
static void
chains_without_an_end(void **state)
{
	static const uint32_t ring[] = { 1, 0, 2, 3, 1 };
	static const uint32_t self[] = { 2, 0, 0, 2, 0 };
	struct table table;

	(void)state;
	make_table(&table, 1, 4, ring, false);
	set_symbol(&table, 1, ALPHA, 0x11, 5, 0x100);
	set_symbol(&table, 2, BETA, 0x11, 5, 0x100);
	set_symbol(&table, 3, GAMMA, 0x11, 5, 0x100);
	check_find(&table, "gamma", false, KLDSIM__HASH_FOUND, 3);
	check_find(&table, "proc", false, KLDSIM__HASH_LOOP, 0);
	make_table(&table, 1, 4, self, false);
	set_symbol(&table, 2, BETA, 0x11, 5, 0x100);
	check_find(&table, "beta", false, KLDSIM__HASH_FOUND, 2);
	check_find(&table, "proc", false, KLDSIM__HASH_LOOP, 0);
}

/* Z-05: outside the strings, and inside but without an end. */
static void
chain_names_outside_the_strings(void **state)
{
	static const uint32_t words[] = { 1, 0, 2, 0 };
	static const uint32_t bad[] = { sizeof(strings), 0x7fffffff,
		UINT32_MAX };
	struct table table;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		make_table(&table, 1, 3, words, false);
		set_symbol(&table, 1, BETA, 0x11, 5, 0x100);
		set_symbol(&table, 2, bad[i], 0x11, 5, 0x100);
		check_find(&table, "beta", false, KLDSIM__HASH_FOUND, 1);
		check_find(&table, "alpha", false, KLDSIM__HASH_OUTSIDE, 0);
	}
	set_symbol(&table, 2, PROC, 0x11, 5, 0x100);
	check_find(&table, "proc", false, KLDSIM__HASH_FOUND, 2);
	set_strings(&table, PROC + 4); /* "proc" without its NUL */
	check_find(&table, "proc", false, KLDSIM__HASH_OUTSIDE, 0);
}

/*
 * D-62 with 7 buckets: 0x2fb0 = 12208 = 7 * 1744, bucket 0; 2^40 leaves 2
 * (2^3 leaves 1, 40 = 3 * 13 + 1), so the old hash looks in bucket 2.
 */
static void
old_kernels_miss_a_name(void **state)
{
	static const uint32_t words[] = { 1, 0, 2, 0, 0, 0, 0, /* chains */
		0, 0, 0 };
	struct table table;

	(void)state;
	make_table(&table, 7, 3, words, false);
	set_symbol(&table, 1, CARRY, 0x12, 5, 0x100);
	set_symbol(&table, 2, UNDEFINED, 0x10, 0, 0);
	check_find(&table, "iiihxslhtp", false, KLDSIM__HASH_FOUND, 1);
	check_find(&table, "iiihxslhtp", true, KLDSIM__HASH_ABSENT, 0);
	/* It walks bucket 2, whatever is there. */
	set_symbol(&table, 2, 0, 0x10, 0, 0);
	check_find(&table, "iiihxslhtp", true, KLDSIM__HASH_CORRUPT, 0);
}

/* --- synthesized kernels -------------------------------------------------- */

struct dyn {
	struct kldsim_image *image;
	struct kldsim__elf elf;
	struct kldsim__symview view;
	struct kldsim__elfhash hash;
	uint32_t nchains;
};

static void
read_tables(struct dyn *dyn)
{
	GElf_Shdr shdrs[64];
	unsigned n = dyn->elf.ehdr.e_shnum;

	assert_true(n <= 64);
	assert_true(kldsim__elf_shdrs(&dyn->elf, dyn->elf.ehdr.e_shoff, n,
	    shdrs));
	dyn->view.is64 = dyn->elf.is64;
	dyn->view.big = dyn->hash.big = dyn->elf.big;
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *at = dyn->elf.bytes + shdrs[i].sh_offset;
		const GElf_Shdr *link = &shdrs[shdrs[i].sh_link];

		if (shdrs[i].sh_type == SHT_HASH) {
			dyn->hash.nbuckets = kldsim__load32(at, dyn->elf.big);
			dyn->hash.nchains = kldsim__load32(at + 4,
			    dyn->elf.big);
			dyn->hash.words = at + 8;
			dyn->hash.nwords = (uint64_t)dyn->hash.nbuckets +
			    dyn->hash.nchains;
		} else if (shdrs[i].sh_type == SHT_DYNSYM) {
			dyn->view.syms = at;
			dyn->view.count = (uint32_t)(shdrs[i].sh_size /
			    (dyn->elf.is64 ? 24 : 16));
			kldsim__symview_set_strings(&dyn->view,
			    dyn->elf.bytes + link->sh_offset, link->sh_size);
		}
	}
	assert_non_null(dyn->hash.words);
	assert_non_null(dyn->view.syms);
}

/* A kernel of this machine with 200 functions fn_0 ... fn_199. */
static void
open_kernel(struct dyn *dyn, const char *machine, const char *field,
    uint64_t value)
{
	struct kldsim_synth *synth =
	    kldsim_synth_new(machine, KLDSIM_SYNTH_KERNEL);
	char name[16];

	memset(dyn, 0, sizeof(*dyn));
	kldsim_synth_option(synth, KLDSIM_SYNTH_HASH_BUCKETS, 13);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "fn_%d", i);
		(void)kldsim_synth_func(synth, name);
	}
	if (field != NULL)
		kldsim_synth_override(synth, field, value);
	dyn->image = support_image(synth, machine);
	kldsim_synth_free(synth);
	assert_non_null(dyn->image);
	assert_true(kldsim__elf_open(dyn->image, &dyn->elf));
	read_tables(dyn);
}

static enum kldsim__hash_answer
find_dyn(const struct dyn *dyn, const char *name, uint32_t *index_ret)
{
	return (kldsim__elfhash_find(&dyn->hash, &dyn->view, name, false,
	    index_ret));
}

/* Every name of .dynsym is found, in every word size and byte order. */
static void
kernels_of_all_machines(void **state)
{
	static const char *const names[] = { "amd64", "i386", "arm64", "armv7",
		"riscv64", "powerpc", "powerpc64", "powerpc64le" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct dyn dyn;
		uint32_t index;

		open_kernel(&dyn, names[i], NULL, 0);
		assert_int_equal(dyn.hash.nbuckets, 13);
		assert_int_equal(dyn.hash.nchains, dyn.view.count);
		assert_true(dyn.view.count > 200);
		for (uint32_t n = 1; n < dyn.view.count; n++) {
			struct kldsim__sym sym;

			kldsim__sym_get(&dyn.view, n, &sym);
			assert_int_equal(find_dyn(&dyn, kldsim__sym_name(
			    &dyn.view, sym.name), &index),
			    kldsim__elf_usable(&sym) ? KLDSIM__HASH_FOUND :
			    KLDSIM__HASH_NOT_USABLE);
			assert_int_equal(index, n);
		}
		assert_int_equal(find_dyn(&dyn, "fn_200", &index),
		    KLDSIM__HASH_ABSENT);
		kldsim_image_unref(dyn.image);
	}
}

/*
 * The hash of "fn_0": 66, 6ce (660 + 6e), 6d3f (6ce0 + 5f), 6d420 (6d3f0 +
 * 30) = 447520 = 13 * 34424 + 8, bucket 8.
 */
static void
damaged_kernels(void **state)
{
	struct dyn dyn;
	uint32_t index;

	(void)state;
	assert_true(kldsim__elf_hash("fn_0", false) == 0x6d420);
	open_kernel(&dyn, "amd64", "bucket[8]", 0x7fffffff);
	assert_int_equal(find_dyn(&dyn, "fn_0", &index),
	    KLDSIM__HASH_CORRUPT);
	kldsim_image_unref(dyn.image);
	open_kernel(&dyn, "powerpc64", "bucket[8]", 0);
	assert_int_equal(find_dyn(&dyn, "fn_0", &index),
	    KLDSIM__HASH_ABSENT);
	kldsim_image_unref(dyn.image);
	open_kernel(&dyn, "i386", "dynsym[fn_0].st_name", 0x00ffffff);
	assert_int_equal(find_dyn(&dyn, "fn_0", &index),
	    KLDSIM__HASH_OUTSIDE);
	kldsim_image_unref(dyn.image);
	open_kernel(&dyn, "amd64", "dynsym[fn_0].st_name", 0);
	assert_int_equal(find_dyn(&dyn, "fn_0", &index),
	    KLDSIM__HASH_CORRUPT);
	kldsim_image_unref(dyn.image);
	/* D-60: defined nowhere, but a function with a value. */
	open_kernel(&dyn, "amd64", "dynsym[fn_0].st_shndx", 0);
	assert_int_equal(find_dyn(&dyn, "fn_0", &index), KLDSIM__HASH_FOUND);
	kldsim_image_unref(dyn.image);
}

/* --- the index ------------------------------------------------------------ */

static bool
only_odd(const void *arg, uint32_t i)
{
	assert_null(arg);
	return (i % 2 == 1);
}

static uint32_t
find_in(const struct kldsim__symindex *index,
    const struct kldsim__symview *view, const char *name, bool want_bad)
{
	bool bad = !want_bad;
	uint32_t found = kldsim__symindex_find(index, view, name, &bad);

	assert_int_equal(bad, want_bad);
	return (found);
}

/* O-61: the first of equal names wins, and of those without a name too. */
static void
index_answers_as_a_walk(void **state)
{
	static const uint32_t none[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	struct support_base base;
	struct kldsim__symindex index;
	struct table table;

	(void)state;
	support_base_init(&base, -1);
	make_table(&table, 1, 7, none, false);
	set_symbol(&table, 1, BETA, 0x01, 1, 0);
	set_symbol(&table, 2, ALPHA, 0x01, 1, 0);
	set_symbol(&table, 3, 0, 0x03, 2, 0);
	set_symbol(&table, 4, BETA, 0x11, 1, 0);
	set_symbol(&table, 5, ALPHA, 0x11, 1, 0);
	set_symbol(&table, 6, GAMMA, 0x10, 0, 0);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &table.view,
	    NULL, NULL));
	assert_int_equal(find_in(&index, &table.view, "beta", false), 1);
	assert_int_equal(find_in(&index, &table.view, "alpha", false), 2);
	assert_int_equal(find_in(&index, &table.view, "gamma", false), 6);
	assert_int_equal(find_in(&index, &table.view, "", false), 0);
	assert_int_equal(find_in(&index, &table.view, "delta", false),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &table.view,
	    only_odd, NULL));
	assert_int_equal(find_in(&index, &table.view, "beta", false), 1);
	assert_int_equal(find_in(&index, &table.view, "alpha", false), 5);
	assert_int_equal(find_in(&index, &table.view, "", false), 3);
	assert_int_equal(find_in(&index, &table.view, "gamma", false),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	support_base_fini(&base);
}

/* Z-05: a walk stumbles over symbol 3 on its way to what comes after it. */
static void
index_remembers_unreadable_names(void **state)
{
	static const uint32_t none[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	struct support_base base;
	struct kldsim__symindex index;
	struct table table;

	(void)state;
	support_base_init(&base, -1);
	make_table(&table, 1, 6, none, false);
	set_symbol(&table, 1, BETA, 0x11, 1, 0);
	set_symbol(&table, 2, ALPHA, 0x11, 1, 0);
	set_symbol(&table, 3, sizeof(strings), 0x11, 1, 0);
	set_symbol(&table, 4, GAMMA, 0x11, 1, 0);
	set_symbol(&table, 5, UINT32_MAX, 0x11, 1, 0);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &table.view,
	    NULL, NULL));
	assert_int_equal(index.first_bad, 3);
	assert_int_equal(find_in(&index, &table.view, "alpha", false), 2);
	assert_int_equal(find_in(&index, &table.view, "gamma", true), 4);
	assert_int_equal(find_in(&index, &table.view, "delta", true),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	/* Strings that do not end: "proc" is unreadable, the rest is not. */
	set_symbol(&table, 3, PROC, 0x11, 1, 0);
	set_symbol(&table, 5, GAMMA, 0x11, 1, 0);
	set_strings(&table, PROC + 4);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &table.view,
	    NULL, NULL));
	assert_int_equal(index.first_bad, 3);
	assert_int_equal(find_in(&index, &table.view, "beta", false), 1);
	assert_int_equal(find_in(&index, &table.view, "proc", true),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	/* No strings at all. */
	set_strings(&table, 0);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &table.view,
	    NULL, NULL));
	assert_int_equal(find_in(&index, &table.view, "beta", true),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	support_base_fini(&base);
}

/* Put n letters 'x', the last one `last`, into the strings; where it is. */
static uint32_t
append_name(char *text, size_t *used, size_t n, char last)
{
	size_t at = *used;

	memset(text + at, 'x', n);
	text[at + n - 1] = last;
	text[at + n] = '\0';
	*used += n + 1;
	return ((uint32_t)at);
}

/*
 * Names of 1 to 40 letters that differ in their last one only, in memory that
 * ends with the last name.
 */
static void
index_of_names_of_all_lengths(void **state)
{
	enum { LENGTHS = 40, SYMBOLS = 2 * LENGTHS + 1, TEXT = 1721 };
	struct support_base base;
	struct kldsim__symindex index;
	struct kldsim__symview view = { .count = SYMBOLS, .is64 = true };
	uint8_t *syms = calloc(SYMBOLS, 24);
	char *text = calloc(TEXT, 1), name[LENGTHS + 1];
	size_t used = 1;

	(void)state;
	/* 1 + 2 * (2 + 3 + ... + 41) = 1 + 2 * 860 */
	assert_true(syms != NULL && text != NULL);
	for (uint32_t i = 1; i < SYMBOLS; i++)
		kldsim__store(syms + (size_t)i * 24, 4, false,
		    append_name(text, &used, (i + 1) / 2,
		    i % 2 != 0 ? 'a' : 'b'));
	assert_int_equal(used, TEXT);
	view.syms = syms;
	kldsim__symview_set_strings(&view, (const uint8_t *)text, TEXT);
	support_base_init(&base, -1);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &view, NULL,
	    NULL));
	for (uint32_t i = 1; i < SYMBOLS; i++) {
		size_t start = 0;

		(void)append_name(name, &start, (i + 1) / 2,
		    i % 2 != 0 ? 'a' : 'b');
		assert_int_equal(find_in(&index, &view, name, false), i);
		name[(i + 1) / 2 - 1] = 'c';
		assert_int_equal(find_in(&index, &view, name, false),
		    KLDSIM__NO_SYMBOL);
	}
	kldsim__symindex_fini(&index);
	support_base_fini(&base);
	free(syms);
	free(text);
}

/* The symbols s0, s1 ... s49999, and all of them a second time. */
static void
index_of_100000_symbols(void **state)
{
	enum { NAMES = 50000, SYMBOLS = 2 * NAMES + 1 };
	struct support_base base;
	struct kldsim__symindex index;
	struct kldsim__symview view = { .count = SYMBOLS, .big = true };
	uint8_t *syms = calloc(SYMBOLS, 16);
	char *text = calloc(NAMES, 8), name[8];
	size_t used = 1;

	(void)state;
	assert_true(syms != NULL && text != NULL);
	support_base_init(&base, -1);
	for (uint32_t i = 0; i < NAMES; i++) {
		kldsim__store(syms + (size_t)(i + 1) * 16, 4, true, used);
		kldsim__store(syms + (size_t)(i + 1 + NAMES) * 16, 4, true,
		    used);
		used += (size_t)snprintf(text + used, 8, "s%u", i) + 1;
	}
	view.syms = syms;
	kldsim__symview_set_strings(&view, (const uint8_t *)text, used);
	assert_true(kldsim__symindex_build(&index, &base.alloc, &view, NULL,
	    NULL));
	assert_int_equal(base.count.calls, 1); /* no allocation per symbol */
	for (uint32_t i = 0; i < NAMES; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		assert_int_equal(find_in(&index, &view, name, false), i + 1);
	}
	assert_int_equal(find_in(&index, &view, "s50000", false),
	    KLDSIM__NO_SYMBOL);
	kldsim__symindex_fini(&index);
	base.count.fail_at = base.count.calls;
	assert_false(kldsim__symindex_build(&index, &base.alloc, &view, NULL,
	    NULL));
	kldsim__symindex_fini(&index);
	support_base_fini(&base);
	free(syms);
	free(text);
}

/*
 * A filter may take a name for one that is there, and never the other way round.
 * Names of 1 to 20 bytes, the last of them at the end of the strings; of 2,000
 * that are not there it is to know nearly all: 2 are to be expected, 40 allowed.
 */
static void
a_filter_lacks_no_name_that_is_there(void **state)
{
	enum { MANY = 2000 };
	uint8_t syms[MANY * 24] = { 0 };
	char text[MANY * 24] = "", name[32];
	struct kldsim__symview view = { .syms = syms, .count = MANY,
		.is64 = true };
	struct kldsim__namefilter filter;
	struct support_base base;
	uint64_t size = 1;
	unsigned lacks = 0;

	(void)state;
	support_base_init(&base, -1);
	for (unsigned i = 1; i < MANY; i++) {
		kldsim__store(syms + i * 24, 4, false, size);
		size += 1 + (uint64_t)sprintf(text + size, "%x%.*s", i,
		    (int)(i % 17), "_of_many_bytes__");
	}
	kldsim__symview_set_strings(&view, (const uint8_t *)text, size);
	assert_true(kldsim__namefilter_build(&filter, &base.alloc, &view));
	assert_false(kldsim__namefilter_lacks(&filter, ""));
	for (unsigned i = 1; i < MANY; i++) {
		assert_false(kldsim__namefilter_lacks(&filter,
		    text + kldsim__sym_name_offset(&view, i)));
		(void)snprintf(name, sizeof(name), "no%x%.*s", i,
		    (int)(i % 17), "_of_many_bytes__");
		lacks += kldsim__namefilter_lacks(&filter, name);
	}
	assert_true(lacks > MANY - MANY / 50);
	kldsim__namefilter_fini(&filter, &base.alloc);

	/* Z-05: whoever looks for a name reads this one. */
	kldsim__store(syms + 24, 4, false, size);
	assert_true(kldsim__namefilter_build(&filter, &base.alloc, &view));
	assert_false(kldsim__namefilter_lacks(&filter, "nobody"));
	kldsim__namefilter_fini(&filter, &base.alloc);
	support_base_fini(&base);
}

/* What a walk over the table of full_table_answers() meets, if asked. */
static void
ask_full(struct kldsim__fullsyms *full, const char *name, uint32_t index,
    uint32_t bad)
{
	struct kldsim__fullsym found;

	assert_true(kldsim__fullsyms_find(full, name, &found));
	assert_int_equal(found.bad, bad);
	if (bad == KLDSIM__NO_SYMBOL)
		assert_int_equal(found.index, index);
}

/* D-60, Z-05: the same from a walk, together or not, kept, and indexed. */
static void
check_full_table(const char *const *expected)
{
	static const uint32_t none[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	const uint32_t no = KLDSIM__NO_SYMBOL;
	struct kldsim__fullsyms *full;
	struct table table;
	char other[] = "other0";

	make_table(&table, 1, 7, none, false);
	set_symbol(&table, 1, 0, 0x03, 1, 0);
	set_symbol(&table, 2, BETA, 0x01, 1, 0);
	set_symbol(&table, 3, ALPHA, 0x01, 1, 0);
	set_symbol(&table, 4, BETA, 0x11, 1, 0);
	set_symbol(&table, 5, sizeof(strings), 0x11, 1, 0);
	set_symbol(&table, 6, GAMMA, 0x11, 1, 0);
	full = kldsim__fullsyms_new(&table.view, expected);
	assert_non_null(full);
	for (unsigned round = 0; round < 2 + KLDSIM__WALKS; round++) {
		ask_full(full, "beta", 2, no);
		ask_full(full, "alpha", 3, no);
		ask_full(full, "gamma", 6, 5);
		ask_full(full, "alph", no, 5);
		other[5] = (char)('0' + round);
		ask_full(full, other, no, 5);
		ask_full(full, "", 0, no);
	}
	kldsim__fullsyms_free(full);
	set_symbol(&table, 5, PROC, 0x11, 1, 0);
	full = kldsim__fullsyms_new(&table.view, expected);
	assert_non_null(full);
	for (unsigned round = 0; round < 2 + KLDSIM__WALKS; round++) {
		ask_full(full, "gamma", 6, no);
		ask_full(full, "proc", 5, no);
		other[5] = (char)('0' + round);
		ask_full(full, other, no, no);
	}
	kldsim__fullsyms_free(full);
}

/*
 * D-60: st_name 0 is a name as any other, the one that the strings begin with.
 * Strings without their first NUL: the symbols 0, 1 and 3 are called "alpha".
 */
static void
check_named_by_zero(const char *const *expected)
{
	static const uint32_t none[] = { 0, 0, 0, 0, 0, 0 };
	const uint32_t no = KLDSIM__NO_SYMBOL;
	struct kldsim__fullsyms *full;
	struct table table;
	char other[] = "other0";

	make_table(&table, 1, 4, none, false);
	kldsim__symview_set_strings(&table.view,
	    (const uint8_t *)strings + 1, sizeof(strings) - 1);
	set_symbol(&table, 2, BETA - 1, 0x11, 1, 0);
	full = kldsim__fullsyms_new(&table.view, expected);
	assert_non_null(full);
	for (unsigned round = 0; round < 2 + KLDSIM__WALKS; round++) {
		ask_full(full, "alpha", 0, no);
		ask_full(full, "beta", 2, no);
		ask_full(full, "", no, no);
		other[5] = (char)('0' + round);
		ask_full(full, other, no, no);
	}
	kldsim__fullsyms_free(full);
	/* Z-05: no strings, so whoever looks at symbol 0 reads outside. */
	set_strings(&table, 0);
	full = kldsim__fullsyms_new(&table.view, expected);
	assert_non_null(full);
	for (unsigned round = 0; round < 2 + KLDSIM__WALKS; round++) {
		ask_full(full, "beta", no, 0);
		other[5] = (char)('0' + round);
		ask_full(full, other, no, 0);
	}
	kldsim__fullsyms_free(full);
}

static void
full_table_answers(void **state)
{
	static const char *const nothing[] = { NULL };
	static const char *const some[] = { "gamma", "other1", "alpha",
		"beta", "alph", NULL };

	(void)state;
	check_full_table(nothing);
	check_full_table(some);
	check_named_by_zero(nothing);
	check_named_by_zero(some);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_vectors),
		cmocka_unit_test(chains_are_walked_in_order),
		cmocka_unit_test(usable_symbols),
		cmocka_unit_test(corrupt_chains),
		cmocka_unit_test(chains_without_an_end),
		cmocka_unit_test(chain_names_outside_the_strings),
		cmocka_unit_test(old_kernels_miss_a_name),
		cmocka_unit_test(kernels_of_all_machines),
		cmocka_unit_test(damaged_kernels),
		cmocka_unit_test(index_answers_as_a_walk),
		cmocka_unit_test(index_remembers_unreadable_names),
		cmocka_unit_test(index_of_names_of_all_lengths),
		cmocka_unit_test(index_of_100000_symbols),
		cmocka_unit_test(a_filter_lacks_no_name_that_is_there),
		cmocka_unit_test(full_table_answers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
