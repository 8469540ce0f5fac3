/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules that are broken leave no record and break nothing else; files that
 * are no linker.hints are understood as such.
 */

#include <gelf.h>

#include "support_full.h"
#include "support_random.h"
#include "support_hints_folder.h"
#include "kldxref/kldxref.h"
#include "util/bytes.h"

static struct expected e;
static uint64_t seed;

/* A module with every kind of record; d's pointers are added backwards. */
static struct kldsim_synth *
rich(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, kind);
	int section = kldsim_synth_section(s, ".devices", 1,
	    KLDSIM_SYNTH_WRITE | KLDSIM_SYNTH_ALLOC, 8);
	int symbol, text;

	(void)kldsim_synth_append(s, section, NULL, 64);
	symbol = kldsim_synth_symbol(s, "devices", 0, KLDSIM_SYNTH_OBJECT,
	    section, 0, 64);
	for (int i = 3; i >= 0; i--) {
		const char letters[3] = { 'd', (char)('0' + i), '\0' };

		text = kldsim_synth_object(s, letters, letters, 3, 1);
		kldsim_synth_bind(s, text, 0);
		kldsim_synth_pointer(s, section, (uint64_t)i * 16, text, 0);
	}
	kldsim_synth_mdt_version(s, "rich", 3);
	kldsim_synth_mdt(s, "rich", 2, 0, "rich");
	kldsim_synth_mdt_pnp(s, "pci", "D:#;", symbol, 16, 4);
	(void)kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1, 0,
	    1), NULL, 1100);
	return (s);
}

/* amd64's ET_REL, arm64's and powerpc's ET_DYN. */
static const char *const machines[] = { "amd64", "arm64", "powerpc", "i386" };

#define NMACHINES (sizeof(machines) / sizeof(machines[0]))

static void
want_rich(bool big, bool new, const char *file)
{
	want_begin(&e, big);
	if (new)
		want_module(&e, "rich", file);
	want_version(&e, "rich", 3, file);
	if (!new)
		want_module(&e, "rich", file);
	want_record(&e, 4);
	want_string(&e, "pci");
	want_string(&e, "D:#;");
	want_int(&e, 4);
	for (int i = 0; i < 4; i++)
		want_string(&e, (char[3]){ 'd', (char)('0' + i), '\0' });
	want_end(&e);
}

static void
relocations_need_no_order(void **state)
{
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < NMACHINES; i++) {
		folder_open(&folder);
		put_module(&folder, rich(machines[i], KLDSIM_SYNTH_MODULE),
		    "rich.ko");
		want_rich(i == 2, false, "rich.ko");
		check_built(&folder, OLD, &e);
		want_rich(i == 2, true, "rich.ko");
		check_built(&folder, NEW, &e);
		assert_string_equal(folder.said, "");
		folder_close(&folder);
	}
}

/* Who makes records of a file all the same. */
enum takers { NEITHER = 0, BY_OLD = 1, BY_NEW = 2, BY_BOTH = 3 };

/* What one broken field does, and what is said (H-12); %s: the path. */
static const struct {
	const char *machine;
	const char *field;
	uint64_t value;
	const char *old; /* NULL: nothing is said */
	const char *new;
	enum takers takers;
} breaks[] = {
	{ "amd64", "ehdr.e_ident[0]", 0, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_ident[4]", 9, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_ident[6]", 2, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_version", 2, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_machine", 8, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_type", 4, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_shnum", 0, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_shoff", 0, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_shoff", 1 << 30, "ef_read_entry failed", NULL,
	    NEITHER },
	{ "amd64", "ehdr.e_shentsize", 63, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_shstrndx", 0, NULL, NULL, NEITHER },
	{ "amd64", "ehdr.e_shstrndx", 0xfffe, NULL, NULL, NEITHER },
	{ "amd64", "shdr[.symtab].sh_type", 1,
	    "%s: file has no valid symbol table",
	    "%s: file has no valid symbol table", NEITHER },
	{ "amd64", "shdr[.symtab].sh_link", 99,
	    "%s: file has invalid symbol strings",
	    "%s: file has invalid symbol strings", NEITHER },
	{ "amd64", "shdr[.symtab].sh_link", 0,
	    "%s: file has invalid symbol strings",
	    "%s: file has invalid symbol strings", NEITHER },
	{ "amd64", "shdr[.symtab].sh_offset", 1 << 30,
	    "ef_read_entry failed", "elf_read_symbols failed", NEITHER },
	{ "amd64", "shdr[.strtab].sh_offset", 1 << 30,
	    "ef_read_entry failed", "elf_read_string_table failed", NEITHER },
	{ "amd64", "shdr[.shstrtab].sh_offset", 1 << 30,
	    "ef_read_entry failed", "elf_read_string_table failed", NEITHER },
	/* The new tool reads what it needs, and as it needs it. */
	{ "amd64", "shdr[set_modmetadata_set].sh_offset", 1 << 30,
	    "failed to read progbits", NULL, NEITHER },
	{ "amd64", "shdr[set_modmetadata_set].sh_size", UINT64_MAX,
	    "failed to read progbits", NULL, NEITHER },
	/* What is there, all but pointers, is 0 anyway. */
	{ "amd64", "shdr[.devices].sh_type", SHT_NOBITS, NULL, NULL, BY_BOTH },
	{ "amd64", "shdr[.comment].sh_offset", 1 << 30,
	    "failed to read progbits", NULL, BY_NEW },
	{ "amd64", "shdr[.comment].sh_addralign", 0,
	    "failed to read progbits", NULL, BY_NEW },
	{ "amd64", "shdr[.comment].sh_addralign", 4097,
	    "posix_memalign failed", NULL, BY_NEW },
	{ "amd64", "shdr[set_modmetadata_set].sh_name", 0, NULL, NULL,
	    NEITHER },
	{ "amd64", "shdr[set_modmetadata_set].sh_name", 0xffffff, NULL, NULL,
	    NEITHER },
	{ "amd64", "shdr[.relaset_modmetadata_set].sh_offset", 1 << 30,
	    "ef_read_entry failed", "elf_read_rela failed", NEITHER },
	{ "arm64", "ehdr.e_phentsize", 1, NULL, NULL, NEITHER },
	{ "arm64", "ehdr.e_phoff", 1 << 30, NULL, NULL, NEITHER },
	{ "arm64", "phdr[PT_DYNAMIC].p_type", 0,
	    "Skipping %s: not dynamically-linked",
	    "Skipping %s: not dynamically-linked", NEITHER },
	{ "arm64", "phdr[PT_DYNAMIC].p_offset", 1 << 30,
	    "ef_read_entry failed", ".dynamic section doesn't match phdr",
	    NEITHER },
	{ "arm64", "phdr[PT_DYNAMIC].p_filesz", 16,
	    "%s: no .dynsym section found",
	    ".dynamic section doesn't match phdr", NEITHER },
	{ "arm64", "phdr[PT_DYNAMIC].p_filesz", 512, NULL,
	    ".dynamic section doesn't match phdr", BY_OLD },
	{ "powerpc", "phdr[PT_DYNAMIC].p_filesz", 512, NULL, NULL, BY_BOTH },
	/* The old tool takes the file's beginning for the table. */
	{ "arm64", "dyn[DT_HASH]", 1 << 30, "can't read hash table",
	    "%s: no .hash section found", NEITHER },
	{ "arm64", "dyn[DT_SYMTAB]", 0, "%s: no .dynsym section found",
	    "%s: no .dynsym section found", NEITHER },
	{ "arm64", "dyn[DT_STRTAB]", 0, "%s: no .dynstr section found",
	    "%s: no .dynstr section found", NEITHER },
	{ "arm64", "dyn[DT_STRSZ]", 1 << 30, "can't load .dynstr section",
	    NULL, BY_NEW },
	{ "arm64", "dyn[DT_SYMENT]", 23, NULL, NULL, NEITHER },
	{ "arm64", "dyn[DT_SYMENT]", 0, NULL, NULL, NEITHER },
	{ "arm64", "dyn[DT_RELASZ]", 25,
	    "%s: inconsistent values for DT_RELASZ and DT_RELAENT",
	    "%s: size mismatch for DT_RELA section", NEITHER },
	{ "arm64", "dyn[DT_RELAENT]", 25, "%s: inconsistent DT_RELAENT value",
	    NULL, NEITHER },
	{ "arm64", "dyn[DT_RELAENT]", 0, "%s: no DT_RELAENT for DT_RELA",
	    NULL, NEITHER },
	/* The beginning again; the new tool then has no relocations. */
	{ "arm64", "dyn[DT_RELA]", 1 << 30,
	    "error while reading %s: Bad address",
	    "error while reading %s: Bad address", NEITHER },
	/* One of 24 more: HASH is before it, the others behind. */
	{ "arm64", "dyn[DT_SYMENT].d_tag", DT_HASH, NULL,
	    "second DT_HASH entry ignored", BY_NEW },
	{ "arm64", "dyn[DT_SYMENT].d_tag", DT_RELASZ,
	    "second DT_RELASZ entry ignored",
	    "second DT_RELSZ entry ignored\n"
	    "%s: size mismatch for DT_RELA section", BY_OLD },
	{ "arm64", "dyn[DT_SYMENT].d_tag", DT_RELAENT,
	    "second DT_RELAENT entry ignored", NULL, BY_BOTH },
	{ "arm64", "hash.nbucket", 0, NULL, "inconsistent hash section size",
	    NEITHER },
	/* One less than nothing, in 32 bits: the table is there. */
	{ "arm64", "hash.nbucket", 0xffffffff, NULL,
	    "inconsistent hash section size", NEITHER },
	{ "arm64", "hash.nchain", 0xffffff, "can't read hash table",
	    "inconsistent hash section size", NEITHER },
	/* Sections are nothing to the old tool. */
	{ "arm64", "shdr[.hash].sh_size", 4, NULL, "hash section too small",
	    BY_OLD },
	{ "arm64", "shdr[.hash].sh_size", 1 << 30, NULL,
	    "can't read hash table: Input/output error", BY_OLD },
	{ "arm64", "shdr[.hash].sh_size", 9, NULL,
	    "can't read hash table: Device not configured", BY_OLD },
	{ "arm64", "shdr[.hash].sh_offset", 8, NULL,
	    "%s: ignoring SHT_HASH at different offset from DT_HASH\n"
	    "%s: did not find a symbol hash table", BY_OLD },
	{ "arm64", "shdr[.dynsym].sh_offset", 8, NULL,
	    "%s: ignoring SHT_DYNSYM at different offset from DT_SYMTAB\n"
	    "%s: did not find a dynamic symbol table", BY_OLD },
	{ "arm64", "shdr[.dynsym].sh_size", 24, NULL,
	    "%s: symbol count mismatch", BY_OLD },
	{ "arm64", "shdr[.dynsym].sh_size", 25, NULL, NULL, BY_OLD },
	{ "arm64", "shdr[.dynstr].sh_size", 1 << 30, NULL,
	    "can't load .dynstr section", BY_OLD },
	{ "arm64", "shdr[.dynstr].sh_offset", 8, NULL,
	    "%s: did not find a dynamic string table", BY_OLD },
	{ "arm64", "shdr[.rela.dyn].sh_offset", 8, NULL,
	    "%s: did not find a DT_RELA relocation table", BY_OLD },
	{ "arm64", "shdr[.rela.dyn].sh_size", 1 << 30, NULL,
	    "%s: size mismatch for DT_RELA section", BY_OLD },
};

/* What is said, with the path in its places, and a newline. */
static void
words_of(const struct folder *folder, const char *said, char words[1024])
{
	const char *spot;
	char path[512];
	size_t used = 0;

	(void)path_in(folder, "bad.ko", path);
	words[0] = '\0';
	if (said == NULL)
		return;
	for (; (spot = strstr(said, "%s")) != NULL; said = spot + 2)
		used += (size_t)snprintf(words + used, 1024 - used, "%.*s%s",
		    (int)(spot - said), said, path);
	(void)snprintf(words + used, 1024 - used, "%s\n", said);
}

static void
a_broken_field_costs_that_file_alone(void **state)
{
	struct folder folder;
	char words[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		const bool big = strcmp(breaks[i].machine, "powerpc") == 0;
		struct kldsim_synth *s = rich(breaks[i].machine,
		    KLDSIM_SYNTH_MODULE);

		folder_open(&folder);
		kldsim_synth_override(s, breaks[i].field, breaks[i].value);
		put_module(&folder, s, "bad.ko");
		put_interface(&folder, breaks[i].machine, "good", "good.ko");
		for (int new = 0; new < 2; new++) {
			if (breaks[i].takers & (new ? BY_NEW : BY_OLD))
				want_rich(big, new, "bad.ko");
			else
				want_begin(&e, big);
			want_version(&e, "good", 1, "good.ko");
			words_of(&folder, new ? breaks[i].new : breaks[i].old,
			    words);
			check_built(&folder, new ? NEW : OLD, &e);
			if (strcmp(folder.said, words) != 0)
				fail_msg("%s=%#llx: said %s",
				    breaks[i].field, (unsigned long long)
				    breaks[i].value, folder.said);
		}
		folder_close(&folder);
	}
}

/*
 * H-12: the offset is told, not the address.  The first segment is at 0 of both
 * file and memory, and has more memory than there are bytes.
 */
static void
a_hash_table_behind_the_file(void **state)
{
	struct kldsim_synth *s = rich("arm64", KLDSIM_SYNTH_MODULE);
	struct folder folder;

	(void)state;
	folder_open(&folder);
	kldsim_synth_override(s, "phdr[PT_LOAD].p_memsz", 0x20000000);
	kldsim_synth_override(s, "dyn[DT_HASH]", 0x10000ab0);
	put_module(&folder, s, "bad.ko");
	check_nothing(&folder, OLD);
	assert_string_equal(folder.said, "can't read hash header (10000ab0)\n");
	folder_close(&folder);
}

/* Where .dynamic is in arm64's rich module. */
static GElf_Shdr
dynamic_of_rich(void)
{
	struct kldsim_synth *s = rich("arm64", KLDSIM_SYNTH_MODULE);
	GElf_Shdr shdr = { 0 };
	Elf_Scn *section = NULL;
	void *bytes;
	size_t size;
	Elf *elf;

	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, NULL),
	    KLDSIM_OK);
	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	elf = elf_memory(bytes, size);
	while (shdr.sh_type != SHT_DYNAMIC &&
	    (section = elf_nextscn(elf, section)) != NULL)
		assert_non_null(gelf_getshdr(section, &shdr));
	assert_int_equal(shdr.sh_type, SHT_DYNAMIC);
	(void)elf_end(elf);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(s);
	return (shdr);
}

/* The tool since 15 does not pass over section 0: here that is .hash. */
static void
a_table_in_section_0(void **state)
{
	struct kldsim_synth *s = rich("arm64", KLDSIM_SYNTH_MODULE);
	struct folder folder;
	uint64_t shoff, type;
	uint8_t *bytes;
	void *made;
	size_t size;

	(void)state;
	assert_int_equal(kldsim_synth_finish(s, &made, &size, NULL),
	    KLDSIM_OK);
	bytes = made;
	shoff = kldsim__load(bytes + 40, 8, false) + 64;
	type = kldsim__load(bytes + shoff + 4, 4, false);
	assert_true(type == SHT_HASH || type == SHT_DYNSYM);
	kldsim__store(bytes + 40, 8, false, shoff);
	kldsim__store(bytes + 60, 2, false,
	    kldsim__load(bytes + 60, 2, false) - 1);
	folder_open(&folder);
	write_file(&folder, "bad.ko", made, size);
	want_rich(false, true, "bad.ko");
	check_built(&folder, NEW, &e);
	assert_string_equal(folder.said, "");
	folder_close(&folder);
	kldsim_synth_free_bytes(made);
	kldsim_synth_free(s);
}

struct told {
	char text[200];
};

static bool
note_told(void *user, enum kldsim__mdt type, const char *name,
    const int *numbers)
{
	struct told *told = user;
	const size_t used = strlen(told->text);

	(void)snprintf(told->text + used, sizeof(told->text) - used,
	    "%d %s %d; ", (int)type, name, numbers[0]);
	return (true);
}

/* Of the four kinds of records, three are told of. */
static void
what_a_walk_tells_of(void **state)
{
	struct kldsim_synth *s = rich("amd64", KLDSIM_SYNTH_MODULE);
	struct kldsim__alloc alloc;
	struct told told = { "" };
	struct kldsim_image *image;
	size_t size;
	void *bytes;

	(void)state;
	kldsim_synth_mdt_depend(s, "other", 4, 5, 6);
	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_image_open_memory(bytes, size, "a.ko", NULL,
	    NULL, &image, NULL), KLDSIM_OK);
	kldsim__alloc_init(&alloc, NULL);
	assert_int_equal(kldsim__xref_walk(image, &alloc, false, note_told,
	    &told), KLDSIM_OK);
	assert_string_equal(told.text, "3 rich 3; 2 rich 0; 1 other 4; ");
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(s);
}

/* .comment, which nobody reads, is .dynamic too; PT_DYNAMIC is one. */
static void
two_dynamic_sections(void **state)
{
	struct kldsim_synth *s = rich("arm64", KLDSIM_SYNTH_MODULE);
	const GElf_Shdr dynamic = dynamic_of_rich();
	struct folder folder;

	(void)state;
	folder_open(&folder);
	kldsim_synth_override(s, "shdr[.comment].sh_type", SHT_DYNAMIC);
	kldsim_synth_override(s, "shdr[.comment].sh_offset",
	    dynamic.sh_offset);
	kldsim_synth_override(s, "shdr[.comment].sh_size", dynamic.sh_size);
	put_module(&folder, s, "bad.ko");
	want_rich(false, false, "bad.ko");
	check_built(&folder, OLD, &e);
	assert_string_equal(folder.said, "");
	check_nothing(&folder, NEW);
	assert_string_equal(folder.said, "multiple SHT_DYNAMIC sections\n");
	folder_close(&folder);
}

/* A ring in the hash chains: the tool never comes back from it. */
static void
a_hash_chain_that_is_a_ring_has_an_end(void **state)
{
	struct folder folder;
	struct kldsim_synth *s;
	char field[32];

	(void)state;
	folder_open(&folder);
	s = rich("arm64", KLDSIM_SYNTH_MODULE);
	kldsim_synth_option(s, KLDSIM_SYNTH_HASH_BUCKETS, 1);
	for (int i = 1; i < 3; i++) {
		(void)snprintf(field, sizeof(field), "chain[%d]", i);
		kldsim_synth_override(s, field, 1);
	}
	kldsim_synth_override(s, "bucket[0]", 1);
	put_module(&folder, s, "ring.ko");
	check_nothing(&folder, OLD);
	check_nothing(&folder, NEW);
	folder_close(&folder);
}

/* 2^42 null pointers, and more: the tool would go through them for days. */
static void
a_set_of_nothing_has_an_end(void **state)
{
	static const uint64_t sizes[] = { UINT64_C(1) << 45, UINT64_MAX };
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *s = rich("amd64", KLDSIM_SYNTH_MODULE);

		folder_open(&folder);
		kldsim_synth_override(s, "shdr[set_modmetadata_set].sh_type",
		    SHT_NOBITS);
		kldsim_synth_override(s, "shdr[set_modmetadata_set].sh_size",
		    sizes[i]);
		put_module(&folder, s, "bad.ko");
		check_nothing(&folder, OLD);
		check_nothing(&folder, NEW);
		folder_close(&folder);
	}
}

/* Whatever is in the file, the run ends and says how. */
static void
try_bytes(const struct folder *folder, const void *bytes, size_t size)
{
	static const uint32_t releases[] = { OLD, MIDDLE, NEW };

	write_file(folder, "rich.ko", bytes, size);
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_hints_options options;
		enum kldsim_status status;
		void *made;
		size_t made_size;

		kldsim_hints_options_init(&options, sizeof(options));
		options.osreldate = releases[i];
		status = kldsim_hints_build(folder->path, &options, &made,
		    &made_size, NULL, NULL);
		assert_true(status == KLDSIM_OK ||
		    status == KLDSIM_MALFORMED);
		assert_true(made_size == 0 || status == KLDSIM_OK);
		kldsim_hints_free(made);
	}
}

static void
cut_anywhere_a_module_breaks_nothing(void **state)
{
	struct folder folder;
	struct kldsim_synth *s;
	void *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < NMACHINES; i++) {
		folder_open(&folder);
		s = rich(machines[i], KLDSIM_SYNTH_MODULE);
		assert_int_equal(kldsim_synth_finish(s, &bytes, &size, NULL),
		    KLDSIM_OK);
		for (size_t cut = 0; cut < size; cut += 13)
			try_bytes(&folder, bytes, cut);
		kldsim_synth_free_bytes(bytes);
		kldsim_synth_free(s);
		folder_close(&folder);
	}
}

static void
scribbled_on_a_module_breaks_nothing(void **state)
{
	static const uint8_t likely[] = { 0, 1, 4, 0x7f, 0x80, 0xff };
	struct folder folder;
	struct kldsim_synth *s;
	uint8_t *copy;
	void *bytes;
	size_t size;

	(void)state;
	seed = 20260102;
	for (size_t i = 0; i < NMACHINES; i++) {
		folder_open(&folder);
		s = rich(machines[i], KLDSIM_SYNTH_MODULE);
		assert_int_equal(kldsim_synth_finish(s, &bytes, &size, NULL),
		    KLDSIM_OK);
		copy = malloc(size);
		assert_non_null(copy);
		for (unsigned n = full_or_few(3000, 600); n > 0; n--) {
			memcpy(copy, bytes, size);
			for (uint32_t k = random_below(&seed, 6) + 1; k > 0;
			    k--)
				copy[random_below(&seed, (uint32_t)size)] =
				    likely[random_below(&seed, 6)];
			try_bytes(&folder, copy, size);
		}
		free(copy);
		kldsim_synth_free_bytes(bytes);
		kldsim_synth_free(s);
		folder_close(&folder);
	}
}

/* All records and values of a file; gives how many records, or -1. */
static int
read_all(const void *bytes, size_t size)
{
	struct kldsim_hints_record record;
	struct kldsim_hints_value value;
	struct kldsim_error error;
	enum kldsim_status status;
	size_t at = 0;
	int count = 0;

	while ((status = kldsim_hints_next(bytes, size, &at, &record,
	    &error)) == KLDSIM_OK) {
		struct kldsim_hints_cursor cursor = { 0 };

		count++;
		if (record.kind != KLDSIM_HINTS_PNP)
			continue;
		while ((status = kldsim_hints_value(&record, &cursor,
		    &value)) == KLDSIM_OK)
			assert_true(value.row < record.rows);
		if (status != KLDSIM_NOENT)
			return (-1);
	}
	if (status == KLDSIM_NOENT)
		return (count);
	assert_int_equal(status, KLDSIM_MALFORMED);
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	assert_true(error.text[0] != '\0');
	return (-1);
}

static void
what_was_written_can_be_read(void **state)
{
	struct kldsim_hints_cursor cursor = { 0 };
	struct kldsim_hints_record record;
	struct kldsim_hints_value value;
	size_t at = 0;

	(void)state;
	for (int big = 0; big < 2; big++) {
		want_rich(big, true, "rich.ko");
		assert_int_equal(read_all(e.bytes, e.size), 3);
		at = 0;
		assert_int_equal(kldsim_hints_next(e.bytes, e.size, &at,
		    &record, NULL), KLDSIM_OK);
		assert_int_equal(record.kind, KLDSIM_HINTS_MODULE);
		assert_int_equal(record.offset, 4);
		assert_int_equal(record.big_endian, big);
		assert_string_equal(record.name, "rich");
		assert_string_equal(record.file, "rich.ko");
		assert_int_equal(kldsim_hints_next(e.bytes, e.size, &at,
		    &record, NULL), KLDSIM_OK);
		assert_int_equal(record.version, 3);
		assert_int_equal(kldsim_hints_next(e.bytes, e.size, &at,
		    &record, NULL), KLDSIM_OK);
		assert_string_equal(record.descr, "D:#;");
		assert_int_equal(record.rows, 4);
		memset(&cursor, 0, sizeof(cursor));
		for (int i = 0; i < 4; i++) {
			assert_int_equal(kldsim_hints_value(&record, &cursor,
			    &value), KLDSIM_OK);
			assert_int_equal(value.row, i);
			assert_int_equal(value.kind, 'D');
			assert_string_equal(value.key, "#");
			assert_int_equal(value.text[1], '0' + i);
		}
		assert_int_equal(kldsim_hints_value(&record, &cursor, &value),
		    KLDSIM_NOENT);
		assert_int_equal(kldsim_hints_next(e.bytes, e.size, &at,
		    &record, NULL), KLDSIM_NOENT);
	}
}

static void
what_is_no_linker_hints_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_all("", 0), -1);
	assert_int_equal(read_all("\1\0\0", 3), -1);
	assert_int_equal(read_all("\2\0\0\0", 4), -1);
	assert_int_equal(read_all("\1\0\0\0", 4), 0);
	assert_int_equal(read_all("\0\0\0\1", 4), 0);
	assert_int_equal(read_all("\1\0\0\0\0\0\0", 7), -1);
	assert_int_equal(read_all("\1\0\0\0\0\0\0\0", 8), -1); /* no type */
	assert_int_equal(read_all("\1\0\0\0\4\0\0\0\7\0\0\0", 12), 1);
	assert_int_equal(read_all("\1\0\0\0\5\0\0\0\7\0\0\0\0", 13), -1);
	assert_int_equal(read_all("\1\0\0\0\374\377\377\377", 8), -1);
	/* A promise of 2^31-1 rows of nothing is soon kept. */
	want_begin(&e, false);
	want_record(&e, 4);
	want_string(&e, "pci");
	want_string(&e, "T:x;");
	want_int(&e, 0x7fffffff);
	want_end(&e);
	assert_int_equal(read_all(e.bytes, e.size), 1);
	/* And one of two values is not, where there is one. */
	want_begin(&e, false);
	want_record(&e, 4);
	want_string(&e, "pci");
	want_string(&e, "I:x;");
	want_int(&e, 2);
	want_int(&e, 1);
	want_end(&e);
	assert_int_equal(read_all(e.bytes, e.size), -1);
}

static void
many_broken_files_are_read(void **state)
{
	unsigned number = full_or_few(100000, 20000), good = 0, bad = 0;

	(void)state;
	seed = 20260103;
	for (unsigned n = 0; n < number; n++) {
		uint8_t *copy;
		size_t size;

		want_rich(n & 1, n & 2, "rich.ko");
		size = random_below(&seed, 3) == 0 ?
		    random_below(&seed, (uint32_t)e.size + 1) : e.size;
		copy = malloc(size + 1);
		assert_non_null(copy);
		memcpy(copy, e.bytes, size);
		for (uint32_t k = random_below(&seed, 4); k > 0 && size > 0;
		    k--)
			copy[random_below(&seed, (uint32_t)size)] =
			    (uint8_t)random_below(&seed, 256);
		if (read_all(copy, size) < 0)
			bad++;
		else
			good++;
		free(copy);
	}
	assert_true(good > number / 10 && bad > number / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relocations_need_no_order),
		cmocka_unit_test(a_broken_field_costs_that_file_alone),
		cmocka_unit_test(a_hash_table_behind_the_file),
		cmocka_unit_test(a_table_in_section_0),
		cmocka_unit_test(what_a_walk_tells_of),
		cmocka_unit_test(two_dynamic_sections),
		cmocka_unit_test(a_hash_chain_that_is_a_ring_has_an_end),
		cmocka_unit_test(a_set_of_nothing_has_an_end),
		cmocka_unit_test(cut_anywhere_a_module_breaks_nothing),
		cmocka_unit_test(scribbled_on_a_module_breaks_nothing),
		cmocka_unit_test(what_was_written_can_be_read),
		cmocka_unit_test(what_is_no_linker_hints_is_refused),
		cmocka_unit_test(many_broken_files_are_read),
	};

	return (cmocka_run_group_tests_name("hints_malformed", tests, NULL,
	    NULL));
}
