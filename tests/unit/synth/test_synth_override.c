/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are wrong on purpose: every override changes the field that it
 * names, to the value that it gives, and nothing else.
 */

#include "support_synth_file.h"

static struct kldsim_synth *
subject(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, kind);
	int data = kldsim_synth_section_named(s, ".data");
	int func = kldsim_synth_func(s, "func");

	kldsim_synth_append(s, data, NULL, 64);
	kldsim_synth_reloc_number(s, data, 0, 0, func, 0);
	kldsim_synth_reloc_number(s, data, 8, 0, kldsim_synth_ref(s, "undef"),
	    0);
	return s;
}

struct bytes {
	unsigned char *data;
	size_t size;
};

static struct bytes
built(struct kldsim_synth *s)
{
	struct kldsim_error error;
	struct bytes bytes;
	void *data;

	if (kldsim_synth_finish(s, &data, &bytes.size, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	bytes.data = data;
	kldsim_synth_free(s);
	return bytes;
}

/* Apply one override and compare with the honest file, byte by byte. */
static void
check(const char *machine, enum kldsim_synth_kind kind, const char *name,
    uint64_t offset, unsigned width, uint64_t value)
{
	struct bytes honest = built(subject(machine, kind)), wrong;
	struct kldsim_synth *s = subject(machine, kind);
	bool big = honest.data[EI_DATA] == ELFDATA2MSB;
	unsigned i;

	kldsim_synth_override(s, name, value);
	wrong = built(s);
	assert_int_equal(honest.size, wrong.size);
	assert_true(offset + width <= honest.size);
	for (i = 0; i < width; i++)
		honest.data[offset + (big ? width - 1 - i : i)] =
		    (unsigned char)(value >> (8 * i));
	if (memcmp(honest.data, wrong.data, honest.size) != 0)
		fail_msg("%s: %s does not do what it says", machine, name);
	kldsim_synth_free_bytes(honest.data);
	kldsim_synth_free_bytes(wrong.data);
}

struct offset {
	const char *field;
	unsigned small, small_width, large, large_width;
};

/* Independent of the builder: where System V's gABI has the fields. */
#define AT(type, field) {#field, offsetof(Elf32_##type, field), \
	sizeof(((Elf32_##type *)NULL)->field), offsetof(Elf64_##type, field), \
	sizeof(((Elf64_##type *)NULL)->field)}

static const struct offset ehdr[] = {
	AT(Ehdr, e_type), AT(Ehdr, e_machine), AT(Ehdr, e_version),
	AT(Ehdr, e_entry), AT(Ehdr, e_phoff), AT(Ehdr, e_shoff),
	AT(Ehdr, e_flags), AT(Ehdr, e_ehsize), AT(Ehdr, e_phentsize),
	AT(Ehdr, e_phnum), AT(Ehdr, e_shentsize), AT(Ehdr, e_shnum),
	AT(Ehdr, e_shstrndx), {NULL, 0, 0, 0, 0},
};
static const struct offset shdr[] = {
	AT(Shdr, sh_name), AT(Shdr, sh_type), AT(Shdr, sh_flags),
	AT(Shdr, sh_addr), AT(Shdr, sh_offset), AT(Shdr, sh_size),
	AT(Shdr, sh_link), AT(Shdr, sh_info), AT(Shdr, sh_addralign),
	AT(Shdr, sh_entsize), {NULL, 0, 0, 0, 0},
};
static const struct offset phdr[] = {
	AT(Phdr, p_type), AT(Phdr, p_flags), AT(Phdr, p_offset),
	AT(Phdr, p_vaddr), AT(Phdr, p_paddr), AT(Phdr, p_filesz),
	AT(Phdr, p_memsz), AT(Phdr, p_align), {NULL, 0, 0, 0, 0},
};
static const struct offset sym[] = {
	AT(Sym, st_name), AT(Sym, st_value), AT(Sym, st_size),
	AT(Sym, st_info), AT(Sym, st_other), AT(Sym, st_shndx),
	{NULL, 0, 0, 0, 0},
};
static const struct offset rela[] = {
	AT(Rela, r_offset), AT(Rela, r_info), AT(Rela, r_addend),
	{NULL, 0, 0, 0, 0},
};
static const struct offset dyn[] = {
	AT(Dyn, d_tag), {"d_val", 4, 4, 8, 8}, {"d_ptr", 4, 4, 8, 8},
	{NULL, 0, 0, 0, 0},
};

static void
check_all(const char *machine, enum kldsim_synth_kind kind, const char *record,
    uint64_t base, const struct offset *field)
{
	bool is64 = strncmp(machine, "elf64", 5) == 0;
	char name[100];

	for (; field->field != NULL; field++) {
		(void)snprintf(name, sizeof(name), "%s.%s", record,
		    field->field);
		check(machine, kind, name, base +
		    (is64 ? field->large : field->small),
		    is64 ? field->large_width : field->small_width, 0x5a);
		check(machine, kind, name, base +
		    (is64 ? field->large : field->small),
		    is64 ? field->large_width : field->small_width,
		    (uint64_t)-2);
	}
}

/* The file offset of a section header's section. */
static uint64_t
section_offset(const char *machine, enum kldsim_synth_kind kind,
    const char *section, uint64_t *header)
{
	struct kldsim_synth *s = subject(machine, kind);
	struct file file = finish(s);
	GElf_Shdr found;
	Elf_Scn *scn = find(&file, section, &found);
	uint64_t offset = found.sh_offset;

	assert_non_null(scn);
	if (header != NULL)
		*header = file.ehdr.e_shoff +
		    elf_ndxscn(scn) * file.ehdr.e_shentsize;
	done(s, &file);
	return offset;
}

static const char *const machines[] = {"elf32le", "elf32be", "elf64le",
	"elf64be"};

static void
every_field_of_relocatable_files(void **state)
{
	const enum kldsim_synth_kind kind = KLDSIM_SYNTH_REL;
	const char *m;
	uint64_t at, header;
	size_t i;
	bool is64;

	(void)state;
	for (i = 0; i < 4; i++) {
		m = machines[i];
		is64 = i >= 2;
		check_all(m, kind, "ehdr", 0, ehdr);
		check(m, kind, "ehdr.e_ident[4]", 4, 1, 3);
		check(m, kind, "ehdr.e_ident[0]", 0, 1, 0);
		at = section_offset(m, kind, ".data", &header);
		check_all(m, kind, "shdr[.data]", header, shdr);
		check_all(m, kind, "shdr[1]", header, shdr);
		check(m, kind, "byte[.data][0x10]", at + 16, 1, 0xaa);
		at = section_offset(m, kind, ".symtab", NULL);
		check_all(m, kind, "sym[func]", at + (is64 ? 24 : 16), sym);
		check_all(m, kind, "sym[2]", at + (is64 ? 48 : 32), sym);
		at = section_offset(m, kind, ".rela.data", NULL);
		check_all(m, kind, "rela[.data][1]", at + (is64 ? 24 : 12),
		    rela);
		check_all(m, kind, "rela[.rela.data][0]", at, rela);
	}
}

static void
every_field_of_linked_files(void **state)
{
	const enum kldsim_synth_kind kind = KLDSIM_SYNTH_DYN;
	const char *m;
	uint64_t at;
	size_t i;
	bool is64;

	(void)state;
	for (i = 0; i < 4; i++) {
		m = machines[i];
		is64 = i >= 2;
		check_all(m, kind, "phdr[1]", is64 ? 64 + 56 : 52 + 32, phdr);
		check_all(m, kind, "phdr[PT_LOAD]", is64 ? 64 : 52, phdr);
		check_all(m, kind, "phdr[PT_DYNAMIC]",
		    is64 ? 64 + 3 * 56 : 52 + 3 * 32, phdr);
		at = section_offset(m, kind, ".dynsym", NULL);
		check_all(m, kind, "dynsym[func]", at + (is64 ? 24 : 16), sym);
		at = section_offset(m, kind, ".rela.dyn", NULL);
		check_all(m, kind, "rela[.rela.dyn][1]",
		    at + (is64 ? 24 : 12), rela);
		at = section_offset(m, kind, ".dynamic", NULL);
		check_all(m, kind, "dyn[0]", at, dyn);
		check_all(m, kind, "dyn[DT_STRTAB]", at + (is64 ? 16 : 8),
		    dyn);
		check(m, kind, "dyn[DT_STRSZ]", at + (is64 ? 56 : 28),
		    is64 ? 8 : 4, 0x1234567);
		at = section_offset(m, kind, ".hash", NULL);
		check(m, kind, "hash.nbucket", at, 4, 0xffffffff);
		check(m, kind, "hash.nchain", at + 4, 4, 99);
		check(m, kind, "hash[1]", at + 4, 4, 99);
		check(m, kind, "bucket[2]", at + 16, 4, 77);
		check(m, kind, "chain[1]", at + 8 + 3 * 4 + 4, 4, 78);
	}
}

/* r_sym and r_type are parts of r_info, st_bind and st_type of st_info. */
static void
parts_of_fields(void **state)
{
	struct kldsim_synth *s;
	struct file file;
	GElf_Rela entry;
	GElf_Shdr header;
	GElf_Sym func;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		s = subject(machines[i], KLDSIM_SYNTH_REL);
		kldsim_synth_override(s, "rela[.data][1].r_sym", 0x1234);
		kldsim_synth_override(s, "rela[.data][1].r_type", 0x56);
		kldsim_synth_override(s, "rela[.data][1].r_addend",
		    (uint64_t)-7);
		kldsim_synth_override(s, "sym[func].st_bind", 2);
		kldsim_synth_override(s, "sym[func].st_type", 10);
		kldsim_synth_override(s, "sym[undef].st_bind", 0);
		file = finish(s);
		assert_true(symbol(&file, ".symtab", "func", &func) != 0);
		assert_int_equal(func.st_info, 0x2a);
		assert_true(symbol(&file, ".symtab", "undef", &func) != 0);
		assert_int_equal(func.st_info, 0);
		assert_non_null(gelf_getrela(data_of(&file, ".rela.data",
		    &header), 1, &entry));
		assert_int_equal(GELF_R_SYM(entry.r_info), 0x1234);
		assert_int_equal(GELF_R_TYPE(entry.r_info), 0x56);
		assert_int_equal(entry.r_addend, -7);
		assert_int_equal(entry.r_offset, 8);
		done(s, &file);
	}
}

static void
bytes_and_size(void **state)
{
	struct kldsim_synth *s = subject("amd64", KLDSIM_SYNTH_REL);
	struct bytes honest = built(subject("amd64", KLDSIM_SYNTH_REL)), wrong;

	(void)state;
	kldsim_synth_override(s, "ehdr.e_type", 0x7777);
	kldsim_synth_poke(s, 2, "\xaa\xbb", 2);
	kldsim_synth_poke(s, 3, "\xcc", 1);
	kldsim_synth_truncate_to(s, 100);
	wrong = built(s);
	assert_int_equal(wrong.size, 100);
	assert_memory_equal(wrong.data, "\x7f" "E\xaa\xcc", 4);
	assert_int_equal(wrong.data[16], 0x77);
	honest.data[2] = 0xaa;
	honest.data[3] = 0xcc;
	honest.data[16] = honest.data[17] = 0x77;
	assert_memory_equal(wrong.data, honest.data, 100);
	kldsim_synth_free_bytes(wrong.data);

	s = subject("amd64", KLDSIM_SYNTH_REL);
	kldsim_synth_truncate_to(s, honest.size + 50);
	wrong = built(s);
	assert_int_equal(wrong.size, honest.size + 50);
	assert_int_equal(wrong.data[honest.size + 49], 0);
	kldsim_synth_free_bytes(wrong.data);

	s = subject("amd64", KLDSIM_SYNTH_REL);
	kldsim_synth_truncate_to(s, 0);
	wrong = built(s);
	assert_int_equal(wrong.size, 0);
	kldsim_synth_free_bytes(wrong.data);
	kldsim_synth_free_bytes(honest.data);
}

static void
nonsense_is_told(void **state)
{
	static const char *const names[] = {"", ".", "[", "]", "ehdr",
		"ehdr.", "ehdr.e_nothing", "shdr.sh_size", "shdr[.nope].sh_size",
		"shdr[99].sh_size", "shdr[.data]", "shdr[.data].x", "sym[nope].x",
		"sym[nope].st_value", "sym[func]", "sym[func", "sym[func]st_value",
		"rela[.data].r_info", "rela[.data][2].r_info",
		"rel[.data][0].r_info", "dyn[DT_HASH]", "phdr[0].p_type",
		"dynsym[func].st_value", "hash.nbucket", "bucket[0]", "chain[0]",
		"byte[.data][64]", "byte[.data]", "ehdr.e_ident[16]", "nope.x",
		"ehdr[1].e_type", "hash", "bucket", "shdr[-1].sh_size",
		"phdr.p_type", "phdr[x].p_type", "sym.st_value",
		"rela.r_info", "rela[.data][x].r_info", "dyn.d_val",
		"dyn[x].d_val", "hash[x]", "chain[x]"};
	struct kldsim_error error;
	struct kldsim_synth *s;
	void *bytes;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s = subject("amd64", KLDSIM_SYNTH_REL);
		kldsim_synth_override(s, names[i], 1);
		if (kldsim_synth_finish(s, &bytes, &size, &error) !=
		    KLDSIM_ARG)
			fail_msg("\"%s\" is accepted", names[i]);
		assert_non_null(strstr(error.text, names[i]));
		kldsim_synth_free(s);
	}
	s = subject("amd64", KLDSIM_SYNTH_REL);
	kldsim_synth_override(s, "ehdr.e_shnum", 0x10000);
	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, &error),
	    KLDSIM_ARG);
	assert_non_null(strstr(error.text, "too large"));
	kldsim_synth_free(s);
	s = subject("amd64", KLDSIM_SYNTH_REL);
	kldsim_synth_poke(s, 1000000, "x", 1);
	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, &error),
	    KLDSIM_ARG);
	kldsim_synth_free(s);
}

/* An Elf32_Rel has no r_addend: i386 keeps addends where they are added to. */
static void
rel_has_no_addend(void **state)
{
	static const struct {
		const char *name;
		enum kldsim_status status;
	} rows[] = {
		{"rel[.data][1].r_offset", KLDSIM_OK},
		{"rel[.data][1].r_addend", KLDSIM_ARG},
	};
	struct kldsim_error error;
	struct kldsim_synth *s;
	void *bytes;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = subject("i386", KLDSIM_SYNTH_REL);
		kldsim_synth_override(s, rows[i].name, 1);
		assert_int_equal(kldsim_synth_finish(s, &bytes, &size,
		    &error), rows[i].status);
		kldsim_synth_free_bytes(bytes);
		kldsim_synth_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_relocatable_files),
		cmocka_unit_test(every_field_of_linked_files),
		cmocka_unit_test(parts_of_fields),
		cmocka_unit_test(bytes_and_size),
		cmocka_unit_test(nonsense_is_told),
		cmocka_unit_test(rel_has_no_addend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
