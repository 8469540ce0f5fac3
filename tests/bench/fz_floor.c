/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The yardstick for fuzzing: a loader that believes every byte, as small as it
 * can be.  It indexes the GLOBAL names of an amd64 kernel once; then it loads
 * each module from memory into zeroed memory of its own, resolves, relocates,
 * and frees it, again and again.  No checks, no rules, no record of anything.
 *
 *	fz_floor MILLISECONDS KERNEL MODULE...
 *
 * Prints executions a second of CPU time.
 */
#include <elf.h>

#include "fuzz_files.h"

#define SLOTS (1u << 17)
#define PLACE UINT64_C(0xffffffff82000000)

struct slot {
	const char *name;
	uint64_t value;
	uint32_t hash;
};

static struct slot table[SLOTS];

static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* The slot of a name, or the empty one where it belongs. */
static struct slot *
find(const char *name, uint32_t hash)
{
	uint32_t at = hash % SLOTS;

	while (table[at].name != NULL && (table[at].hash != hash ||
	    strcmp(table[at].name, name) != 0))
		at = (at + 1) % SLOTS;
	return &table[at];
}

static const Elf64_Shdr *
sections(const unsigned char *bytes)
{
	return (const void *)(bytes + ((const Elf64_Ehdr *)bytes)->e_shoff);
}

static const Elf64_Shdr *
symtab_of(const unsigned char *bytes)
{
	const Elf64_Shdr *shdr = sections(bytes);

	while (shdr->sh_type != SHT_SYMTAB)
		shdr++;
	return shdr;
}

static void
index_kernel(const unsigned char *bytes)
{
	const Elf64_Shdr *symtab = symtab_of(bytes);
	const Elf64_Sym *syms = (const void *)(bytes + symtab->sh_offset);
	const char *strings = (const char *)bytes +
	    sections(bytes)[symtab->sh_link].sh_offset;

	for (size_t i = 1; i < symtab->sh_size / sizeof *syms; i++) {
		const char *name = strings + syms[i].st_name;
		struct slot *slot;

		if (ELF64_ST_BIND(syms[i].st_info) == STB_LOCAL)
			continue;
		slot = find(name, hash_of(name));
		slot->name = name;
		slot->hash = hash_of(name);
		slot->value = syms[i].st_value;
	}
}

/* Offsets of the loaded sections in the mapping; its size. */
static uint64_t
place(const unsigned char *bytes, uint64_t *offsets)
{
	const Elf64_Shdr *shdr = sections(bytes);
	uint64_t size = 0;

	for (unsigned i = 0; i < ((const Elf64_Ehdr *)bytes)->e_shnum; i++) {
		uint64_t align = shdr[i].sh_addralign;

		if ((shdr[i].sh_flags & SHF_ALLOC) == 0)
			continue;
		if (align > 1)
			size = (size + align - 1) & ~(align - 1);
		offsets[i] = size;
		size += shdr[i].sh_size;
	}
	return size;
}

static void
resolve(const unsigned char *bytes, const uint64_t *offsets, uint64_t *values)
{
	const Elf64_Shdr *symtab = symtab_of(bytes);
	const Elf64_Sym *syms = (const void *)(bytes + symtab->sh_offset);
	const char *strings = (const char *)bytes +
	    sections(bytes)[symtab->sh_link].sh_offset;
	unsigned shnum = ((const Elf64_Ehdr *)bytes)->e_shnum;

	for (size_t i = 1; i < symtab->sh_size / sizeof *syms; i++) {
		const char *name = strings + syms[i].st_name;

		if (syms[i].st_shndx == SHN_UNDEF)
			values[i] = find(name, hash_of(name))->value;
		else if (syms[i].st_shndx < shnum)
			values[i] = PLACE + offsets[syms[i].st_shndx] +
			    syms[i].st_value;
		else
			values[i] = syms[i].st_value;
	}
}

static void
relocate(const unsigned char *bytes, const Elf64_Shdr *shdr,
    unsigned char *memory, uint64_t offset, const uint64_t *values)
{
	const Elf64_Rela *rela = (const void *)(bytes + shdr->sh_offset);

	for (size_t i = 0; i < shdr->sh_size / sizeof *rela; i++) {
		uint64_t at = offset + rela[i].r_offset;
		uint64_t value = values[ELF64_R_SYM(rela[i].r_info)] +
		    (uint64_t)rela[i].r_addend;

		switch (ELF64_R_TYPE(rela[i].r_info)) {
		case R_X86_64_64:
			memcpy(memory + at, &value, 8);
			break;
		case R_X86_64_PC32:
		case R_X86_64_PLT32:
			value -= PLACE + at;
			/* FALLTHROUGH */
		default:
			memcpy(memory + at, &value, 4);
			break;
		}
	}
}

static void
load(const struct file *module)
{
	const unsigned char *bytes = module->bytes;
	const Elf64_Shdr *shdr = sections(bytes);
	unsigned shnum = ((const Elf64_Ehdr *)bytes)->e_shnum;
	uint64_t *offsets = calloc(shnum, sizeof *offsets);
	uint64_t *values = calloc(symtab_of(bytes)->sh_size /
	    sizeof(Elf64_Sym), sizeof *values);
	unsigned char *memory = calloc(1, place(bytes, offsets));

	if (memory == NULL || values == NULL)
		die("module", "no memory");
	for (unsigned i = 0; i < shnum; i++)
		if ((shdr[i].sh_flags & SHF_ALLOC) != 0 &&
		    shdr[i].sh_type != SHT_NOBITS)
			memcpy(memory + offsets[i], bytes + shdr[i].sh_offset,
			    shdr[i].sh_size);
	resolve(bytes, offsets, values);
	for (unsigned i = 0; i < shnum; i++)
		if (shdr[i].sh_type == SHT_RELA &&
		    (shdr[shdr[i].sh_info].sh_flags & SHF_ALLOC) != 0)
			relocate(bytes, &shdr[i], memory,
			    offsets[shdr[i].sh_info], values);
	/* A compiler that knows free(3) would leave all of it out. */
	__asm__ volatile("" : : "r"(memory) : "memory");
	free(memory);
	free(values);
	free(offsets);
}

int
main(int argc, char **argv)
{
	struct files files = read_files(argc, argv);
	double start;
	size_t n = 0;

	index_kernel(files.kernel.bytes);
	start = cpu_us();
	while (cpu_us() - start < files.us)
		for (size_t i = 0; i < files.nmodules; i++, n++)
			load(&files.modules[i]);
	printf("%.0f\n", (double)n * 1e6 / (cpu_us() - start));
	free_files(&files);
	return 0;
}
