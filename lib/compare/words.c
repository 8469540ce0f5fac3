/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a kernel says of its interface without types (I-60 to I-65): words by which
 * it knows modules of other headers, versions of interfaces, sizes.
 */

#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

#define SIZE_OF "sysctl___debug_sizeof_"
#define SIZES 1000u /* are looked at, of which kernels have some dozen */

/* How a row's number is found. */
enum kind {
	OF_OBJECT,  /* in an object of the kernel's own of that kind, */
	OF_ELEMENT, /* in the first thing that a set points to */
	OF_SYMBOL   /* the object's size: sizeof-NAME */
};

static const struct row {
	const char *name;
	const char *symbol;
	enum kind kind;
	unsigned pointers; /* before it */
	bool is_long;
} rows[] = {
	{ "MAXCPU", "mp_maxcpus", OF_OBJECT, 0, false },
	{ "cdevsw", "null_cdevsw", OF_OBJECT, 0, false },
	{ "g_class", "g_dev_class", OF_OBJECT, 1, false },
	{ "malloc_type", "M_TEMP", OF_OBJECT, 1, true },
	{ "cpuset_t", "all_cpus", OF_SYMBOL, 0, false },
	{ "sdt_probe", "__start_set_sdt_probes_set", OF_ELEMENT, 0, false },
	{ "vfsconf", "devfs_vfsconf", OF_OBJECT, 0, false },
};

struct word {
	const char *name;
	const char *before; /* of the name */
	uint64_t value;
};

struct words {
	struct kldsim_kbi_file *file;
	struct word *all;
	size_t count, cap;
	bool failed;
};

static void
add(struct words *words, const char *before, const char *name,
    uint64_t value)
{
	struct word *word;

	if (value == 0 || words->failed)
		return;
	if (!kldsim__grow(&words->file->alloc, &words->all, &words->cap,
	    words->count + 1, sizeof(*words->all))) {
		words->failed = true;
		return;
	}
	word = &words->all[words->count++];
	word->before = before;
	word->name = name;
	word->value = value;
}

static uint64_t
value_of(const struct words *words, const struct row *row, uint32_t index)
{
	const struct kldsim_kbi_file *file = words->file;
	const unsigned ptrsz = file->elf.is64 ? 8 : 4;
	struct kldsim__sym sym;
	uint64_t at;

	kldsim__sym_get(&file->symbols, index, &sym);
	if (row->kind == OF_SYMBOL)
		return (sym.size);
	at = row->kind == OF_OBJECT ? sym.value :
	    kldsim__compare_word(file, sym.value, ptrsz);
	return (at == 0 ? 0 : kldsim__compare_word(file, at +
	    row->pointers * ptrsz, row->is_long ? ptrsz : 4));
}

static void
add_rows(struct words *words)
{
	uint32_t index;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!kldsim__compare_symbol(words->file, rows[i].symbol,
		    &index))
			words->failed = true;
		else if (index != KLDSIM__NO_SYMBOL)
			add(words, rows[i].kind == OF_SYMBOL ? "sizeof-" : "",
			    rows[i].name, value_of(words, &rows[i], index));
	}
}

/* Where struct sysctl_oid has its number; 0: nobody says. */
static uint64_t
place_of_arg2(const struct kldsim_kbi_file *file)
{
	const struct kldsim_types *types = file->types;
	struct kldsim_type_member member;
	kldsim_type_id id = 0;

	while ((id = kldsim_types_find(types, "sysctl_oid", id)) != 0)
		for (uint64_t i = 0; kldsim_type_member(types, id, i,
		    &member) == KLDSIM_OK; i++)
			if (strcmp(member.name, "oid_arg2") == 0)
				return (member.bit_offset / 8);
	return (0);
}

/* I-62: debug.sizeof.  For each of them all sections are looked through. */
static void
add_sizes(struct words *words)
{
	const struct kldsim_kbi_file *file = words->file;
	const uint64_t place = place_of_arg2(file);
	struct kldsim__sym sym;
	unsigned left = place != 0 ? SIZES : 0;

	for (uint32_t i = 1; i < file->symbols.count && left != 0; i++) {
		const char *name;

		kldsim__sym_get(&file->symbols, i, &sym);
		name = kldsim__sym_name(&file->symbols, sym.name);
		if (name == NULL || sym.shndx == SHN_UNDEF ||
		    strncmp(name, SIZE_OF, strlen(SIZE_OF)) != 0)
			continue;
		add(words, "sizeof-", name + strlen(SIZE_OF),
		    kldsim__compare_word(file, sym.value + place, 8));
		left--;
	}
}

static int
by_name(const void *left, const void *right)
{
	const struct word *a = left, *b = right;
	const char *name_a = *a->before != '\0' ? a->before : a->name;
	const char *name_b = *b->before != '\0' ? b->before : b->name;
	const int order = strcmp(name_a, name_b);

	return (order != 0 ? order : strcmp(a->name, b->name));
}

bool
kldsim__compare_words(struct kldsim_kbi_file *file, kldsim__word_told told,
    void *user)
{
	struct words words = { .file = file };

	add_rows(&words);
	add(&words, "", "kernel_mac_support", file->mac);
	add(&words, "", "netgraph", file->netgraph);
	add_sizes(&words);
	if (words.count != 0)
		qsort(words.all, words.count, sizeof(*words.all), by_name);
	for (size_t i = 0; i < words.count && !words.failed; i++)
		told(user, words.all[i].before, words.all[i].name,
		    words.all[i].value);
	kldsim__free(&file->alloc, words.all);
	return (!words.failed);
}
