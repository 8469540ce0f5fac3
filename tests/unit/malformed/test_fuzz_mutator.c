/* SPDX-License-Identifier: BSD-2-Clause */

/* The mutator of tests/fuzz: each change does what it says, and no harm. */

#include <mutator.h>

#include "support_full.h"
#include "support_synth_file.h"

#define MAX 131072
#define SEEDS 300

/* --- files to change --- */

/* A module with all that a mutation could look for. */
static struct kldsim_synth *
rich(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *m = kldsim_synth_new(machine, kind);
	int init = kldsim_synth_func(m, "m_init");
	int data = kldsim_synth_section_named(m, ".data");

	kldsim_synth_dpcpu(m, "one", "\1\0\0\0", 4, 4);
	kldsim_synth_vnet(m, "two", "\2\0\0\0", 4, 4);
	kldsim_synth_append(m, data, NULL, 32);
	kldsim_synth_pointer(m, data, 0, init, 0);
	kldsim_synth_pointer(m, data, 8, kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_pointer(m, data, 16,
	    kldsim_synth_ref(m, "__start_set_foo"), 0);
	kldsim_synth_declare_module(m, "mod", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "mod", 1);
	kldsim_synth_sysinit(m, "sys", 0x2800000, 5, init, 0);
	return (m);
}

static const struct {
	const char *machine;
	enum kldsim_synth_kind kind;
} kinds[] = {
	{ "amd64", KLDSIM_SYNTH_MODULE },     /* ET_REL, 64, little */
	{ "i386", KLDSIM_SYNTH_MODULE },      /* ET_DYN, 32, little, REL */
	{ "arm64", KLDSIM_SYNTH_MODULE },     /* ET_DYN, 64, little, RELA */
	{ "powerpc", KLDSIM_SYNTH_MODULE },   /* ET_DYN, 32, big */
	{ "powerpc64", KLDSIM_SYNTH_MODULE }, /* ET_DYN, 64, big */
	{ "powerpc", KLDSIM_SYNTH_REL },      /* ET_REL, 32, big */
	{ "amd64", KLDSIM_SYNTH_KERNEL },     /* ET_EXEC */
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static const uint8_t hints_file[] =
    "\1\0\0\0"
    "\30\0\0\0\2\0\0\0\12uart0x_pci\10uartx.ko"
    "\34\0\0\0\3\0\0\0\5uartx\0\0\7\0\0\0\10uartx.ko\0\0\0"
    "\30\0\0\0\4\0\0\0\3pci\5I:id;\0\0\1\0\0\0\1\0\0";

/* Two files' records, with words of 4 bytes in big-endian order (P-01). */
static const uint8_t preload_block[] = {
	0, 0, 0, 1, 0, 0, 0, 8, '/', 'k', 'e', 'r', 'n', 'e', 'l', 0,
	0, 0, 0, 2, 0, 0, 0, 4, 'e', 'l', 'f', 0,
	0, 0, 0, 3, 0, 0, 0, 4, 0xc0, 0x40, 0, 0,
	0, 0, 0, 1, 0, 0, 0, 6, '/', 'a', '.', 'k', 'o', 0, 0, 0,
	0, 0, 0x80, 5, 0, 0, 0, 4, 0, 0, 0x10, 0,
	0, 0, 0, 0, 0, 0, 0, 0,
};

/* A file, and what a mutation made of it, in a buffer of exactly max. */
struct change {
	struct file file;
	struct kldsim_synth *synth;
	struct fuzz_input now;
	enum fuzz_mutation how;
};

static struct change
begin(size_t kind)
{
	struct change change = { .synth = rich(kinds[kind].machine,
	    kinds[kind].kind) };

	change.file = finish(change.synth);
	assert_true(change.file.size < MAX);
	change.now.data = malloc(MAX);
	assert_non_null(change.now.data);
	return (change);
}

static void
end(struct change *change)
{
	free(change->now.data);
	done(change->synth, &change->file);
}

static bool
change_it(struct change *change, enum fuzz_mutation how, size_t max,
    uint64_t seed)
{
	struct fuzz_random random = fuzz_seed(seed);

	change->how = how;
	change->now.size = change->file.size;
	change->now.max = max;
	memcpy(change->now.data, change->file.bytes, change->file.size);
	return (fuzz_elf_mutate(&change->now, how, &random));
}

/* The first and the last byte that differ; false if none of the old does. */
static bool
differing(const struct change *change, size_t *first, size_t *last)
{
	const uint8_t *was = change->file.bytes;
	size_t n = change->file.size < change->now.size ?
	    change->file.size : change->now.size;
	bool found = false;

	for (size_t i = 0; i < n; i++)
		if (was[i] != change->now.data[i]) {
			if (!found)
				*first = i;
			*last = i;
			found = true;
		}
	return (found);
}

static size_t
count_differing(const struct change *change)
{
	const uint8_t *was = change->file.bytes;
	size_t n = 0;

	for (size_t i = 0; i < change->file.size; i++)
		n += was[i] != change->now.data[i];
	return (n);
}

/* The section that has the byte; NULL if none. */
static const char *
section_at(const struct file *file, size_t at, GElf_Shdr *shdr)
{
	Elf_Scn *scn = NULL;
	size_t names;

	assert_int_equal(elf_getshdrstrndx(file->elf, &names), 0);
	while ((scn = elf_nextscn(file->elf, scn)) != NULL)
		if (gelf_getshdr(scn, shdr) != NULL &&
		    shdr->sh_type != SHT_NOBITS && at >= shdr->sh_offset &&
		    at - shdr->sh_offset < shdr->sh_size)
			return (elf_strptr(file->elf, names, shdr->sh_name));
	return (NULL);
}

/* --- what each change says --- */

/* At most one field, eight bytes wide. */
static void
says_field(struct change *change)
{
	size_t first = 0, last = 0;

	assert_int_equal(change->now.size, change->file.size);
	assert_true(differing(change, &first, &last));
	assert_true(last - first < 8);
}

/* The same bytes in another order. */
static void
says_swap(struct change *change)
{
	const uint8_t *was = change->file.bytes;
	int histogram[256] = { 0 };

	assert_int_equal(change->now.size, change->file.size);
	assert_int_not_equal(count_differing(change), 0);
	for (size_t i = 0; i < change->now.size; i++) {
		histogram[was[i]]++;
		histogram[change->now.data[i]]--;
	}
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(histogram[i], 0);
}

/* One entry, now as another is: it is there once more. */
static void
says_copy(struct change *change)
{
	size_t first = 0, last = 0;

	assert_int_equal(change->now.size, change->file.size);
	assert_true(differing(change, &first, &last));
	assert_true(last - first < 64);
}

static void
says_remove(struct change *change)
{
	assert_int_equal(change->now.size, change->file.size);
	assert_int_not_equal(count_differing(change), 0);
}

/* An offset, perhaps a size or a count; the old table stays. */
static void
says_insert(struct change *change)
{
	assert_true(change->now.size > change->file.size);
	assert_in_range(count_differing(change), 1, 16);
}

static void
says_name(struct change *change)
{
	size_t first = 0, last = 0;

	assert_true(change->now.size >= change->file.size);
	assert_true(differing(change, &first, &last) ||
	    change->now.size > change->file.size);
}

/* Within one entry of a symbol table, and not its name. */
static void
says_bound(struct change *change)
{
	size_t first = 0, last = 0, entry;
	GElf_Shdr shdr;
	GElf_Sym sym;
	Elf_Scn *scn = NULL;

	assert_true(differing(change, &first, &last));
	while ((scn = elf_nextscn(change->file.elf, scn)) != NULL)
		if (gelf_getshdr(scn, &shdr) != NULL &&
		    (shdr.sh_type == SHT_SYMTAB ||
		    shdr.sh_type == SHT_DYNSYM) && first >= shdr.sh_offset &&
		    last < shdr.sh_offset + shdr.sh_size)
			break;
	assert_non_null(scn);
	entry = (first - shdr.sh_offset) / shdr.sh_entsize;
	assert_int_equal(entry, (last - shdr.sh_offset) / shdr.sh_entsize);
	assert_non_null(gelf_getsym(elf_getdata(scn, NULL), (int)entry,
	    &sym));
	assert_int_equal(strncmp(elf_strptr(change->file.elf, shdr.sh_link,
	    sym.st_name), "__st", 4), 0);
}

/* The first word of an entry of a relocation table. */
static void
says_edge(struct change *change)
{
	size_t first = 0, last = 0, word;
	GElf_Shdr shdr;

	says_field(change);
	assert_true(differing(change, &first, &last));
	assert_non_null(section_at(&change->file, first, &shdr));
	assert_true(shdr.sh_type == SHT_REL || shdr.sh_type == SHT_RELA);
	word = change->file.ehdr.e_ident[4] == 2 ? 8 : 4;
	assert_true((last - shdr.sh_offset) % shdr.sh_entsize < word);
}

static uint32_t
hash_word(const struct change *change, size_t at)
{
	const uint8_t *b = change->now.data + at;

	return (change->file.ehdr.e_ident[5] == 2 ?
	    (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3] :
	    (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[1] << 8 | b[0]);
}

/* Z-41: a walk from one of the buckets never ends. */
static void
says_chain(struct change *change)
{
	GElf_Shdr shdr;
	uint32_t nbucket, nchain, steps = 0;

	assert_non_null(find(&change->file, ".hash", &shdr));
	nbucket = hash_word(change, shdr.sh_offset);
	nchain = hash_word(change, shdr.sh_offset + 4);
	for (uint32_t i = 0; i < nbucket; i++) {
		uint32_t at = hash_word(change, shdr.sh_offset + 8 + 4 * i);

		for (steps = 0; at != 0 && steps <= nchain; steps++)
			at = hash_word(change, shdr.sh_offset +
			    4 * (2 + nbucket + (size_t)at));
		if (steps > nchain)
			return;
	}
	fail_msg("all chains end");
}

/* The last byte of a string table. */
static void
says_terminator(struct change *change)
{
	const uint8_t *was = change->file.bytes;
	size_t first = 0, last = 0;
	GElf_Shdr shdr;

	assert_true(differing(change, &first, &last));
	assert_int_equal(first, last);
	assert_int_equal(was[first], 0);
	assert_int_not_equal(change->now.data[first], 0);
	assert_non_null(section_at(&change->file, first, &shdr));
	assert_int_equal(shdr.sh_type, SHT_STRTAB);
	assert_int_equal(first, shdr.sh_offset + shdr.sh_size - 1);
}

/* Nothing but contents that the kernel loads. */
static void
says_metadata(struct change *change)
{
	size_t first = 0, last = 0;
	GElf_Shdr shdr;

	says_field(change);
	assert_true(differing(change, &first, &last));
	assert_non_null(section_at(&change->file, first, &shdr));
	assert_int_not_equal(shdr.sh_flags & SHF_ALLOC, 0);
}

static void
says_cut(struct change *change)
{
	size_t n = change->now.size < change->file.size ?
	    change->now.size : change->file.size;

	assert_int_not_equal(change->now.size, change->file.size);
	if (n != 0)
		assert_memory_equal(change->now.data, change->file.bytes, n);
}

static void (*const says[FUZZ_MUTATIONS])(struct change *) = {
	[FUZZ_FIELD] = says_field, [FUZZ_BORROW] = says_field,
	[FUZZ_SWAP] = says_swap, [FUZZ_COPY] = says_copy,
	[FUZZ_REMOVE] = says_remove, [FUZZ_INSERT] = says_insert,
	[FUZZ_NAME] = says_name, [FUZZ_BOUND] = says_bound,
	[FUZZ_EDGE] = says_edge, [FUZZ_CHAIN] = says_chain,
	[FUZZ_TERMINATOR] = says_terminator,
	[FUZZ_METADATA] = says_metadata, [FUZZ_CUT] = says_cut,
};

/* Whether a file has what the change is about. */
static bool
fits(size_t kind, enum fuzz_mutation how)
{
	bool relocatable = strcmp(kinds[kind].machine, "amd64") == 0 ?
	    kinds[kind].kind == KLDSIM_SYNTH_MODULE :
	    kinds[kind].kind == KLDSIM_SYNTH_REL;

	return (how != FUZZ_CHAIN || !relocatable);
}

static void
test_each_change(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < NKINDS; kind++) {
		struct change change = begin(kind);

		for (int how = 0; how < FUZZ_MUTATIONS; how++) {
			size_t done_so_often = 0;

			for (uint64_t seed = 0; seed < SEEDS; seed++) {
				if (!change_it(&change,
				    (enum fuzz_mutation)how, MAX, seed))
					continue;
				assert_true(change.now.size <= MAX);
				says[how](&change);
				done_so_often++;
			}
			if ((done_so_often != 0) !=
			    fits(kind, (enum fuzz_mutation)how))
				fail_msg("%s %d: mutation %d was made %zu "
				    "times", kinds[kind].machine,
				    (int)kinds[kind].kind, how, done_so_often);
		}
		end(&change);
	}
}

/* Without room, nothing grows. */
static void
test_no_room(void **state)
{
	struct change change = begin(0);

	(void)state;
	for (int how = 0; how < FUZZ_MUTATIONS; how++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			(void)change_it(&change, (enum fuzz_mutation)how,
			    change.file.size, seed);
			assert_true(change.now.size <= change.file.size);
		}
	end(&change);
}

/* A grown table is told of, or not: both occur. */
static void
test_fix_ups(void **state)
{
	struct change change = begin(0);
	size_t told = 0, untold = 0, sections = change.file.ehdr.e_shnum;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		size_t at;

		if (!change_it(&change, FUZZ_INSERT, MAX, seed))
			continue;
		/* e_shoff: the section headers have moved (ELF64: at 40). */
		if (memcmp(change.now.data + 40,
		    (uint8_t *)change.file.bytes + 40, 8) == 0)
			continue;
		at = change.now.data[60] | (size_t)change.now.data[61] << 8;
		assert_true(at == sections || at == sections + 1);
		if (at == sections)
			untold++;
		else
			told++;
	}
	assert_true(told > 5 && untold > 5);
	end(&change);
}

static bool
has_text(const struct fuzz_input *input, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= input->size; i++)
		if (memcmp(input->data + i, text, n) == 0)
			return (true);
	return (false);
}

/* Symbols get names that the kernel linker looks for. */
static void
test_names(void **state)
{
	struct change change = begin(0);
	size_t sections = 0, symbols = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct file now = { .size = 0 };
		GElf_Shdr shdr;

		if (!change_it(&change, FUZZ_NAME, MAX, seed))
			continue;
		now.elf = elf_memory((char *)change.now.data,
		    change.now.size);
		assert_non_null(now.elf);
		if (find(&now, ".init_array", &shdr) != NULL ||
		    find(&now, ".ctors", &shdr) != NULL)
			sections++;
		if (has_text(&change.now, "pcpu_entry_modspace"))
			symbols++;
		elf_end(now.elf);
	}
	assert_int_not_equal(sections, 0);
	assert_int_not_equal(symbols, 0);
	end(&change);
}

/* --- linker.hints (H-01, H-02) --- */

static size_t
hints_size(void)
{
	return (sizeof(hints_file));
}

static void
test_each_hints_change(void **state)
{
	uint8_t *data = malloc(512);

	(void)state;
	assert_non_null(data);
	for (int how = 0; how < FUZZ_HINTS_MUTATIONS; how++) {
		size_t n = 0;

		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct fuzz_random random = fuzz_seed(seed);
			struct fuzz_input input = { data, hints_size(), 512 };

			memcpy(data, hints_file, hints_size());
			if (!fuzz_hints_mutate(&input,
			    (enum fuzz_hints_mutation)how, &random))
				continue;
			n++;
			assert_true(input.size != hints_size() ||
			    memcmp(data, hints_file, hints_size()) != 0);
			if (how == FUZZ_HINTS_COPY)
				assert_true(input.size > hints_size());
			else if (how == FUZZ_HINTS_REMOVE ||
			    how == FUZZ_HINTS_CUT)
				assert_true(input.size < hints_size());
			else
				assert_int_equal(input.size, hints_size());
			if (how == FUZZ_HINTS_VERSION)
				assert_memory_equal(data + 4, hints_file + 4,
				    hints_size() - 4);
			else if (input.size >= 4)
				assert_memory_equal(data, hints_file, 4);
		}
		if (n == 0)
			fail_msg("hints mutation %d was never made", how);
	}
	free(data);
}

/* --- the boot loader's metadata (P-01, P-02) --- */

/* Where the records of preload_block begin, and how long they are. */
static const struct {
	size_t at, size;
} records[] = { { 0, 16 }, { 16, 12 }, { 28, 12 }, { 40, 16 }, { 56, 12 } };
#define NRECORDS (sizeof(records) / sizeof(records[0]))

/* Whether one record of the block has gone, or one comes twice. */
static bool
one_record(const struct fuzz_input *now, bool twice)
{
	for (size_t i = 0; i < NRECORDS; i++) {
		size_t end = records[i].at + records[i].size;
		size_t from = twice ? records[i].at : end;
		size_t kept = twice ? end : records[i].at;

		if (now->size == kept + sizeof(preload_block) - from &&
		    memcmp(now->data, preload_block, kept) == 0 &&
		    memcmp(now->data + kept, preload_block + from,
		    sizeof(preload_block) - from) == 0)
			return (true);
	}
	return (false);
}

/* The word within a record that differs first. */
static size_t
first_word(const struct fuzz_input *now)
{
	size_t i = 0, j = 0;

	while (i < now->size && now->data[i] == preload_block[i])
		i++;
	assert_true(i < sizeof(preload_block));
	while (j + 1 < NRECORDS && i >= records[j + 1].at)
		j++;
	return ((i - records[j].at) / 4);
}

static void
says_preload(enum fuzz_preload_mutation how, const struct fuzz_input *now)
{
	if (how == FUZZ_PRELOAD_COPY)
		assert_true(one_record(now, true));
	else if (how == FUZZ_PRELOAD_REMOVE)
		assert_true(one_record(now, false));
	else if (how == FUZZ_PRELOAD_CUT)
		assert_true(now->size < sizeof(preload_block) &&
		    memcmp(now->data, preload_block, now->size) == 0);
	else if (how == FUZZ_PRELOAD_DATA)
		assert_true(first_word(now) >= 2);
	else
		assert_int_equal(first_word(now),
		    how == FUZZ_PRELOAD_TYPE ? 0 : 1);
}

static void
test_each_preload_change(void **state)
{
	uint8_t *data = malloc(256);

	(void)state;
	assert_non_null(data);
	assert_int_equal(fuzz_preload_start(preload_block,
	    sizeof(preload_block)), 0);
	for (int how = 0; how < FUZZ_PRELOAD_MUTATIONS; how++) {
		size_t n = 0;

		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct fuzz_random random = fuzz_seed(seed);
			struct fuzz_input input = { data,
			    sizeof(preload_block), 256 };

			memcpy(data, preload_block, sizeof(preload_block));
			if (!fuzz_preload_mutate(&input,
			    (enum fuzz_preload_mutation)how, &random))
				continue;
			says_preload((enum fuzz_preload_mutation)how, &input);
			n++;
		}
		if (n == 0)
			fail_msg("preload mutation %d was never made", how);
	}
	free(data);
}

/* --- as engines use it --- */

static void
test_deterministic(void **state)
{
	struct change change = begin(2);
	uint8_t *first = malloc(MAX);

	(void)state;
	assert_non_null(first);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct fuzz_random one = fuzz_seed(seed);
		struct fuzz_random two = fuzz_seed(seed);
		struct fuzz_input a = { first, change.file.size, MAX };
		struct fuzz_input b = { change.now.data, change.file.size,
		    MAX };

		memcpy(a.data, change.file.bytes, a.size);
		memcpy(b.data, change.file.bytes, b.size);
		assert_true(fuzz_mutate(&a, &one));
		assert_true(fuzz_mutate(&b, &two));
		assert_int_equal(a.size, b.size);
		assert_memory_equal(a.data, b.data, a.size);
	}
	free(first);
	end(&change);
}

static void
test_not_ours(void **state)
{
	uint8_t text[] = "machine: amd64\nkind: module\n";
	struct fuzz_input input = { text, sizeof(text), sizeof(text) };
	struct fuzz_random random = fuzz_seed(1);

	(void)state;
	assert_false(fuzz_mutate(&input, &random));
	assert_string_equal((char *)text, "machine: amd64\nkind: module\n");
	assert_int_equal(fuzz_elf_start((const uint8_t *)"ab\177ELF", 6), 2);
	assert_int_equal(fuzz_elf_start((const uint8_t *)"ab\177EL", 5), 5);
}

/*
 * Changes upon changes, and crossings with other files; the buffers are as
 * large as they are said to be, so that a sanitizer sees a step too far.
 */
static void
test_many_rounds(void **state)
{
	struct change files[NKINDS];
	struct fuzz_random random = fuzz_seed(4711);
	struct fuzz_input input = { malloc(MAX), 0, MAX };
	size_t rounds = full_or_few(100000, 20000);

	(void)state;
	assert_non_null(input.data);
	for (size_t i = 0; i < NKINDS; i++)
		files[i] = begin(i);
	for (size_t round = 0; round < rounds; round++) {
		const struct file *file = &files[round / 32 % NKINDS].file;
		const struct file *other = &files[fuzz_below(&random,
		    NKINDS)].file;

		if (round % 32 == 0) {
			input.size = file->size;
			memcpy(input.data, file->bytes, file->size);
			if (round / 32 % 8 == 7) {
				input.size = hints_size();
				memcpy(input.data, hints_file, input.size);
			} else if (round / 32 % 8 == 6) {
				input.size = sizeof(preload_block);
				memcpy(input.data, preload_block, input.size);
			}
		}
		if (fuzz_below(&random, 8) != 0 ||
		    !fuzz_cross(&input, other->bytes, other->size, &random))
			if (!fuzz_mutate(&input, &random))
				fuzz_mutate_bytes(&input, &random);
		assert_true(input.size <= MAX);
	}
	for (size_t i = 0; i < NKINDS; i++)
		end(&files[i]);
	free(input.data);
}

/* The entry points that AFL++ looks for. */
void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size,
    uint8_t **out, uint8_t *other, size_t other_size, size_t max);
void afl_custom_deinit(void *data);

static void
test_afl(void **state)
{
	struct change change = begin(1);
	void *mutator = afl_custom_init(NULL, 7);
	size_t changed = 0;

	(void)state;
	assert_non_null(mutator);
	for (size_t i = 0; i < SEEDS; i++) {
		uint8_t *out = NULL;
		size_t max = i % 2 == 0 ? MAX : change.file.size / 2;
		size_t n = afl_custom_fuzz(mutator, change.file.bytes,
		    change.file.size, &out, change.file.bytes,
		    change.file.size, max);

		assert_true(n <= max);
		assert_non_null(out);
		changed += n != change.file.size ||
		    memcmp(out, change.file.bytes, n) != 0;
	}
	assert_true(changed > SEEDS / 2);
	afl_custom_deinit(mutator);
	end(&change);
}

/*
 * What is of no format of ours AFL++ changes itself: nothing comes back, but
 * with a buffer, without which AFL++ up to 4.00 gives up.
 */
static void
test_afl_not_ours(void **state)
{
	uint8_t text[] = "machine: amd64\n";
	uint8_t elf[] = "\177ELF";
	void *mutator = afl_custom_init(NULL, 7);

	(void)state;
	for (size_t i = 0; i < SEEDS; i++) {
		uint8_t *out = NULL;

		assert_int_equal(afl_custom_fuzz(mutator, text,
		    sizeof(text) - 1, &out, elf, sizeof(elf) - 1, MAX), 0);
		assert_non_null(out);
		out = NULL;
		assert_int_equal(afl_custom_fuzz(mutator, text,
		    sizeof(text) - 1, &out, NULL, 0, 0), 0);
		assert_non_null(out);
	}
	assert_string_equal(text, "machine: amd64\n");
	afl_custom_deinit(mutator);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_change),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_fix_ups),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_each_hints_change),
		cmocka_unit_test(test_each_preload_change),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_many_rounds),
		cmocka_unit_test(test_afl),
		cmocka_unit_test(test_afl_not_ours),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
