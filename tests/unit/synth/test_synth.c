/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The synthesizer, read back with libelf: what was asked for is what is there.
 */

#include "support_synth_file.h"

static void
a_kernel_and_a_module_take_ten_lines_each(void **state)
{
	struct kldsim_synth *k, *m;
	struct file file;
	GElf_Sym sym;
	GElf_Shdr shdr;
	int init;

	(void)state;
	k = kldsim_synth_new("amd64", KLDSIM_SYNTH_KERNEL);
	kldsim_synth_func(k, "printf");
	kldsim_synth_vnet(k, "ifcount", "\1\0\0\0", 4, 4);
	file = finish(k);
	assert_int_equal(file.ehdr.e_type, ET_EXEC);
	assert_int_equal(file.ehdr.e_machine, EM_X86_64);
	assert_int_equal(file.ehdr.e_ident[EI_OSABI], ELFOSABI_FREEBSD);
	assert_true(symbol(&file, ".dynsym", "printf", &sym) != 0);
	assert_int_equal(sym.st_size, 16);
	assert_true(symbol(&file, ".dynsym", "osreldate", &sym) != 0);
	assert_int_equal(integer(&file, offset_of(&file, sym.st_value), 4),
	    1201000);
	assert_true(symbol(&file, ".symtab", "vnet_entry_ifcount", &sym) != 0);
	assert_int_equal(integer(&file, offset_of(&file, sym.st_value), 4), 1);
	done(k, &file);

	m = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	init = kldsim_synth_func(m, "foo_init");
	kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".text"), 1,
	    "R_X86_64_PLT32", kldsim_synth_ref(m, "printf"), -4);
	kldsim_synth_vnet(m, "foo_limit", "\5\0\0\0", 4, 4);
	kldsim_synth_declare_module(m, "foo", 0, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(m, "foo", 1);
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0, init, 0);
	file = finish(m);
	assert_int_equal(file.ehdr.e_type, ET_REL);
	assert_int_equal(file.ehdr.e_phnum, 0);
	assert_non_null(find(&file, ".rela.text", &shdr));
	assert_non_null(find(&file, ".relaset_sysinit_set", &shdr));
	assert_non_null(find(&file, ".relaset_modmetadata_set", &shdr));
	done(m, &file);
}

struct wanted {
	const char *name;
	int bind, type, section; /* 1: .data */
	uint64_t value, size;
};

static const struct wanted wanteds[] = {
	{"local_object", 0, KLDSIM_SYNTH_OBJECT, 1, 8, 4},
	{"a_file.c", 0, KLDSIM_SYNTH_FILE, KLDSIM_SYNTH_ABS, 0, 0},
	{"global_func", 1, KLDSIM_SYNTH_FUNC, 1, 0, 16},
	{"weak_data", 2, KLDSIM_SYNTH_OBJECT, 1, 4, 4},
	{"unique", 10, KLDSIM_SYNTH_OBJECT, 1, 4, 4},
	{"absolute", 1, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_ABS, 0x1234, 0},
	{"common", 1, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_COMMON, 32, 100},
	{"undefined", 1, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0, 0},
	{"weak_undefined", 2, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0, 0},
	{"ifunc", 1, KLDSIM_SYNTH_IFUNC, 1, 0, 16},
	{"local_ifunc", 0, KLDSIM_SYNTH_IFUNC, 1, 16, 16},
};

static void
check_wanted(const struct file *file, const struct wanted *wanted,
    unsigned data)
{
	GElf_Sym sym;

	assert_true(symbol(file, ".symtab", wanted->name, &sym) != 0);
	assert_int_equal(GELF_ST_BIND(sym.st_info), wanted->bind);
	assert_int_equal(GELF_ST_TYPE(sym.st_info), wanted->type);
	assert_int_equal(sym.st_value, wanted->value);
	assert_int_equal(sym.st_size, wanted->size);
	assert_int_equal(sym.st_shndx,
	    wanted->section == KLDSIM_SYNTH_ABS ? SHN_ABS :
	    wanted->section == KLDSIM_SYNTH_COMMON ? SHN_COMMON :
	    wanted->section == KLDSIM_SYNTH_UNDEF ? SHN_UNDEF : data);
}

static void
every_symbol_of_every_machine_is_as_asked(void **state)
{
	struct kldsim_synth *s;
	struct file file;
	const char *machine;
	GElf_Shdr shdr;
	GElf_Sym sym;
	size_t i, j, n = sizeof(wanteds) / sizeof(wanteds[0]);
	int data;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		s = kldsim_synth_new(machine, KLDSIM_SYNTH_REL);
		data = kldsim_synth_section_named(s, ".data");
		kldsim_synth_append(s, data, NULL, 64);
		for (j = 0; j < n; j++)
			kldsim_synth_symbol(s, wanteds[j].name,
			    wanteds[j].bind, wanteds[j].type,
			    wanteds[j].section == 1 ? data :
			    wanteds[j].section, wanteds[j].value,
			    wanteds[j].size);
		kldsim_synth_other(s, kldsim_synth_ref(s, "weak_data"), 2);
		file = finish(s);
		for (j = 0; j < n; j++)
			check_wanted(&file, &wanteds[j], (unsigned)data);
		(void)data_of(&file, ".symtab", &shdr);
		assert_int_equal(shdr.sh_info, 4); /* 3 locals and null */
		assert_int_equal(shdr.sh_size / shdr.sh_entsize, n + 1);
		assert_true(symbol(&file, ".symtab", "weak_data", &sym) > 3);
		assert_int_equal(sym.st_other, 2);
		done(s, &file);
	}
}

static void
references_are_defined_later(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	int ref = kldsim_synth_ref(s, "later"), again;
	struct file file;
	GElf_Sym sym;
	GElf_Shdr shdr;

	(void)state;
	assert_int_equal(kldsim_synth_find_symbol(s, "later"), ref);
	assert_int_equal(kldsim_synth_func(s, "later"), ref);
	again = kldsim_synth_symbol(s, "later", 1, 0, KLDSIM_SYNTH_UNDEF, 0,
	    0);
	assert_int_not_equal(again, ref);
	assert_int_equal(kldsim_synth_weak_ref(s, "later"), ref);
	assert_int_equal(kldsim_synth_find_symbol(s, "never"), 0);
	file = finish(s);
	assert_int_equal(symbol(&file, ".symtab", "later", &sym), 1);
	assert_int_equal(GELF_ST_TYPE(sym.st_info), STT_FUNC);
	(void)data_of(&file, ".symtab", &shdr);
	assert_int_equal(shdr.sh_size / shdr.sh_entsize, 3);
	done(s, &file);
}

static void
relocations_are_as_asked(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	int data = kldsim_synth_section_named(s, ".data"), to, rel;
	struct file file;
	GElf_Shdr shdr;
	GElf_Rela rela;
	GElf_Rel entry;
	GElf_Sym sym;
	Elf_Data *table;

	(void)state;
	kldsim_synth_append(s, data, NULL, 32);
	to = kldsim_synth_ref(s, "to");
	assert_int_equal(kldsim_synth_reloc(s, data, 0, "R_X86_64_64", to, -9),
	    0);
	assert_int_equal(kldsim_synth_reloc(s, data, 8, "0x29", to, 4), 1);
	kldsim_synth_reloc_number(s, data, 0xdeadbeef, 0x12345678, 0, 0);
	rel = kldsim_synth_section(s, "", KLDSIM_SYNTH_PROGBITS,
	    KLDSIM_SYNTH_ALLOC, 8);
	kldsim_synth_append(s, rel, "\7\0\0\0\0\0\0\0", 8);
	kldsim_synth_append(s, rel, NULL, 8);
	kldsim_synth_option(s, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(s, rel, 0, "R_X86_64_64", to, 0);
	kldsim_synth_reloc(s, rel, 8, "R_X86_64_32S", to, -2);
	file = finish(s);

	table = data_of(&file, ".rela.data", &shdr);
	assert_int_equal(shdr.sh_type, SHT_RELA);
	assert_int_equal(shdr.sh_info, data);
	assert_int_equal(shdr.sh_size, 3 * 24);
	assert_non_null(gelf_getrela(table, 0, &rela));
	assert_int_equal(rela.r_offset, 0);
	assert_int_equal(GELF_R_TYPE(rela.r_info), R_X86_64_64);
	assert_int_equal(GELF_R_SYM(rela.r_info),
	    symbol(&file, ".symtab", "to", &sym));
	assert_int_equal(rela.r_addend, -9);
	assert_non_null(gelf_getrela(table, 1, &rela));
	assert_int_equal(GELF_R_TYPE(rela.r_info), 41);
	assert_non_null(gelf_getrela(table, 2, &rela));
	assert_int_equal(GELF_R_TYPE(rela.r_info), 0x12345678);
	assert_int_equal(rela.r_offset, 0xdeadbeef);
	assert_int_equal(GELF_R_SYM(rela.r_info), 0);

	table = data_of(&file, ".rel", &shdr);
	assert_int_equal(shdr.sh_type, SHT_REL);
	assert_non_null(gelf_getrel(table, 1, &entry));
	assert_int_equal(GELF_R_TYPE(entry.r_info), R_X86_64_32S);
	table = elf_getdata(elf_getscn(file.elf, (size_t)rel), NULL);
	assert_memory_equal(table->d_buf,
	    "\7\0\0\0\0\0\0\0\xfe\xff\xff\xff\0\0\0\0", 16);
	done(s, &file);
}

/* The relocation of a place in an ET_REL file: its symbol and addend. */
static bool
reloc_at(const struct file *file, const char *section, uint64_t offset,
    GElf_Sym *to, int64_t *addend)
{
	char name[100];
	GElf_Shdr shdr, syms;
	GElf_Rela rela;
	GElf_Rel rel;
	Elf_Data *data;
	Elf_Scn *scn;
	size_t i;
	bool is_rela;

	(void)snprintf(name, sizeof(name), ".rela%s", section);
	if ((scn = find(file, name, &shdr)) == NULL) {
		(void)snprintf(name, sizeof(name), ".rel%s", section);
		scn = find(file, name, &shdr);
	}
	assert_non_null(scn);
	is_rela = shdr.sh_type == SHT_RELA;
	data = elf_getdata(scn, NULL);
	for (i = 0; i < shdr.sh_size / shdr.sh_entsize; i++) {
		if (is_rela) {
			assert_non_null(gelf_getrela(data, (int)i, &rela));
		} else {
			assert_non_null(gelf_getrel(data, (int)i, &rel));
			rela.r_offset = rel.r_offset;
			rela.r_info = rel.r_info;
		}
		if (rela.r_offset != offset)
			continue;
		assert_non_null(gelf_getsym(data_of(file, ".symtab", &syms),
		    (int)GELF_R_SYM(rela.r_info), to));
		*addend = rela.r_addend;
		if (!is_rela) {
			assert_non_null(find(file, section, &shdr));
			*addend = (int64_t)integer(file,
			    shdr.sh_offset + offset, word_of(file));
		}
		return true;
	}
	return false;
}

/* A C string that a word of .data points to. */
static const char *
string_at(const struct file *file, uint64_t offset)
{
	GElf_Sym to;
	GElf_Shdr shdr;
	int64_t addend;

	assert_true(reloc_at(file, ".data", offset, &to, &addend));
	assert_non_null(gelf_getshdr(elf_getscn(file->elf, to.st_shndx),
	    &shdr));
	return (const char *)file->bytes + shdr.sh_offset + to.st_value +
	    (uint64_t)addend;
}

/* The offset in .data of entry i's struct mod_metadata. */
static uint64_t
metadata(const struct file *file, unsigned i)
{
	GElf_Sym to;
	int64_t addend;

	assert_true(reloc_at(file, "set_modmetadata_set", i * word_of(file),
	    &to, &addend));
	assert_int_equal(addend, 0);
	return to.st_value;
}

static void
check_metadata(const struct file *file, uint64_t data)
{
	unsigned word = word_of(file);
	uint64_t at;
	int64_t addend;
	GElf_Sym to;

	at = metadata(file, 0); /* MDT_VERSION */
	assert_int_equal(integer(file, data + at, 4), 1);
	assert_int_equal(integer(file, data + at + 4, 4), 3);
	assert_string_equal(string_at(file, at + 8 + word), "foo");
	assert_true(reloc_at(file, ".data", at + 8, &to, &addend));
	assert_int_equal(integer(file, data + to.st_value, 4), 7);
	at = metadata(file, 1); /* MDT_DEPEND */
	assert_int_equal(integer(file, data + at + 4, 4), 1);
	assert_string_equal(string_at(file, at + 8 + word), "bar");
	assert_true(reloc_at(file, ".data", at + 8, &to, &addend));
	assert_int_equal(to.st_size, 12);
	assert_int_equal(integer(file, data + to.st_value, 4), 1);
	assert_int_equal(integer(file, data + to.st_value + 4, 4), 2);
	assert_int_equal(integer(file, data + to.st_value + 8, 4), 0xfffffffd);
	at = metadata(file, 2); /* MDT_MODULE */
	assert_int_equal(integer(file, data + at + 4, 4), 2);
	assert_true(reloc_at(file, ".data", at + 8, &to, &addend));
	assert_int_equal(to.st_size, 3 * word);
	at = to.st_value;
	assert_string_equal(string_at(file, at), "foo");
	assert_true(reloc_at(file, ".data", at + word, &to, &addend));
	assert_int_equal(GELF_ST_TYPE(to.st_info), STT_FUNC);
	assert_false(reloc_at(file, ".data", at + 2 * word, &to, &addend));
	at = metadata(file, 3); /* MDT_PNP_INFO */
	assert_int_equal(integer(file, data + at + 4, 4), 4);
	assert_true(reloc_at(file, ".data", at + 8, &to, &addend));
	assert_int_equal(to.st_size, word == 8 ? 32 : 20);
	assert_string_equal(string_at(file, to.st_value), "U16:vendor;");
	assert_string_equal(string_at(file, to.st_value + word), "pci");
	assert_int_equal(integer(file, data + to.st_value + 3 * word, 4), 6);
	assert_int_equal(integer(file, data + to.st_value + 3 * word + 4, 4),
	    9);
}

static void
metadata_has_the_layout_of_the_target(void **state)
{
	struct kldsim_synth *s;
	struct file file;
	const char *machine;
	GElf_Shdr shdr;
	GElf_Sym sym;
	size_t i;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		if (is_generic(machine))
			continue;
		s = kldsim_synth_new(machine, KLDSIM_SYNTH_REL);
		kldsim_synth_mdt_version(s, "foo", 7);
		kldsim_synth_mdt_depend(s, "bar", 1, 2, -3);
		kldsim_synth_mdt_module(s, "foo",
		    kldsim_synth_func(s, "handler"), 0);
		kldsim_synth_mdt_pnp(s, "pci", "U16:vendor;",
		    kldsim_synth_object(s, "ids", "abcdef", 6, 1), 6, 9);
		file = finish(s);
		(void)data_of(&file, ".data", &shdr);
		check_metadata(&file, shdr.sh_offset);
		assert_true(symbol(&file, ".symtab",
		    "__set_modmetadata_set_sym__mod_metadata_foo", &sym) != 0);
		assert_int_equal(sym.st_size, word_of(&file));
		assert_true(symbol(&file, ".symtab",
		    "__start_set_modmetadata_set", &sym) != 0);
		assert_int_equal(sym.st_shndx, SHN_UNDEF);
		done(s, &file);
	}
}

static void
check_sysinit(const char *machine, bool link)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, KLDSIM_SYNTH_REL);
	int func = kldsim_synth_func(s, "run"), data, un;
	uint64_t at = 0, func_at;
	GElf_Shdr shdr;
	GElf_Sym to;
	struct file file;
	int64_t addend;
	unsigned word;

	kldsim_synth_option(s, KLDSIM_SYNTH_SYSINIT_LINK, link);
	data = kldsim_synth_object(s, "data", "x", 1, 1);
	kldsim_synth_sysinit(s, "up", 0x3100000, 0xfffffff, func, data);
	un = kldsim_synth_sysuninit(s, "down", 0x3100001, 2, func, 0);
	file = finish(s);
	word = word_of(&file);
	func_at = link ? 8 + word : 8;
	(void)data_of(&file, ".data", &shdr);
	assert_true(symbol(&file, ".symtab", "up_sys_init", &to) != 0);
	at = to.st_value;
	assert_int_equal(to.st_size, func_at + 2 * word);
	assert_int_equal(integer(&file, shdr.sh_offset + at, 4), 0x3100000);
	assert_int_equal(integer(&file, shdr.sh_offset + at + 4, 4),
	    0xfffffff);
	assert_true(reloc_at(&file, ".data", at + func_at, &to, &addend));
	assert_int_equal(GELF_ST_TYPE(to.st_info), STT_FUNC);
	assert_true(reloc_at(&file, ".data", at + func_at + word, &to,
	    &addend));
	at = kldsim_synth_symbol_value(s, un);
	assert_int_equal(integer(&file, shdr.sh_offset + at + 4, 4), 2);
	assert_false(reloc_at(&file, ".data", at + func_at + word, &to,
	    &addend));
	assert_true(reloc_at(&file, "set_sysuninit_set", 0, &to, &addend));
	assert_int_equal(to.st_value, at);
	(void)data_of(&file, "set_sysinit_set", &shdr);
	assert_true((shdr.sh_flags & SHF_WRITE) != 0);
	done(s, &file);
}

static void
sysinits_have_the_layout_of_target_and_release(void **state)
{
	(void)state;
	check_sysinit("amd64", false);
	check_sysinit("amd64", true);
	check_sysinit("i386", false);
	check_sysinit("i386", true);
	check_sysinit("powerpc", false);
	check_sysinit("powerpc64", true);
}

static void
declare_module_needs_this_kernel(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym sym, to;
	int64_t addend;

	(void)state;
	kldsim_synth_option(s, KLDSIM_SYNTH_OSRELDATE, 1300139);
	kldsim_synth_declare_module(s, "foo", 0, 1, 2);
	file = finish(s);
	(void)data_of(&file, ".data", &shdr);
	assert_true(symbol(&file, ".symtab", "_depend_on_kernel", &sym) != 0);
	assert_int_equal(integer(&file, shdr.sh_offset + sym.st_value, 4),
	    1300139);
	assert_int_equal(integer(&file, shdr.sh_offset + sym.st_value + 8, 4),
	    1399999);
	assert_true(symbol(&file, ".symtab", "foo_sys_init", &sym) != 0);
	assert_true(reloc_at(&file, ".data", sym.st_value + 8, &to, &addend));
	assert_int_equal(to.st_shndx, SHN_UNDEF);
	done(s, &file);
}

static void
dpcpu_and_vnet_sets_in_modules(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym sym;
	int64_t addend;
	int v;

	(void)state;
	v = kldsim_synth_vnet(s, "a", "\1\2\3", 3, 1);
	kldsim_synth_bind(s, v, KLDSIM_SYNTH_LOCAL);
	kldsim_synth_vnet_pointer(s, "p", v, 2);
	(void)kldsim_synth_section(s, "set_pcpu", KLDSIM_SYNTH_NOBITS,
	    KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_WRITE, 64);
	kldsim_synth_dpcpu(s, "zero", NULL, 0x200, 64);
	file = finish(s);
	(void)data_of(&file, "set_pcpu", &shdr);
	assert_int_equal(shdr.sh_type, SHT_NOBITS);
	assert_int_equal(shdr.sh_size, 0x200);
	assert_int_equal(shdr.sh_addralign, 64);
	assert_true(symbol(&file, ".symtab", "pcpu_entry_zero", &sym) != 0);
	assert_int_equal(GELF_ST_BIND(sym.st_info), STB_GLOBAL);
	(void)data_of(&file, "set_vnet", &shdr);
	assert_int_equal(shdr.sh_size, 16);
	assert_memory_equal((char *)file.bytes + shdr.sh_offset,
	    "\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_true(reloc_at(&file, "set_vnet", 8, &sym, &addend));
	assert_int_equal(addend, 2);
	assert_int_equal(GELF_ST_BIND(sym.st_info), STB_LOCAL);
	done(s, &file);
}

static void
constructors_go_to_their_sections(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	int func = kldsim_synth_func(s, "ctor");
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym to;
	int64_t addend;

	(void)state;
	kldsim_synth_ctor(s, ".ctors", 0);
	kldsim_synth_ctor(s, ".ctors", func);
	kldsim_synth_ctor(s, ".init_array", func);
	kldsim_synth_ctor(s, ".fini_array", func);
	file = finish(s);
	(void)data_of(&file, ".ctors", &shdr);
	assert_int_equal(shdr.sh_type, SHT_PROGBITS);
	assert_int_equal(shdr.sh_size, 16);
	assert_false(reloc_at(&file, ".ctors", 0, &to, &addend));
	assert_true(reloc_at(&file, ".ctors", 8, &to, &addend));
	(void)data_of(&file, ".init_array", &shdr);
	assert_int_equal(shdr.sh_type, SHT_INIT_ARRAY);
	(void)data_of(&file, ".fini_array", &shdr);
	assert_int_equal(shdr.sh_type, SHT_FINI_ARRAY);
	done(s, &file);
}

static void
the_same_calls_give_the_same_bytes(void **state)
{
	struct kldsim_error error;
	struct kldsim_synth *s;
	const char *machine;
	void *bytes[3];
	size_t i, size[3];
	int n;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		if (is_generic(machine))
			continue;
		for (n = 0; n < 2; n++) {
			s = kldsim_synth_new(machine, KLDSIM_SYNTH_KERNEL);
			kldsim_synth_func(s, "printf");
			kldsim_synth_vnet(s, "v", "1234", 4, 4);
			assert_int_equal(kldsim_synth_finish(s, &bytes[n],
			    &size[n], &error), KLDSIM_OK);
			if (n == 1)
				assert_int_equal(kldsim_synth_finish(s,
				    &bytes[2], &size[2], &error), KLDSIM_OK);
			kldsim_synth_free(s);
		}
		for (n = 1; n < 3; n++) {
			assert_int_equal(size[n], size[0]);
			assert_memory_equal(bytes[n], bytes[0], size[0]);
		}
		for (n = 0; n < 3; n++)
			kldsim_synth_free_bytes(bytes[n]);
	}
}

static void
expect_failure(struct kldsim_synth *s, const char *text)
{
	struct kldsim_error error = {0};
	void *bytes = &error;
	size_t size = 1;

	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, &error),
	    KLDSIM_ARG);
	assert_null(bytes);
	assert_int_equal(size, 0);
	assert_int_equal(error.status, KLDSIM_ARG);
	if (strstr(error.text, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, error.text);
	kldsim_synth_free(s);
}

static struct kldsim_synth *
fresh(void)
{
	return kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
}

static void
the_first_mistake_is_told(void **state)
{
	struct kldsim_synth *s;

	(void)state;
	expect_failure(kldsim_synth_new("vax", KLDSIM_SYNTH_REL), "\"vax\"");
	expect_failure(kldsim_synth_new("amd64",
	    (enum kldsim_synth_kind)9), "kind 9");
	s = fresh();
	kldsim_synth_reloc(s, kldsim_synth_section_named(s, ".text"), 0,
	    "R_ARM_ABS32", 0, 0);
	kldsim_synth_append(s, 77, "x", 1);
	expect_failure(s, "R_ARM_ABS32");
	s = fresh();
	kldsim_synth_append(s, kldsim_synth_section_named(s, ".bss"), "x", 1);
	expect_failure(s, ".bss: NOBITS");
	s = fresh();
	kldsim_synth_symbol(s, "x", 1, 0, 5, 0, 0);
	expect_failure(s, "no section 5");
	s = fresh();
	kldsim_synth_pointer(s, kldsim_synth_section_named(s, ".data"), 0,
	    kldsim_synth_ref(s, "x"), 0);
	expect_failure(s, ".data: no pointer fits");
	s = fresh();
	kldsim_synth_align(s, kldsim_synth_section_named(s, ".data"), 3);
	expect_failure(s, "alignment 3");
	s = fresh();
	kldsim_synth_option(s, (enum kldsim_synth_option)999, 1);
	expect_failure(s, "option 999");
	s = kldsim_synth_new("elf32be", KLDSIM_SYNTH_REL);
	kldsim_synth_set_entry(s, "x", kldsim_synth_func(s, "f"));
	expect_failure(s, "no relocation for pointers");
	s = fresh();
	kldsim_synth_option(s, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(s, kldsim_synth_section_named(s, ".data"), 0, "1",
	    0, 5);
	expect_failure(s, "no room for an addend");
}

static void
no_builder_is_no_memory(void **state)
{
	struct kldsim_error error = {0};
	void *bytes;
	size_t size;

	(void)state;
	kldsim_synth_func(NULL, "f");
	kldsim_synth_vnet(NULL, "f", "1", 1, 1);
	kldsim_synth_declare_module(NULL, "f", 0, 1, 1);
	kldsim_synth_mdt_pnp(NULL, "f", "g", 0, 1, 1);
	kldsim_synth_override(NULL, "ehdr.e_type", 1);
	kldsim_synth_poke(NULL, 0, "", 1);
	kldsim_synth_truncate_to(NULL, 0);
	kldsim_synth_ctor(NULL, ".ctors", 0);
	kldsim_synth_dpcpu_modspace(NULL, 1);
	kldsim_synth_append_int(NULL, 1, 1, 1);
	assert_int_equal(kldsim_synth_symbol_value(NULL, 1), 0);
	assert_int_equal(kldsim_synth_finish(NULL, &bytes, &size, &error),
	    KLDSIM_NOMEM);
	assert_int_equal(error.status, KLDSIM_NOMEM);
	kldsim_synth_free(NULL);
}

static void
many_symbols_and_relocations(void **state)
{
	enum { MANY = 200000 };
	struct kldsim_synth *s = fresh();
	int data = kldsim_synth_section_named(s, ".data"), i;
	struct file file;
	GElf_Shdr shdr;
	GElf_Sym sym;
	char name[32];

	(void)state;
	kldsim_synth_append(s, data, NULL, 8);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "symbol_%d", i);
		kldsim_synth_reloc(s, data, 0, "R_X86_64_64",
		    kldsim_synth_symbol(s, name, 1, 1, data,
		    (uint64_t)i, 1), i);
	}
	file = finish(s);
	(void)data_of(&file, ".rela.data", &shdr);
	assert_int_equal(shdr.sh_size, 24ull * MANY);
	assert_int_equal(symbol(&file, ".symtab", "symbol_199999", &sym),
	    MANY);
	done(s, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_and_a_module_take_ten_lines_each),
		cmocka_unit_test(every_symbol_of_every_machine_is_as_asked),
		cmocka_unit_test(references_are_defined_later),
		cmocka_unit_test(relocations_are_as_asked),
		cmocka_unit_test(metadata_has_the_layout_of_the_target),
		cmocka_unit_test(sysinits_have_the_layout_of_target_and_release),
		cmocka_unit_test(declare_module_needs_this_kernel),
		cmocka_unit_test(dpcpu_and_vnet_sets_in_modules),
		cmocka_unit_test(constructors_go_to_their_sections),
		cmocka_unit_test(the_same_calls_give_the_same_bytes),
		cmocka_unit_test(the_first_mistake_is_told),
		cmocka_unit_test(no_builder_is_no_memory),
		cmocka_unit_test(many_symbols_and_relocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
