/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SYNTH_FILE_H
#define SUPPORT_SYNTH_FILE_H

/* Reading a synthesized file back with libelf, for the synthesizer's tests. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gelf.h>

#include <kldsim/synth.h>

/* A finished file, opened with libelf. */
struct file {
	void *bytes;
	size_t size;
	Elf *elf;
	GElf_Ehdr ehdr;
};

static inline struct file
finish(struct kldsim_synth *synth)
{
	struct kldsim_error error;
	struct file file;

	if (kldsim_synth_finish(synth, &file.bytes, &file.size, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	file.elf = elf_memory(file.bytes, file.size);
	assert_non_null(file.elf);
	assert_non_null(gelf_getehdr(file.elf, &file.ehdr));
	return file;
}

static inline void
done(struct kldsim_synth *synth, struct file *file)
{
	elf_end(file->elf);
	kldsim_synth_free_bytes(file->bytes);
	kldsim_synth_free(synth);
}

/* The first section of a name; NULL if there is none. */
static inline Elf_Scn *
find(const struct file *file, const char *name, GElf_Shdr *shdr)
{
	Elf_Scn *scn = NULL;
	size_t names;

	assert_int_equal(elf_getshdrstrndx(file->elf, &names), 0);
	while ((scn = elf_nextscn(file->elf, scn)) != NULL) {
		assert_non_null(gelf_getshdr(scn, shdr));
		if (strcmp(elf_strptr(file->elf, names, shdr->sh_name),
		    name) == 0)
			return scn;
	}
	return NULL;
}

static inline Elf_Data *
data_of(const struct file *file, const char *name, GElf_Shdr *shdr)
{
	Elf_Scn *scn = find(file, name, shdr);

	if (scn == NULL)
		fail_msg("no section %s", name);
	return elf_getdata(scn, NULL);
}

/* A symbol of .symtab or .dynsym by name; its index, 0 if it is not there. */
static inline size_t
symbol(const struct file *file, const char *table, const char *name,
    GElf_Sym *sym)
{
	GElf_Shdr shdr;
	Elf_Data *data = data_of(file, table, &shdr);
	size_t i, n = shdr.sh_size / shdr.sh_entsize;

	for (i = 1; i < n; i++) {
		assert_non_null(gelf_getsym(data, (int)i, sym));
		if (strcmp(elf_strptr(file->elf, shdr.sh_link, sym->st_name),
		    name) == 0)
			return i;
	}
	return 0;
}

static inline uint64_t
integer(const struct file *file, uint64_t offset, unsigned width)
{
	const unsigned char *at = (const unsigned char *)file->bytes + offset;
	uint64_t value = 0;
	unsigned i;

	assert_true(offset + width <= file->size);
	for (i = 0; i < width; i++)
		value = value << 8 |
		    at[file->ehdr.e_ident[EI_DATA] == ELFDATA2MSB ? i :
		    width - 1 - i];
	return value;
}

static inline unsigned
word_of(const struct file *file)
{
	return file->ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
}

/* The file offset of an address of a linked file. */
static inline uint64_t
offset_of(const struct file *file, uint64_t addr)
{
	GElf_Phdr phdr;
	int i;

	for (i = 0; i < file->ehdr.e_phnum; i++) {
		assert_non_null(gelf_getphdr(file->elf, i, &phdr));
		if (phdr.p_type == PT_LOAD && addr >= phdr.p_vaddr &&
		    addr - phdr.p_vaddr < phdr.p_filesz)
			return phdr.p_offset + (addr - phdr.p_vaddr);
	}
	fail_msg("address 0x%llx is in no segment", (unsigned long long)addr);
	return 0;
}

static inline bool
is_generic(const char *machine)
{
	return strncmp(machine, "elf", 3) == 0;
}

#endif
