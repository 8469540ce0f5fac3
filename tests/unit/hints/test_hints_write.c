/* SPDX-License-Identifier: BSD-2-Clause */

/* Which files and entries become records, and where they go: H-01 to H-04,
 * H-06 to H-09, H-11. */

#include "support_hints_folder.h"

#include "kldxref/kldxref.h"

/* H-11, as the semantics print it. */
static const uint8_t worked_example[] = {
	0x01, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
	0x0a, 0x75, 0x61, 0x72, 0x74, 0x30, 0x78, 0x5f, 0x70, 0x63, 0x69,
	0x08, 0x75, 0x61, 0x72, 0x74, 0x78, 0x2e, 0x6b, 0x6f,
	0x1c, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
	0x05, 0x75, 0x61, 0x72, 0x74, 0x78, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00,
	0x08, 0x75, 0x61, 0x72, 0x74, 0x78, 0x2e, 0x6b, 0x6f, 0x00, 0x00, 0x00,
	0x30, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x03, 0x70, 0x63, 0x69,
	0x12, 0x49, 0x3a, 0x76, 0x65, 0x6e, 0x64, 0x6f, 0x72, 0x3b, 0x49, 0x3a,
	0x64, 0x65, 0x76, 0x69, 0x63, 0x65, 0x3b, 0x00, 0x02, 0x00, 0x00, 0x00,
	0x86, 0x80, 0x00, 0x00, 0x34, 0x12, 0x00, 0x00,
	0x86, 0x80, 0x00, 0x00, 0x78, 0x56, 0x00, 0x00,
};

/* The module of H-11: cval is not the kernel's name of the module (M-02). */
static void
put_uartx(const struct folder *folder, const char *machine)
{
	struct kldsim_synth *s = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);
	const uint16_t devices[] = { 0x8086, 0x1234, 0x8086, 0x5678 };
	unsigned char table[sizeof(devices)];
	bool big = strcmp(machine, "powerpc") == 0 ||
	    strcmp(machine, "powerpc64") == 0;
	int name, symbol;

	for (size_t i = 0; i < 4; i++) {
		table[2 * i + !big] = (unsigned char)(devices[i] >> 8);
		table[2 * i + big] = (unsigned char)devices[i];
	}
	name = kldsim_synth_object(s, "name", "pci/uart0x", 11, 1);
	kldsim_synth_bind(s, name, 0);
	kldsim_synth_mdt(s, "uart0x_pci", 2, name, "uart0x_pci");
	kldsim_synth_mdt_version(s, "uartx", 7);
	symbol = kldsim_synth_object(s, "devices", table, sizeof(table), 2);
	kldsim_synth_bind(s, symbol, 0);
	kldsim_synth_mdt_pnp(s, "pci", "U16:vendor;U16:device;", symbol, 4, 2);
	kldsim_synth_mdt_depend(s, "kernel", 1, 2, 3); /* H-03: not written */
	kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1, 0, 1),
	    NULL, 4096);
	put_module(folder, s, "uartx.ko");
}

static void
the_worked_example_is_made_byte_for_byte(void **state)
{
	static const uint32_t releases[] = { OLD, 1202000, MIDDLE, 1303001,
	    LONG_NAMES, 1401000, 1500068, NEW, 0 };
	struct folder folder;
	void *bytes;
	size_t size;

	(void)state;
	folder_open(&folder);
	put_uartx(&folder, "amd64");
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		assert_int_equal(build(&folder, releases[i], &bytes, &size),
		    KLDSIM_OK);
		assert_int_equal(size, sizeof(worked_example));
		assert_memory_equal(bytes, worked_example, size);
		assert_int_equal(folder.result.records, 3);
		assert_string_equal(folder.said, "");
		kldsim_hints_free(bytes);
	}
	folder_close(&folder);
}

/* H-07: of either word size and byte order, as on a machine of its own. */
static void
every_machine_has_its_own_order(void **state)
{
	static const struct {
		const char *machine;
		bool big;
	} rows[] = {
		{ "amd64", false }, { "i386", false }, { "arm64", false },
		{ "armv7", false }, { "riscv64", false }, { "powerpc", true },
		{ "powerpc64", true }, { "powerpc64le", false },
	};
	static struct expected e;
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		folder_open(&folder);
		put_uartx(&folder, rows[i].machine);
		want_begin(&e, rows[i].big);
		want_module(&e, "uart0x_pci", "uartx.ko");
		want_version(&e, "uartx", 7, "uartx.ko");
		want_record(&e, 4);
		want_string(&e, "pci");
		want_string(&e, "I:vendor;I:device;");
		want_int(&e, 2);
		want_int(&e, 0x8086);
		want_int(&e, 0x1234);
		want_int(&e, 0x8086);
		want_int(&e, 0x5678);
		want_end(&e);
		check_built(&folder, OLD, &e);
		check_built(&folder, NEW, &e);
		assert_string_equal(folder.said, "");
		folder_close(&folder);
	}
}

static void
entries_are_in_set_order_or_one_module_first(void **state)
{
	static struct expected e;
	struct folder folder;
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);

	(void)state;
	folder_open(&folder);
	kldsim_synth_mdt_version(s, "early", 1);
	kldsim_synth_mdt(s, "one", 2, 0, "one");
	kldsim_synth_mdt_version(s, "late", 0x80000000);
	kldsim_synth_mdt(s, "two", 2, 0, "two");
	kldsim_synth_mdt(s, "odd", 77, 0, "odd");
	put_module(&folder, s, "m.ko");

	want_begin(&e, false); /* H-07 */
	want_version(&e, "early", 1, "m.ko");
	want_module(&e, "one", "m.ko");
	want_version(&e, "late", 0x80000000, "m.ko");
	want_module(&e, "two", "m.ko");
	check_built(&folder, OLD, &e);
	assert_string_equal(folder.said,
	    "unknown metadata record 77 in file m.ko\n");

	want_begin(&e, false); /* H-08 */
	want_module(&e, "one", "m.ko");
	want_version(&e, "early", 1, "m.ko");
	want_version(&e, "late", 0x80000000, "m.ko");
	check_built(&folder, MIDDLE, &e);
	check_built(&folder, NEW, &e);
	assert_string_equal(folder.said,
	    "unknown metadata record 77 in file m.ko\n");
	folder_close(&folder);
}

/* H-07, H-08; V-70: from February 2023 to the new tool, in 14.x. */
static void
names_say_what_is_looked_into(void **state)
{
	static const struct {
		const char *name;
		bool old, dots, new;
	} rows[] = {
		{ "a.ko", true, true, true }, { "kernel", true, true, true },
		{ "a.ko.debug", false, false, false },
		{ "a.debug", false, true, false },
		{ "kernel.symbols", false, true, false },
		{ ".debug", false, true, false },
		{ "a.ko.pkgsave", true, false, false },
		{ "a.so", true, true, false }, { "debug", true, true, true },
		{ "a.b.ko", true, false, true }, { ".ko", true, true, true },
		{ "a.ko~", true, true, false }, { "..", true, false, false },
		{ "linker.hints", true, true, false },
		{ "a.KO", true, true, false },
		{ "a.debug.ko", true, false, true },
		{ "a.", true, true, false },
	};
	struct kldsim__facts old, dots, first_new, new;

	(void)state;
	kldsim__facts_for(OLD, &old);
	kldsim__facts_for(LONG_NAMES, &dots); /* 14.0 */
	kldsim__facts_for(1500010, &first_new);
	kldsim__facts_for(NEW, &new);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (kldsim__xref_visits(&old, rows[i].name) != rows[i].old ||
		    kldsim__xref_visits(&dots, rows[i].name) != rows[i].dots ||
		    kldsim__xref_visits(&first_new, rows[i].name) !=
		    rows[i].dots ||
		    kldsim__xref_visits(&new, rows[i].name) != rows[i].new)
			fail_msg("%s", rows[i].name);
	}
}

static void
files_come_in_strcmp_order_links_and_folders_do_not(void **state)
{
	static struct expected e;
	struct folder folder;
	char path[512], link[512];

	(void)state;
	folder_open(&folder);
	put_interface(&folder, "amd64", "b", "b.ko");
	put_interface(&folder, "amd64", "B", "B.ko");
	put_interface(&folder, "amd64", "a10", "a10.ko");
	put_interface(&folder, "amd64", "a9", "a9.ko");
	put_interface(&folder, "amd64", "eacute", "\xc3\xa9.ko");
	put_interface(&folder, "amd64", "saved", "b.ko.pkgsave");
	put_interface(&folder, "amd64", "debug", "b.ko.debug");
	assert_int_equal(symlink(path_in(&folder, "b.ko", path),
	    path_in(&folder, "c.ko", link)), 0);
	assert_int_equal(mkfifo(path_in(&folder, "fifo.ko", path), 0600), 0);
	assert_int_equal(mkdir(path_in(&folder, "aa.ko", path), 0700), 0);
	write_file(&folder, "text.ko", "no ELF", 6);
	write_file(&folder, "empty.ko", "", 0);
	for (int new = 0; new < 2; new++) {
		want_begin(&e, false);
		want_version(&e, "B", 1, "B.ko");
		want_version(&e, "a10", 1, "a10.ko");
		want_version(&e, "a9", 1, "a9.ko");
		want_version(&e, "b", 1, "b.ko");
		if (!new)
			want_version(&e, "saved", 1, "b.ko.pkgsave");
		want_version(&e, "eacute", 1, "\xc3\xa9.ko");
		check_built(&folder, new ? NEW : OLD, &e);
		assert_string_equal(folder.said, "");
	}
	folder_close(&folder);
}

static void
files_of_another_machine_are_left_out(void **state)
{
	static struct expected e;
	struct folder folder;
	char words[2 * SCRATCH_PATH + 128];

	(void)state;
	folder_open(&folder);
	put_interface(&folder, "amd64", "x", "m.ko");
	put_interface(&folder, "powerpc", "y", "n.ko");
	want_begin(&e, false);
	want_version(&e, "x", 1, "m.ko");
	check_built(&folder, OLD, &e); /* not its machine: silently */
	assert_string_equal(folder.said, "");
	check_built(&folder, NEW, &e);
	(void)snprintf(words, sizeof(words),
	    "%s/n.ko does not match architecture of %s/m.ko\n", folder.path,
	    folder.path);
	assert_string_equal(folder.said, words);
	folder_close(&folder);
}

/* H-08: the new tool is bound by the first record, not by the first file. */
static void
a_file_without_records_binds_nobody(void **state)
{
	static struct expected e;
	struct folder folder;
	struct kldsim_synth *s = kldsim_synth_new("i386",
	    KLDSIM_SYNTH_MODULE);

	(void)state;
	folder_open(&folder);
	kldsim_synth_mdt_depend(s, "kernel", 1, 2, 3);
	kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1, 0, 1),
	    NULL, 4096);
	put_module(&folder, s, "a.ko");
	put_interface(&folder, "powerpc", "y", "n.ko");
	want_begin(&e, true);
	want_version(&e, "y", 1, "n.ko");
	check_built(&folder, NEW, &e);
	assert_string_equal(folder.said, "");
	check_nothing(&folder, OLD); /* an i386's tool */
	folder_close(&folder);
}

static bool
exists(const struct folder *folder, const char *name)
{
	char path[512];

	return (access(path_in(folder, name, path), F_OK) == 0);
}

static enum kldsim_status
write_hints(struct folder *folder, struct kldsim_hints_options *options)
{
	return (kldsim_hints_write(folder->path, options, &folder->result,
	    &folder->error));
}

/* Nothing is left but these names. */
static void
check_names(const struct folder *folder, size_t count)
{
	DIR *dir = opendir(folder->path);
	size_t found = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		found++;
	(void)closedir(dir);
	assert_int_equal(found, count + 2);
}

static void
folders_below_get_files_of_their_own(void **state)
{
	struct kldsim_hints_options options;
	struct folder folder;
	struct stat st;
	char path[512];

	(void)state;
	for (int new = 0; new < 2; new++) {
		folder_open(&folder);
		put_uartx(&folder, "amd64");
		assert_int_equal(mkdir(path_in(&folder, "d", path), 0700), 0);
		assert_int_equal(mkdir(path_in(&folder, "d/e", path), 0700),
		    0);
		put_interface(&folder, "amd64", "below", "d/e/below.ko");
		write_file(&folder, "d/linker.hints", "old", 3);
		options = options_of(&folder, new ? NEW : OLD);
		options.dry_run = true;
		assert_int_equal(write_hints(&folder, &options), KLDSIM_OK);
		assert_false(exists(&folder, "linker.hints"));
		assert_true(exists(&folder, "d/linker.hints"));
		assert_int_equal(folder.result.written, 2);
		assert_int_equal(folder.result.deleted, 1);
		options.dry_run = false;
		assert_int_equal(write_hints(&folder, &options), KLDSIM_OK);
		assert_true(exists(&folder, "linker.hints"));
		assert_false(exists(&folder, "d/linker.hints")); /* H-09 */
		assert_true(exists(&folder, "d/e/linker.hints"));
		assert_int_equal(folder.result.folders, 3);
		assert_int_equal(folder.result.written, 2);
		assert_int_equal(folder.result.deleted, 1);
		assert_int_equal(folder.result.records, 4);
		check_names(&folder, 3); /* and no lhint.XXXXXX */
		assert_int_equal(stat(path_in(&folder, "linker.hints", path),
		    &st), 0);
		assert_int_equal(st.st_mode & 0777, 0644);
		assert_int_equal(st.st_size, sizeof(worked_example));
		/* Once more, with a linker.hints among the files. */
		assert_int_equal(write_hints(&folder, &options), KLDSIM_OK);
		assert_int_equal(folder.result.records, 4);
		assert_int_equal(folder.result.deleted, 0);
		folder_close(&folder);
	}
}

static void
the_file_can_have_another_name(void **state)
{
	struct kldsim_hints_options options;
	struct folder folder;

	(void)state;
	folder_open(&folder);
	put_uartx(&folder, "amd64");
	options = options_of(&folder, OLD);
	options.name = "my.hints";
	assert_int_equal(write_hints(&folder, &options), KLDSIM_OK);
	assert_true(exists(&folder, "my.hints"));
	assert_false(exists(&folder, "linker.hints"));
	folder_close(&folder);
}

static void
a_link_is_followed_only_when_told(void **state)
{
	struct kldsim_hints_options options;
	struct folder folder, other;
	char link[512];

	(void)state;
	folder_open(&folder);
	folder_open(&other);
	put_uartx(&folder, "amd64");
	assert_int_equal(symlink(folder.path, path_in(&other, "l", link)), 0);
	options = options_of(&folder, OLD);
	assert_int_equal(kldsim_hints_write(link, &options, NULL, NULL),
	    KLDSIM_OK);
	assert_false(exists(&folder, "linker.hints"));
	options.follow = true;
	assert_int_equal(kldsim_hints_write(link, &options, NULL, NULL),
	    KLDSIM_OK);
	assert_true(exists(&folder, "linker.hints"));
	folder_close(&folder);
	folder_close(&other);
}

static void
the_temporary_file_is_where_the_tool_has_it(void **state)
{
	static const struct {
		const char *folder, *old, *new;
	} rows[] = {
		{ "/boot/kernel", "/boot/lhint.XXXXXX",
		    "/boot/kernel/lhint.XXXXXX" },
		{ "modules", "lhint.XXXXXX", "modules/lhint.XXXXXX" },
		{ "a/b/c", "a/b/lhint.XXXXXX", "a/b/c/lhint.XXXXXX" },
		{ "/", "/lhint.XXXXXX", "//lhint.XXXXXX" },
		{ ".", "lhint.XXXXXX", "./lhint.XXXXXX" },
	};
	struct kldsim__facts old, new;
	char name[64];

	(void)state;
	kldsim__facts_for(OLD, &old);
	kldsim__facts_for(NEW, &new);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kldsim__xref_temp_name(&old, rows[i].folder, name,
		    sizeof(name));
		assert_string_equal(name, rows[i].old);
		kldsim__xref_temp_name(&new, rows[i].folder, name,
		    sizeof(name));
		assert_string_equal(name, rows[i].new);
	}
}

static void
the_host_s_refusals_are_told(void **state)
{
	struct kldsim_hints_options options;
	struct folder folder;
	char path[512];
	void *bytes;
	size_t size;

	(void)state;
	folder_open(&folder);
	write_file(&folder, "file", "x", 1);
	options = options_of(&folder, OLD);
	assert_int_equal(kldsim_hints_write(path_in(&folder, "none", path),
	    &options, NULL, &folder.error), KLDSIM_SYS);
	assert_int_not_equal(folder.error.sys_errno, 0);
	assert_int_equal(kldsim_hints_build(path_in(&folder, "file", path),
	    &options, &bytes, &size, NULL, &folder.error), KLDSIM_SYS);
	assert_non_null(strstr(folder.error.text, "file"));
	options.size = 3;
	assert_int_equal(kldsim_hints_write(folder.path, &options, NULL,
	    &folder.error), KLDSIM_ARG);
	/* linker.hints cannot be replaced. */
	put_uartx(&folder, "amd64");
	assert_int_equal(mkdir(path_in(&folder, "linker.hints", path), 0700),
	    0);
	options = options_of(&folder, NEW);
	assert_int_equal(write_hints(&folder, &options), KLDSIM_SYS);
	check_names(&folder, 3); /* no lhint.XXXXXX */
	folder_close(&folder);
}

/* H-06: the buffer for names is of 33 bytes, later of 1025. */
static void
long_names_end_a_file_or_the_run(void **state)
{
	static struct expected e;
	struct kldsim_synth *s;
	struct folder folder;
	char name[400], words[512];

	(void)state;
	folder_open(&folder);
	memset(name, 'n', sizeof(name));
	name[33] = '\0';
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	kldsim_synth_mdt_version(s, "before", 1);
	kldsim_synth_mdt_version(s, name, 2);
	kldsim_synth_mdt_version(s, "after", 3);
	put_module(&folder, s, "m.ko");
	put_interface(&folder, "amd64", "other", "n.ko");
	want_begin(&e, false);
	want_version(&e, "before", 1, "m.ko");
	want_version(&e, "other", 1, "n.ko");
	check_built(&folder, OLD, &e);
	(void)snprintf(words, sizeof(words),
	    "error while reading %s/m.ko: Bad address\n", folder.path);
	assert_string_equal(folder.said, words);
	/* The search for MDT_MODULE has met it already. */
	want_begin(&e, false);
	want_version(&e, "other", 1, "n.ko");
	check_built(&folder, MIDDLE, &e);
	assert_string_equal(folder.said, words);
	want_begin(&e, false);
	want_version(&e, "before", 1, "m.ko");
	want_version(&e, name, 2, "m.ko");
	want_version(&e, "after", 3, "m.ko");
	want_version(&e, "other", 1, "n.ko");
	check_built(&folder, LONG_NAMES, &e);

	name[33] = 'n';
	name[256] = '\0';
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	kldsim_synth_mdt_version(s, name, 2);
	put_module(&folder, s, "m.ko");
	(void)snprintf(words, sizeof(words), "string %s too long", name);
	check_fatal(&folder, LONG_NAMES, words);
	check_fatal(&folder, NEW, words);
	folder_close(&folder);
}

static void
a_name_of_32_bytes_is_not_too_long(void **state)
{
	static struct expected e;
	struct folder folder;
	char name[33];

	(void)state;
	folder_open(&folder);
	memset(name, 'n', 32);
	name[32] = '\0';
	put_interface(&folder, "amd64", name, "m.ko");
	want_begin(&e, false);
	want_version(&e, name, 1, "m.ko");
	check_built(&folder, OLD, &e);
	folder_close(&folder);
}

/* Is a module with so many segments more taken? */
static bool
is_taken(int extra, uint32_t osreldate)
{
	struct kldsim_synth *s = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_MODULE);
	static struct expected e;
	struct folder folder;
	char words[2 * SCRATCH_PATH + 128];
	bool taken;
	void *bytes;
	size_t size;

	folder_open(&folder);
	kldsim_synth_mdt_version(s, "x", 1);
	kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1, 0, 1),
	    NULL, 4096);
	for (int i = 0; i < extra; i++)
		kldsim_synth_segment(s, 1, 4, 0, 0);
	put_module(&folder, s, "m.ko");
	assert_int_equal(build(&folder, osreldate, &bytes, &size), KLDSIM_OK);
	taken = bytes != NULL;
	want_begin(&e, false);
	want_version(&e, "x", 1, "m.ko");
	if (taken)
		same_bytes(bytes, size, &e);
	(void)snprintf(words, sizeof(words), "%s/m.ko: too many segments\n",
	    folder.path);
	assert_string_equal(folder.said, taken ? "" : words);
	kldsim_hints_free(bytes);
	folder_close(&folder);
	return (taken);
}

/* H-06: three segments in the old tool, sixteen in the new one. */
static void
segments_are_counted(void **state)
{
	int old = 0, new = 0;

	(void)state;
	while (is_taken(old, OLD))
		old++;
	while (is_taken(new, NEW))
		new++;
	assert_true(old > 0);
	assert_int_equal(new - old, 16 - 3);
}

/* H-06: posix_memalign(3), which the old tool calls, wants a pointer's. */
static void
small_alignments_are_refused_by_the_old_tool(void **state)
{
	static struct expected e;
	struct folder folder;
	struct kldsim_synth *s;

	(void)state;
	folder_open(&folder);
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	kldsim_synth_mdt_version(s, "x", 1);
	for (int i = 1; i < 8; i++) {
		char field[64];

		(void)snprintf(field, sizeof(field), "shdr[%d].sh_addralign",
		    i);
		kldsim_synth_override(s, field, 4);
	}
	put_module(&folder, s, "m.ko");
	check_nothing(&folder, OLD);
	assert_string_equal(folder.said, "posix_memalign failed\n");
	want_begin(&e, false);
	want_version(&e, "x", 1, "m.ko");
	check_built(&folder, NEW, &e);
	assert_string_equal(folder.said, "");
	folder_close(&folder);
}

/* Modules with addresses that only relocation makes right. */
static void
pointers_are_relocated_in_either_kind(void **state)
{
	static const struct {
		const char *machine;
		enum kldsim_synth_kind kind;
		int rela;
	} rows[] = {
		{ "amd64", KLDSIM_SYNTH_REL, 1 },
		{ "amd64", KLDSIM_SYNTH_REL, 0 },
		{ "amd64", KLDSIM_SYNTH_DYN, 1 },
		{ "amd64", KLDSIM_SYNTH_DYN, 0 },
		{ "i386", KLDSIM_SYNTH_REL, 0 },
		{ "i386", KLDSIM_SYNTH_REL, 1 },
		{ "i386", KLDSIM_SYNTH_DYN, 1 },
		{ "armv7", KLDSIM_SYNTH_REL, 0 },
		{ "riscv64", KLDSIM_SYNTH_REL, 1 },
		/* H-13: these the new tool alone. */
		{ "arm64", KLDSIM_SYNTH_REL, 1 },
		{ "powerpc", KLDSIM_SYNTH_REL, 1 },
		{ "powerpc64", KLDSIM_SYNTH_REL, 1 },
		{ "powerpc64le", KLDSIM_SYNTH_REL, 1 },
	};
	const size_t either = 9;
	static struct expected e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *s = kldsim_synth_new(rows[i].machine,
		    rows[i].kind);
		struct folder folder;

		folder_open(&folder);
		kldsim_synth_option(s, KLDSIM_SYNTH_RELA,
		    (uint64_t)rows[i].rela);
		/* So that nothing that matters is at 0. */
		kldsim_synth_object(s, "first", "xxxxxxxx", 8, 8);
		kldsim_synth_mdt_version(s, "foo", 9);
		kldsim_synth_mdt(s, "bar", 2, 0, "bar");
		kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1,
		    0, 1), NULL, 4096);
		put_module(&folder, s, "m.ko");
		if (i < either) {
			want_begin(&e, false);
			want_version(&e, "foo", 9, "m.ko");
			want_module(&e, "bar", "m.ko");
			check_built(&folder, OLD, &e);
			assert_string_equal(folder.said, "");
		}
		want_begin(&e, strcmp(rows[i].machine, "powerpc") == 0 ||
		    strcmp(rows[i].machine, "powerpc64") == 0);
		want_module(&e, "bar", "m.ko");
		want_version(&e, "foo", 9, "m.ko");
		check_built(&folder, NEW, &e);
		assert_string_equal(folder.said, "");
		folder_close(&folder);
	}
}

/* H-06: where linkers make RELA alone, the tool cannot relocate by REL. */
static void
machines_of_rela_take_no_rel(void **state)
{
	static const char *const machines[] = { "arm64", "riscv64" };
	static struct expected e;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct kldsim_synth *s = kldsim_synth_new(machines[i / 2],
		    KLDSIM_SYNTH_MODULE);
		struct folder folder;
		char words[2 * SCRATCH_PATH + 128];

		folder_open(&folder);
		kldsim_synth_option(s, KLDSIM_SYNTH_RELA, i % 2);
		kldsim_synth_mdt_version(s, "foo", 9);
		kldsim_synth_append(s, kldsim_synth_section(s, ".comment", 1,
		    0, 1), NULL, 4096);
		put_module(&folder, s, "m.ko");
		want_begin(&e, false);
		want_version(&e, "foo", 9, "m.ko");
		(void)snprintf(words, sizeof(words),
		    "error while reading %s/m.ko: Invalid argument\n",
		    folder.path);
		for (int new = 0; new < 2; new++) {
			if (i % 2 == 0)
				check_nothing(&folder, new ? NEW : OLD);
			else
				check_built(&folder, new ? NEW : OLD, &e);
			assert_string_equal(folder.said,
			    i % 2 == 0 ? words : "");
		}
		folder_close(&folder);
	}
}

/*
 * H-08: names are read with as many bytes behind them as they may have, up to
 * 1025.  At the end of the file, and this one has less behind its names, both
 * tools take fewer.
 */
static void
a_name_at_the_end_of_the_file(void **state)
{
	static const uint32_t releases[] = { OLD, LONG_NAMES, NEW };
	struct kldsim_synth *s = kldsim_synth_new("powerpc",
	    KLDSIM_SYNTH_MODULE);
	static struct expected e;
	struct folder folder;

	(void)state;
	folder_open(&folder);
	kldsim_synth_option(s, KLDSIM_SYNTH_SYMTAB, 0);
	kldsim_synth_option(s, KLDSIM_SYNTH_PAGE, 16);
	kldsim_synth_mdt_version(s, "foo", 9);
	put_module(&folder, s, "m.ko");
	want_begin(&e, true);
	want_version(&e, "foo", 9, "m.ko");
	for (size_t i = 0; i < 3; i++) {
		check_built(&folder, releases[i], &e);
		assert_string_equal(folder.said, "");
	}
	folder_close(&folder);
}

/* H-08: neither tool wants relocations. */
static void
a_dso_without_relocations_has_no_records(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_MODULE);
	struct folder folder;

	(void)state;
	folder_open(&folder);
	kldsim_synth_func(s, "f");
	put_module(&folder, s, "m.ko");
	check_nothing(&folder, OLD);
	assert_string_equal(folder.said, "");
	check_nothing(&folder, NEW);
	assert_string_equal(folder.said, "");
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_is_made_byte_for_byte),
		cmocka_unit_test(every_machine_has_its_own_order),
		cmocka_unit_test(entries_are_in_set_order_or_one_module_first),
		cmocka_unit_test(names_say_what_is_looked_into),
		cmocka_unit_test(
		    files_come_in_strcmp_order_links_and_folders_do_not),
		cmocka_unit_test(files_of_another_machine_are_left_out),
		cmocka_unit_test(a_file_without_records_binds_nobody),
		cmocka_unit_test(folders_below_get_files_of_their_own),
		cmocka_unit_test(the_file_can_have_another_name),
		cmocka_unit_test(a_link_is_followed_only_when_told),
		cmocka_unit_test(the_temporary_file_is_where_the_tool_has_it),
		cmocka_unit_test(the_host_s_refusals_are_told),
		cmocka_unit_test(long_names_end_a_file_or_the_run),
		cmocka_unit_test(a_name_of_32_bytes_is_not_too_long),
		cmocka_unit_test(segments_are_counted),
		cmocka_unit_test(
		    small_alignments_are_refused_by_the_old_tool),
		cmocka_unit_test(pointers_are_relocated_in_either_kind),
		cmocka_unit_test(machines_of_rela_take_no_rel),
		cmocka_unit_test(a_name_at_the_end_of_the_file),
		cmocka_unit_test(
		    a_dso_without_relocations_has_no_records),
	};

	return (cmocka_run_group_tests_name("hints_write", tests, NULL,
	    NULL));
}
