/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The dynamic section of a module: parse_dynamic() of sys/kern/link_elf.c
 * (D-10 to D-12).
 *
 * The kernel believes every address it finds here.  A table that does not lie
 * in the file's own mapping kills the simulated kernel when somebody reads it,
 * which for the hash table is at once.
 */

#include <inttypes.h>
#include <stddef.h>

#include "link_elf/link_elf.h"
#include "kern/bad_news.h"

#define DT_PPC_GOT_TAG UINT64_C(0x70000000)

/* One entry. */
struct entry {
	uint64_t tag;
	uint64_t value;
};

/* What is done with a tag's value. */
enum use {
	ADDRESS, /* biased and kept */
	INT,     /* cut to an int and kept */
	NUMBER,  /* kept */
	SIZE     /* has to be that of the structure */
};

static const struct wanted {
	const char *name;
	uint64_t tag;
	enum use use;
	size_t where;      /* in struct kldsim__tags */
	unsigned size[2];  /* SIZE: on 32 bits, on 64 */
} wanted[] = {
#define TAG(name, use, member) \
	{ #name, name, use, offsetof(struct kldsim__tags, member), { 0, 0 } }
	TAG(DT_HASH, ADDRESS, hash),
	TAG(DT_STRTAB, ADDRESS, strtab),
	TAG(DT_STRSZ, INT, strsz),
	TAG(DT_SYMTAB, ADDRESS, symtab),
	TAG(DT_PLTGOT, ADDRESS, pltgot),
	TAG(DT_REL, ADDRESS, tables[KLDSIM__DYN_REL].address),
	TAG(DT_RELSZ, INT, tables[KLDSIM__DYN_REL].size),
	TAG(DT_RELA, ADDRESS, tables[KLDSIM__DYN_RELA].address),
	TAG(DT_RELASZ, INT, tables[KLDSIM__DYN_RELA].size),
	TAG(DT_JMPREL, ADDRESS, jmprel),
	TAG(DT_PLTRELSZ, INT, pltrelsz),
	TAG(DT_PLTREL, NUMBER, pltrel),
	TAG(DT_PPC_GOT_TAG, ADDRESS, ppc_got),
#undef TAG
#define ENTRY(name, of) { #name, name, SIZE, 0, \
	{ sizeof(Elf32_##of), sizeof(Elf64_##of) } }
	ENTRY(DT_SYMENT, Sym),
	ENTRY(DT_RELENT, Rel),
	ENTRY(DT_RELAENT, Rela),
#undef ENTRY
};

static struct kldsim__where
in_dynamic(const struct kldsim__file *file)
{
	return ((struct kldsim__where){ .file = file->filename,
		.section = ".dynamic" });
}

static int
read_entry(struct kldsim *sim, struct kldsim__file *file, uint64_t i,
    struct entry *entry_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const unsigned word = dyn->elf.is64 ? 8 : 4;
	struct kldsim__where where = in_dynamic(file);
	uint8_t p[16];

	if (!kldsim__dyn_read(sim, file, (dyn->dynamic + i * 2 * word) &
	    dyn->mask, p, 2 * word))
		return (kldsim__panic(sim, KLDSIM__F_DYNAMIC, &where,
		    "no DT_NULL among the %" PRIu64 " entries from 0x%" PRIx64
		    " to the end of the mapping: the kernel reads on", i,
		    dyn->dynamic));
	entry_ret->tag = kldsim__load(p, word, dyn->elf.big);
	entry_ret->value = kldsim__load(p + word, word, dyn->elf.big);
	return (0);
}

/* The two counts of a hash table are read when its tag is. */
static int
read_hash(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = in_dynamic(file);
	const kldsim_addr at = dyn->tags.hash;
	const kldsim_addr words = (at + 8) & dyn->mask;
	uint8_t head[8];

	if (!kldsim__dyn_read(sim, file, at, head, sizeof(head)))
		return (kldsim__panic(sim, KLDSIM__F_DYNAMIC, &where,
		    "DT_HASH leads to 0x%" PRIx64 ", outside the file's "
		    "mapping: the kernel reads there", at));
	dyn->hash.nbuckets = kldsim__load32(head, dyn->elf.big);
	dyn->hash.nchains = kldsim__load32(head + 4, dyn->elf.big);
	dyn->hash.words = kldsim__dyn_own(file, words, 0);
	dyn->hash.nwords = kldsim__dyn_room(file, words) / 4;
	dyn->hash.nzeros = kldsim__dyn_reach(file, words) / 4 -
	    dyn->hash.nwords;
	dyn->hash.big = dyn->elf.big;
	return (0);
}

static void
store(struct kldsim__dyn *dyn, const struct wanted *want, uint64_t value)
{
	char *to = (char *)&dyn->tags + want->where;
	kldsim_addr address = kldsim__dyn_address(dyn, value);
	int number = (int)(uint32_t)value;

	if (want->use == ADDRESS)
		memcpy(to, &address, sizeof(address));
	else if (want->use == INT)
		memcpy(to, &number, sizeof(number));
	else
		memcpy(to, &value, sizeof(value));
}

/* One entry as the kernel's switch takes it; the last of a kind wins. */
static int
take(struct kldsim *sim, struct kldsim__file *file,
    const struct entry *entry)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const struct kldsim__where where = in_dynamic(file);
	const struct wanted *want = NULL;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i].tag == entry->tag)
			want = &wanted[i];
	if (want == NULL)
		return (0);
	if (want->use == SIZE && entry->value == want->size[dyn->elf.is64])
		return (0);
	if (want->use == SIZE)
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_DYNAMIC, &where, "%s is %" PRIu64 ", and an "
		    "entry has %u bytes: it was linked for another word size",
		    want->name, entry->value, want->size[dyn->elf.is64]));
	store(dyn, want, entry->value);
	if (entry->tag == DT_HASH)
		return (read_hash(sim, file));
	/* The kernel has it in an int. */
	if (entry->tag == DT_PLTREL && (int)(uint32_t)entry->value != DT_REL &&
	    (int)(uint32_t)entry->value != DT_RELA)
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_PLTREL, &where, "DT_PLTREL is 0x%" PRIx64 ", and "
		    "relocations of the PLT are REL (%d) or RELA (%d)",
		    entry->value, DT_REL, DT_RELA));
	return (0);
}

/* D-11: DT_JMPREL is of one kind or the other. */
static void
place_jmprel(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__tags *tags = &kldsim__dyn_of(file)->tags;
	struct kldsim__where where = in_dynamic(file);
	bool rela = (uint32_t)tags->pltrel == DT_RELA;
	struct kldsim__dynrel *to = &tags->tables[rela ?
	    KLDSIM__DYN_PLTRELA : KLDSIM__DYN_PLTREL];

	to->address = tags->jmprel;
	to->size = tags->pltrelsz;
	if (tags->pltrel == 0 && tags->jmprel != 0 && tags->pltrelsz != 0)
		kldsim__find(sim, KLDSIM__F_PLTREL, &where,
		    "DT_JMPREL without DT_PLTREL: the kernel takes the "
		    "entries for REL");
}

static uint32_t
count_symbols(const struct kldsim__dyn *dyn, kldsim_size room)
{
	room /= dyn->elf.is64 ? 24 : 16;
	return (room < UINT32_MAX ? (uint32_t)room : UINT32_MAX);
}

/* The tables as views; what lies outside the mapping has no bytes. */
static void
make_views(struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__symview *view = &dyn->dynsym;

	view->is64 = dyn->elf.is64;
	view->big = dyn->elf.big;
	view->syms = kldsim__dyn_own(file, dyn->tags.symtab, 0);
	dyn->dynsym_room = count_symbols(dyn, kldsim__dyn_room(file,
	    dyn->tags.symtab));
	dyn->dynsym_reach = dyn->hash.reach = count_symbols(dyn,
	    kldsim__dyn_reach(file, dyn->tags.symtab));
	view->count = dyn->hash.nchains < dyn->dynsym_room ?
	    dyn->hash.nchains : dyn->dynsym_room;
	kldsim__symview_set_strings(view, kldsim__dyn_own(file,
	    dyn->tags.strtab, 0), kldsim__dyn_room(file, dyn->tags.strtab));
	if (file->size > dyn->host_size)
		view->blank_end = kldsim__dyn_reach(file, dyn->tags.strtab);
	dyn->symtab = *view;
}

/*
 * elf_cpu_parse_dynamic() of 32-bit powerpc: modules with the old, executable
 * kind of PLT are refused, and calls through the new one's resolver panic
 * (D-11).
 */
static int
check_secure_plt(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = in_dynamic(file);
	kldsim_addr stub = 0;
	uint8_t words[8] = { 0 }; /* the resolver, and 0 */
	int error;

	if (!sim->arch->secure_plt || !sim->facts.powerpc_secure_plt_check)
		return (0);
	if (dyn->tags.ppc_got == 0 && dyn->tags.pltgot != 0) {
		kldsim__console(sim, "kldload: BSS-PLT modules are not "
		    "supported.");
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC, KLDSIM__F_PLTREL,
		    &where, "calls go through code that the linker writes "
		    "into .bss (DT_PLTGOT without DT_PPC_GOT): compile and "
		    "link with -msecure-plt"));
	}
	if (dyn->tags.ppc_got == 0)
		return (0);
	if (kldsim__dyn_reach(file, dyn->tags.ppc_got) < 12)
		return (kldsim__panic(sim, KLDSIM__F_DYNAMIC, &where,
		    "DT_PPC_GOT leads to 0x%" PRIx64 ", outside the file's "
		    "mapping: the kernel writes there", dyn->tags.ppc_got));
	error = kldsim__lookup(sim, sim->linker.kernel, "ppc32_runtime_resolve",
	    false, &stub);
	kldsim__store(words, 4, dyn->elf.big, stub);
	return (error != 0 ? error : kldsim__accessed(sim,
	    kldsim__aspace_write(&sim->space, dyn->tags.ppc_got + 4, words,
	    sizeof(words))));
}

int
kldsim__dyn_parse_dynamic(struct kldsim *sim, struct kldsim__file *file)
{
	struct entry entry = { 0, 0 };

	for (uint64_t i = 0;; i++) {
		int error = read_entry(sim, file, i, &entry);

		if (error == 0 && entry.tag != DT_NULL)
			error = take(sim, file, &entry);
		if (error != 0)
			return (error);
		if (entry.tag == DT_NULL)
			break;
	}
	place_jmprel(sim, file);
	make_views(file);
	return (check_secure_plt(sim, file));
}
