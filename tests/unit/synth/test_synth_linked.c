/* SPDX-License-Identifier: BSD-2-Clause */
/* Synthesized kernels and ET_DYN modules: segments, hashes, dynamic tables. */

#include "support_synth_file.h"

static struct kldsim_synth *
small_kernel(const char *machine)
{
	struct kldsim_synth *k = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_KERNEL);
	int first = kldsim_synth_func(k, "first"), i;
	char name[32];

	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "function_%d", i);
		kldsim_synth_func(k, name);
	}
	kldsim_synth_bind(k, kldsim_synth_func(k, "hidden"),
	    KLDSIM_SYNTH_LOCAL);
	kldsim_synth_dpcpu_pointer(k, "before", first, 4);
	kldsim_synth_dpcpu_modspace(k, 128);
	kldsim_synth_dpcpu(k, "after", "\1\2\3\4", 4, 4);
	kldsim_synth_vnet(k, "v", "\5\6\7\10", 4, 4);
	kldsim_synth_sysinit(k, "first", 1, 2, first, 0);
	kldsim_synth_option(k, KLDSIM_SYNTH_GNU_HASH, 1);
	return k;
}

static unsigned
sysv_hash(const char *name)
{
	return (unsigned)elf_hash(name);
}

/* Look a name up the way the kernel linker does. */
static size_t
hash_lookup(const struct file *file, const char *name)
{
	GElf_Shdr hash, syms;
	Elf_Data *data;
	GElf_Sym sym;
	uint64_t nbuckets, i;

	assert_non_null(find(file, ".hash", &hash));
	data = data_of(file, ".dynsym", &syms);
	nbuckets = integer(file, hash.sh_offset, 4);
	assert_int_equal(integer(file, hash.sh_offset + 4, 4),
	    syms.sh_size / syms.sh_entsize);
	i = integer(file, hash.sh_offset + 8 + sysv_hash(name) % nbuckets * 4,
	    4);
	for (; i != 0; i = integer(file,
	    hash.sh_offset + 8 + (nbuckets + i) * 4, 4)) {
		assert_non_null(gelf_getsym(data, (int)i, &sym));
		if (strcmp(elf_strptr(file->elf, syms.sh_link, sym.st_name),
		    name) == 0)
			return (size_t)i;
	}
	return 0;
}

static uint32_t
gnu_name_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* Look a name up the way a run-time linker does with .gnu.hash. */
static size_t
gnu_lookup(const struct file *file, const char *name)
{
	GElf_Shdr shdr, syms;
	GElf_Sym sym;
	uint32_t hash = gnu_name_hash(name);
	unsigned word = word_of(file);
	uint64_t at, nbuckets, first, words, filter, i, chain, entry;
	Elf_Data *data = data_of(file, ".dynsym", &syms);

	assert_non_null(find(file, ".gnu.hash", &shdr));
	at = shdr.sh_offset;
	nbuckets = integer(file, at, 4);
	first = integer(file, at + 4, 4);
	words = integer(file, at + 8, 4);
	filter = integer(file, at + 16 + hash / (word * 8) % words * word,
	    word);
	if ((filter >> hash % (word * 8) & 1) == 0 ||
	    (filter >> (hash >> integer(file, at + 12, 4)) % (word * 8) & 1) ==
	    0)
		return 0;
	chain = at + 16 + words * word + nbuckets * 4;
	i = integer(file, chain - nbuckets * 4 + hash % nbuckets * 4, 4);
	for (; i != 0; i++) {
		entry = integer(file, chain + (i - first) * 4, 4);
		assert_non_null(gelf_getsym(data, (int)i, &sym));
		if ((entry | 1) == (hash | 1) &&
		    strcmp(elf_strptr(file->elf, syms.sh_link, sym.st_name),
		    name) == 0)
			return (size_t)i;
		if ((entry & 1) != 0)
			break;
	}
	return 0;
}

static void
check_hashes(const struct file *file)
{
	GElf_Shdr shdr;
	Elf_Data *data = data_of(file, ".dynsym", &shdr);
	GElf_Sym sym;
	const char *name;
	size_t i;

	for (i = 1; i < shdr.sh_size / shdr.sh_entsize; i++) {
		assert_non_null(gelf_getsym(data, (int)i, &sym));
		assert_true((GELF_ST_BIND(sym.st_info) == STB_LOCAL) ==
		    (i < shdr.sh_info));
		name = elf_strptr(file->elf, shdr.sh_link, sym.st_name);
		assert_int_equal(hash_lookup(file, name), i);
		if (sym.st_shndx != SHN_UNDEF && i >= shdr.sh_info)
			assert_int_equal(gnu_lookup(file, name), i);
	}
	assert_int_equal(hash_lookup(file, "nothing"), 0);
	assert_int_equal(gnu_lookup(file, "nothing"), 0);
}

/* Segments are in order, apart, aligned, and hold every loaded section. */
static void
check_segments(const struct file *file)
{
	GElf_Phdr phdr;
	GElf_Shdr shdr;
	Elf_Scn *scn = NULL;
	uint64_t end = 0;
	int i;
	bool inside;

	for (i = 0; i < file->ehdr.e_phnum; i++) {
		assert_non_null(gelf_getphdr(file->elf, i, &phdr));
		if (phdr.p_type != PT_LOAD)
			continue;
		assert_int_equal(phdr.p_vaddr % phdr.p_align,
		    phdr.p_offset % phdr.p_align);
		assert_true(phdr.p_vaddr / phdr.p_align * phdr.p_align >= end);
		assert_true(phdr.p_filesz <= phdr.p_memsz);
		end = phdr.p_vaddr + phdr.p_memsz;
	}
	while ((scn = elf_nextscn(file->elf, scn)) != NULL) {
		assert_non_null(gelf_getshdr(scn, &shdr));
		if ((shdr.sh_flags & SHF_ALLOC) == 0)
			continue;
		inside = false;
		for (i = 0; i < file->ehdr.e_phnum; i++) {
			assert_non_null(gelf_getphdr(file->elf, i, &phdr));
			if (phdr.p_type != PT_LOAD ||
			    shdr.sh_addr < phdr.p_vaddr ||
			    shdr.sh_addr + shdr.sh_size >
			    phdr.p_vaddr + phdr.p_memsz)
				continue;
			inside = true;
			assert_int_equal((phdr.p_flags & PF_W) != 0,
			    (shdr.sh_flags & SHF_WRITE) != 0);
			assert_int_equal((phdr.p_flags & PF_X) != 0,
			    (shdr.sh_flags & SHF_EXECINSTR) != 0);
			if (shdr.sh_type != SHT_NOBITS)
				assert_int_equal(shdr.sh_addr - phdr.p_vaddr,
				    shdr.sh_offset - phdr.p_offset);
		}
		assert_true(inside);
		if (shdr.sh_addralign != 0)
			assert_int_equal(shdr.sh_addr % shdr.sh_addralign, 0);
	}
}

static void
check_bounds(const struct file *file, const char *set)
{
	GElf_Shdr shdr;
	GElf_Sym sym;
	char name[64];

	assert_non_null(find(file, set, &shdr));
	(void)snprintf(name, sizeof(name), "__start_%s", set);
	assert_true(symbol(file, ".dynsym", name, &sym) != 0);
	assert_int_equal(sym.st_value, shdr.sh_addr);
	(void)snprintf(name, sizeof(name), "__stop_%s", set);
	assert_true(symbol(file, ".dynsym", name, &sym) != 0);
	assert_int_equal(sym.st_value, shdr.sh_addr + shdr.sh_size);
}

static void
check_modspace(const struct file *file)
{
	GElf_Sym modspace, other;

	assert_true(symbol(file, ".symtab", "pcpu_entry_modspace",
	    &modspace) != 0);
	assert_int_equal(GELF_ST_BIND(modspace.st_info), STB_LOCAL);
	assert_int_equal(modspace.st_size, 128);
	assert_true(symbol(file, ".symtab", "pcpu_entry_before", &other) != 0);
	assert_int_equal(other.st_value + word_of(file), modspace.st_value);
	assert_true(symbol(file, ".symtab", "pcpu_entry_after", &other) != 0);
	assert_int_equal(other.st_value, modspace.st_value + 128);
	assert_true(symbol(file, ".symtab", "vnet_entry_modspace",
	    &modspace) != 0);
	assert_int_equal(modspace.st_size, 32768);
	assert_int_equal(symbol(file, ".dynsym", "vnet_entry_modspace",
	    &modspace), 0);
	assert_int_equal(symbol(file, ".dynsym", "hidden", &other), 0);
	assert_true(symbol(file, ".symtab", "hidden", &other) != 0);
}

static void
check_pointers(const struct file *file)
{
	unsigned word = word_of(file);
	GElf_Sym first, from;

	assert_true(symbol(file, ".symtab", "first", &first) != 0);
	assert_true(symbol(file, ".symtab", "pcpu_entry_before", &from) != 0);
	assert_int_equal(integer(file, offset_of(file, from.st_value), word),
	    first.st_value + 4);
	assert_true(symbol(file, ".symtab", "first_sys_init", &from) != 0);
	assert_int_equal(integer(file, offset_of(file, from.st_value + 8),
	    word), first.st_value);
}

static void
kernels_of_every_machine(void **state)
{
	struct kldsim_synth *k;
	struct file file;
	const char *machine;
	GElf_Shdr shdr;
	size_t i;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		if (is_generic(machine))
			continue;
		k = small_kernel(machine);
		file = finish(k);
		assert_int_equal(file.ehdr.e_type,
		    strncmp(machine, "powerpc", 7) == 0 ? ET_DYN : ET_EXEC);
		assert_int_equal(file.ehdr.e_ident[EI_DATA],
		    strcmp(machine, "powerpc") == 0 ||
		    strcmp(machine, "powerpc64") == 0 ? ELFDATA2MSB :
		    ELFDATA2LSB);
		(void)data_of(&file, ".interp", &shdr);
		assert_string_equal((char *)file.bytes + shdr.sh_offset,
		    "/red/herring");
		check_segments(&file);
		check_hashes(&file);
		check_bounds(&file, "set_pcpu");
		check_bounds(&file, "set_vnet");
		check_bounds(&file, "set_modmetadata_set");
		check_bounds(&file, "set_sysinit_set");
		check_modspace(&file);
		check_pointers(&file);
		done(k, &file);
	}
}

static unsigned
count_phdrs(const struct file *file, uint32_t type)
{
	GElf_Phdr phdr;
	unsigned n = 0;
	int i;

	for (i = 0; i < file->ehdr.e_phnum; i++) {
		assert_non_null(gelf_getphdr(file->elf, i, &phdr));
		n += phdr.p_type == type;
	}
	return n;
}

static void
options_of_kernels(void **state)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym sym;

	(void)state;
	kldsim_synth_func(k, "f");
	kldsim_synth_object(k, "osreldate", "\1\0\0\0", 4, 4);
	kldsim_synth_option(k, KLDSIM_SYNTH_VIMAGE, 0);
	kldsim_synth_dpcpu_modspace(k, 0);
	kldsim_synth_option(k, KLDSIM_SYNTH_BASE, 0xffffffff81000000);
	kldsim_synth_option(k, KLDSIM_SYNTH_MAXCPU, 4);
	kldsim_synth_option(k, KLDSIM_SYNTH_HASH_BUCKETS, 1);
	kldsim_synth_option(k, KLDSIM_SYNTH_SYMTAB, 0);
	kldsim_synth_option(k, KLDSIM_SYNTH_OSABI, 3);
	kldsim_synth_option(k, KLDSIM_SYNTH_E_FLAGS, 0x1234);
	kldsim_synth_option(k, KLDSIM_SYNTH_E_MACHINE, 0x4321);
	kldsim_synth_option(k, KLDSIM_SYNTH_RELRO, 1);
	file = finish(k);
	assert_null(find(&file, "set_vnet", &shdr));
	assert_null(find(&file, "set_pcpu", &shdr));
	assert_null(find(&file, ".symtab", &shdr));
	assert_non_null(find(&file, ".hash", &shdr));
	assert_int_equal(integer(&file, shdr.sh_offset, 4), 1);
	assert_true(hash_lookup(&file, "f") != 0);
	assert_true(symbol(&file, ".dynsym", "dpcpu_off", &sym) != 0);
	assert_int_equal(sym.st_size, 32);
	assert_true(sym.st_value > 0xffffffff81000000);
	assert_true(symbol(&file, ".dynsym", "osreldate", &sym) != 0);
	assert_int_equal(integer(&file, offset_of(&file, sym.st_value), 4), 1);
	assert_int_equal(file.ehdr.e_ident[EI_OSABI], 3);
	assert_int_equal(file.ehdr.e_flags, 0x1234);
	assert_int_equal(file.ehdr.e_machine, 0x4321);
	assert_int_equal(count_phdrs(&file, PT_LOAD), 4);
	done(k, &file);
}

static void
section_headers_can_be_left_out(void **state)
{
	struct kldsim_synth *k = small_kernel("amd64");
	struct file file;

	(void)state;
	kldsim_synth_option(k, KLDSIM_SYNTH_HEADERS, 0);
	file = finish(k);
	assert_int_equal(file.ehdr.e_shoff, 0);
	assert_int_equal(file.ehdr.e_shnum, 0);
	assert_int_equal(count_phdrs(&file, PT_DYNAMIC), 1);
	done(k, &file);
}

/* A tag of .dynamic; 0 if it is not there. */
static uint64_t
dynamic_tag(const struct file *file, int64_t tag, bool *there)
{
	GElf_Shdr shdr;
	Elf_Data *data = data_of(file, ".dynamic", &shdr);
	GElf_Dyn dyn;
	size_t i;

	*there = false;
	for (i = 0; i < shdr.sh_size / shdr.sh_entsize; i++) {
		assert_non_null(gelf_getdyn(data, (int)i, &dyn));
		if (dyn.d_tag == tag) {
			*there = true;
			return dyn.d_un.d_val;
		}
	}
	return 0;
}

/* One relocation of each kind, in .data and in the PLT's table. */
static struct kldsim_synth *
module_with_rela(int *local_ret)
{
	struct kldsim_synth *m = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_MODULE);
	int data = kldsim_synth_section_named(m, ".data"), got;
	int local = kldsim_synth_bind(m, kldsim_synth_func(m, "local"),
	    KLDSIM_SYNTH_LOCAL);

	kldsim_synth_append(m, data, NULL, 32);
	kldsim_synth_pointer(m, data, 0, local, 8);
	kldsim_synth_pointer(m, data, 8, kldsim_synth_func(m, "global"), 8);
	kldsim_synth_reloc(m, data, 16, "R_AARCH64_ABS64", local, 1);
	kldsim_synth_reloc(m, data, 24, "R_AARCH64_IRELATIVE", local, 0);
	got = kldsim_synth_section_named(m, ".got.plt");
	kldsim_synth_append(m, got, NULL, 8);
	kldsim_synth_reloc(m, got, 0, "R_AARCH64_JUMP_SLOT",
	    kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_option(m, KLDSIM_SYNTH_GNU_HASH, 1);
	*local_ret = local;
	return m;
}

static void
check_rela(Elf_Data *table, int index, uint64_t symbol, uint64_t type,
    uint64_t addend)
{
	GElf_Rela rela;

	assert_non_null(gelf_getrela(table, index, &rela));
	assert_int_equal(GELF_R_SYM(rela.r_info), symbol);
	assert_int_equal(GELF_R_TYPE(rela.r_info), type);
	assert_int_equal(rela.r_addend, addend);
}

/* The four of .data, in order; `local` is where the function is. */
static void
check_rela_dyn(struct file *file, uint64_t local)
{
	Elf_Data *table;
	GElf_Shdr shdr;
	GElf_Rela rela;
	GElf_Sym sym;

	table = data_of(file, ".rela.dyn", &shdr);
	assert_int_equal(shdr.sh_size, 4 * 24);
	check_rela(table, 0, 0, R_AARCH64_RELATIVE, local + 8);
	check_rela(table, 1, symbol(file, ".dynsym", "global", &sym),
	    R_AARCH64_ABS64, 8);
	assert_int_equal(symbol(file, ".dynsym", "local", &sym), 1);
	check_rela(table, 2, 1, R_AARCH64_ABS64, 1);
	check_rela(table, 3, 0, R_AARCH64_IRELATIVE, local);
	(void)data_of(file, ".data", &shdr);
	assert_non_null(gelf_getrela(table, 0, &rela));
	assert_int_equal(rela.r_offset, shdr.sh_addr);
	assert_int_equal(integer(file, shdr.sh_offset, 8), 0);
}

static void
check_rela_plt(struct file *file)
{
	GElf_Shdr shdr;
	GElf_Sym sym;
	bool there;

	check_rela(data_of(file, ".rela.plt", &shdr), 0,
	    symbol(file, ".dynsym", "printf", &sym), R_AARCH64_JUMP_SLOT, 0);
	assert_int_equal(dynamic_tag(file, DT_JMPREL, &there), shdr.sh_addr);
	assert_int_equal(dynamic_tag(file, DT_PLTREL, &there), DT_RELA);
	(void)data_of(file, ".got.plt", &shdr);
	assert_int_equal(dynamic_tag(file, DT_PLTGOT, &there), shdr.sh_addr);
}

static void
modules_with_rela(void **state)
{
	int local;
	struct kldsim_synth *m = module_with_rela(&local);
	struct file file = finish(m);
	bool there;

	(void)state;
	assert_int_equal(file.ehdr.e_type, ET_DYN);
	assert_int_equal(count_phdrs(&file, PT_INTERP), 0);
	check_segments(&file);
	check_hashes(&file);
	check_rela_dyn(&file, kldsim_synth_symbol_value(m, local));
	check_rela_plt(&file);
	assert_int_equal(dynamic_tag(&file, DT_RELASZ, &there), 4 * 24);
	(void)dynamic_tag(&file, DT_TEXTREL, &there);
	assert_false(there);
	done(m, &file);
}

static void
modules_with_rel(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("i386",
	    KLDSIM_SYNTH_MODULE);
	int text = kldsim_synth_section_named(m, ".text"), local;
	struct file file;
	GElf_Shdr shdr, table_header;
	uint64_t call;
	GElf_Rel rel;
	GElf_Sym sym;
	Elf_Data *table;
	bool there;

	(void)state;
	local = kldsim_synth_bind(m, kldsim_synth_func(m, "local"),
	    KLDSIM_SYNTH_LOCAL);
	kldsim_synth_pointer(m, text, 4, local, 8);
	kldsim_synth_reloc(m, text, 8, "R_386_PC32",
	    kldsim_synth_ref(m, "printf"), -4);
	call = kldsim_synth_append(m, text, "\xe8\1\2\3\4\x90\x90\x90", 8);
	kldsim_synth_reloc(m, text, call + 1, "R_386_PLT32",
	    kldsim_synth_ref(m, "printf"), -4);
	kldsim_synth_mdt_version(m, "foo", 3);
	file = finish(m);
	check_segments(&file);
	check_bounds(&file, "set_modmetadata_set");
	table = data_of(&file, ".rel.dyn", &table_header);
	(void)data_of(&file, ".text", &shdr);
	assert_non_null(gelf_getrel(table, 0, &rel));
	assert_int_equal(rel.r_offset, shdr.sh_addr + 4);
	assert_int_equal(rel.r_info, R_386_RELATIVE);
	assert_int_equal(integer(&file, shdr.sh_offset + 4, 4),
	    kldsim_synth_symbol_value(m, local) + 8);
	assert_non_null(gelf_getrel(table, 1, &rel));
	assert_int_equal(GELF_R_TYPE(rel.r_info), R_386_PC32);
	assert_int_equal(GELF_R_SYM(rel.r_info),
	    symbol(&file, ".dynsym", "printf", &sym));
	assert_int_equal(integer(&file, shdr.sh_offset + 8, 4), 0xfffffffc);
	/* An addend of 32 bits, and what is beside it stays. */
	assert_int_equal(integer(&file, shdr.sh_offset + call, 8),
	    UINT64_C(0x909090fffffffce8));
	assert_int_equal(dynamic_tag(&file, DT_TEXTREL, &there), 0);
	assert_true(there);
	assert_int_equal(dynamic_tag(&file, DT_RELENT, &there), 8);
	done(m, &file);
}

/* .dynsym has locals if they are asked for, before all others. */
static void
locals_can_be_dynamic(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_MODULE);
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym sym;

	(void)state;
	kldsim_synth_func(m, "global");
	kldsim_synth_bind(m, kldsim_synth_func(m, "quiet"),
	    KLDSIM_SYNTH_LOCAL);
	kldsim_synth_dynamic(m, kldsim_synth_bind(m,
	    kldsim_synth_func(m, "local"), KLDSIM_SYNTH_LOCAL), true);
	kldsim_synth_dynamic(m, kldsim_synth_func(m, "hidden"), false);
	file = finish(m);
	(void)data_of(&file, ".dynsym", &shdr);
	assert_int_equal(symbol(&file, ".dynsym", "local", &sym), 1);
	assert_int_equal(GELF_ST_BIND(sym.st_info), STB_LOCAL);
	assert_int_equal(shdr.sh_info, 2); /* the first that is not local */
	assert_true(symbol(&file, ".dynsym", "global", &sym) > 1);
	assert_int_equal(symbol(&file, ".dynsym", "quiet", &sym), 0);
	assert_int_equal(symbol(&file, ".dynsym", "hidden", &sym), 0);
	done(m, &file);
}

/* What the dynamic linker writes and nobody else: PT_GNU_RELRO's, in order. */
static void
relro_has_a_segment(void **state)
{
	static const char *const names[] = {".data", ".got", ".data.rel.ro"};
	struct kldsim_synth *m;
	GElf_Shdr shdr[4], dynamic;
	struct file file;
	size_t i, relro;
	bool page;

	(void)state;
	for (relro = 0; relro < 2; relro++) {
		m = kldsim_synth_new("arm64", KLDSIM_SYNTH_MODULE);
		for (i = 0; i < 3; i++)
			kldsim_synth_append(m, kldsim_synth_section(m,
			    names[i], KLDSIM_SYNTH_PROGBITS,
			    KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_WRITE, 8),
			    "12345678", 8);
		kldsim_synth_option(m, KLDSIM_SYNTH_RELRO, relro);
		file = finish(m);
		assert_non_null(find(&file, ".dynamic", &dynamic));
		for (i = 0; i < 3; i++)
			assert_non_null(find(&file, names[i], &shdr[i]));
		/* One behind the other, .dynamic first of all. */
		assert_int_equal(shdr[1].sh_addr + 8, shdr[2].sh_addr);
		assert_true(dynamic.sh_addr < shdr[1].sh_addr);
		page = shdr[0].sh_addr > shdr[2].sh_addr;
		assert_int_equal(page, relro == 1);
		assert_int_equal(count_phdrs(&file, PT_LOAD), 2 + relro);
		done(m, &file);
	}
}

/* __start_ and 247 bytes are the longest name that a bound is given. */
static void
sets_of_long_names(void **state)
{
	char name[260], bound[280];
	struct kldsim_synth *m;
	struct file file;
	GElf_Sym sym;
	size_t length;

	(void)state;
	for (length = 247; length < 250; length += 2) {
		memset(name, 'x', sizeof(name));
		memcpy(name, "set_", 4);
		name[length] = '\0';
		m = kldsim_synth_new("arm64", KLDSIM_SYNTH_MODULE);
		kldsim_synth_append(m, kldsim_synth_section(m, name,
		    KLDSIM_SYNTH_PROGBITS, KLDSIM_SYNTH_ALLOC, 1), "x", 1);
		file = finish(m);
		(void)snprintf(bound, sizeof(bound), "__start_%s", name);
		assert_int_equal(symbol(&file, ".dynsym", bound, &sym) != 0,
		    length == 247);
		done(m, &file);
	}
}

static void
segments_can_be_added(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("riscv64",
	    KLDSIM_SYNTH_MODULE);
	struct file file;
	GElf_Phdr phdr;
	GElf_Shdr shdr;
	int data, bss;

	(void)state;
	kldsim_synth_object(m, "d", "12345678", 8, 8);
	kldsim_synth_object(m, "b", NULL, 100, 8);
	data = kldsim_synth_section_named(m, ".data");
	bss = kldsim_synth_section_named(m, ".bss");
	kldsim_synth_segment(m, PT_LOAD, PF_R, data, bss);
	kldsim_synth_segment(m, PT_INTERP, 0, 0, 0);
	file = finish(m);
	(void)data_of(&file, ".data", &shdr);
	assert_non_null(gelf_getphdr(file.elf, file.ehdr.e_phnum - 2, &phdr));
	assert_int_equal(phdr.p_type, PT_LOAD);
	assert_int_equal(phdr.p_vaddr, shdr.sh_addr);
	assert_int_equal(phdr.p_offset, shdr.sh_offset);
	assert_int_equal(phdr.p_filesz, 8);
	assert_int_equal(phdr.p_memsz, 108);
	assert_int_equal(count_phdrs(&file, PT_INTERP), 1);
	done(m, &file);
}

static void
places_are_told(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("i386",
	    KLDSIM_SYNTH_MODULE);
	int data = kldsim_synth_section_named(m, ".data");
	struct file file;
	GElf_Shdr shdr;
	uint32_t index;
	uint64_t offset, address;

	(void)state;
	kldsim_synth_append_int(m, data, 0x11223344, 4);
	assert_int_equal(kldsim_synth_section_place(m, data, &index, &address,
	    &offset), KLDSIM_NOENT);
	file = finish(m);
	assert_int_equal(kldsim_synth_section_place(m, data, &index, &address,
	    &offset), KLDSIM_OK);
	assert_non_null(gelf_getshdr(elf_getscn(file.elf, index), &shdr));
	assert_int_equal(shdr.sh_addr, address);
	assert_int_equal(shdr.sh_offset, offset);
	assert_int_equal(integer(&file, offset, 4), 0x11223344);
	assert_int_equal(kldsim_synth_section_place(m, 99, NULL, NULL, NULL),
	    KLDSIM_NOENT);
	done(m, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_of_every_machine),
		cmocka_unit_test(options_of_kernels),
		cmocka_unit_test(section_headers_can_be_left_out),
		cmocka_unit_test(modules_with_rela),
		cmocka_unit_test(modules_with_rel),
		cmocka_unit_test(locals_can_be_dynamic),
		cmocka_unit_test(relro_has_a_segment),
		cmocka_unit_test(sets_of_long_names),
		cmocka_unit_test(segments_can_be_added),
		cmocka_unit_test(places_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
