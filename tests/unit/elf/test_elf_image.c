/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files as images: how they are opened, kept and let go, and how ELF headers,
 * symbols and relocations of either byte order and word size are read (sizes
 * of section 0.3, symbol names of Z-05).
 */

#include "support_base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf/image.h"
#include "support_image.h"
#include "support_scratch.h"

/* --- files, descriptors, memory ------------------------------------------ */

static char folder[SCRATCH_PATH];

static int
make_folder(void **state)
{
	(void)state;
	scratch_folder(folder, "image");
	return (0);
}

static int
remove_folder(void **state)
{
	(void)state;
	return (rmdir(folder));
}

static const char *
path_of(const char *name)
{
	static char path[sizeof(folder) + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return (path);
}

/* A file of `size` bytes, byte i being i * 31. */
static const char *
make_file(const char *name, size_t size)
{
	const char *path = path_of(name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	for (size_t i = 0; i < size; i++)
		assert_int_not_equal(putc((int)(i * 31 & 0xff), file), EOF);
	assert_int_equal(fclose(file), 0);
	return (path);
}

static void
check_bytes(const struct kldsim_image *image, size_t want)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);

	assert_int_equal(size, want);
	for (size_t i = 0; i < want; i++)
		assert_int_equal(bytes[i], i * 31 & 0xff);
}

/* Read and mapped files alike, of all sizes near the border. */
static void
files_by_path(void **state)
{
	static const size_t sizes[] = { 0, 1, 63, 4096, 32767, 32768, 32769,
		100001 };
	struct kldsim_image *image;
	struct kldsim_image_info info;
	struct kldsim_error error;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const char *path = make_file("file", sizes[i]);

		assert_int_equal(kldsim_image_open(path, &image, &error),
		    KLDSIM_OK);
		assert_string_equal(kldsim__image_name(image), path);
		/* The bytes stay when the name is gone. */
		assert_int_equal(unlink(path), 0);
		check_bytes(image, sizes[i]);
		kldsim_image_info(image, &info);
		assert_int_equal(info.size, sizes[i]);
		assert_false(info.elf);
		assert_int_equal(info.word_bits, 0);
		kldsim_image_unref(image);
	}
}

static void
files_by_descriptor(void **state)
{
	static const size_t sizes[] = { 100, 70000 };
	struct kldsim_image *image;
	struct kldsim_error error;
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const char *path = make_file("file", sizes[i]);

		fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		/* From the first byte on, wherever the descriptor is. */
		assert_int_equal(lseek(fd, 50, SEEK_SET), 50);
		assert_int_equal(kldsim_image_open_fd(fd, "a.ko", &image,
		    &error), KLDSIM_OK);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), 50);
		assert_int_equal(close(fd), 0);
		assert_string_equal(kldsim__image_name(image), "a.ko");
		check_bytes(image, sizes[i]);
		kldsim_image_unref(image);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(kldsim_image_open_fd(-1, "bad", &image, &error),
	    KLDSIM_SYS);
	assert_int_equal(error.sys_errno, EBADF);
}

static void
check_refused(const char *path, int sys_errno)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	assert_int_equal(kldsim_image_open(path, &image, &error), KLDSIM_SYS);
	assert_int_equal(error.status, KLDSIM_SYS);
	assert_int_equal(error.sys_errno, sys_errno);
	assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
	assert_int_equal(kldsim_image_open(path, &image, NULL), KLDSIM_SYS);
}

/* None of them may make the caller wait. */
static void
what_is_no_file_is_refused(void **state)
{
	const char *path;

	(void)state;
	check_refused(path_of("absent"), ENOENT);
	check_refused(folder, EISDIR);
	path = path_of("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	check_refused(path, EINVAL);
	assert_int_equal(unlink(path), 0);
	check_refused("/dev/null", EINVAL);
	path = make_file("plain", 1);
	check_refused("/dev/null/x", ENOTDIR);
	assert_int_equal(unlink(path), 0);
}

static int released;

static void
release(void *user, const void *bytes)
{
	assert_string_equal(user, "user");
	assert_non_null(bytes);
	released++;
}

static void
memory_is_released_once(void **state)
{
	static const char bytes[] = "\177ELF";
	struct kldsim_image *image;
	struct kldsim_error error;
	char user[] = "user";

	(void)state;
	released = 0;
	assert_int_equal(kldsim_image_open_memory(bytes, 4, "m", release, user,
	    &image, &error), KLDSIM_OK);
	assert_ptr_equal(kldsim_image_ref(image), image);
	assert_ptr_equal(kldsim_image_ref(image), image);
	kldsim_image_unref(image);
	kldsim_image_unref(image);
	assert_int_equal(released, 0);
	kldsim_image_unref(image);
	assert_int_equal(released, 1);
	kldsim_image_unref(NULL);
	/* Borrowed, and nothing at all. */
	assert_int_equal(kldsim_image_open_memory(bytes, 4, "b", NULL, NULL,
	    &image, &error), KLDSIM_OK);
	kldsim_image_unref(image);
	assert_int_equal(kldsim_image_open_memory(NULL, 0, "n", NULL, NULL,
	    &image, &error), KLDSIM_OK);
	kldsim_image_unref(image);
	assert_int_equal(kldsim_image_open_memory(NULL, 1, "x", NULL, NULL,
	    &image, &error), KLDSIM_ARG);
	assert_int_equal(error.status, KLDSIM_ARG);
}

static void
release_at_once(void *user, const void *bytes)
{
	assert_null(user);
	assert_null(bytes);
	released++;
}

/* image.h: "and at once if this call fails". */
static void
refused_memory_is_released(void **state)
{
	struct kldsim_image *image;

	(void)state;
	released = 0;
	assert_int_equal(kldsim_image_open_memory(NULL, 1, "x",
	    release_at_once, NULL, &image, NULL), KLDSIM_ARG);
	assert_int_equal(released, 1);
}

/* --- what is kept with an image ------------------------------------------ */

static atomic_int made;
static int dropped;

static void *
make(struct kldsim_image *image, void *arg)
{
	assert_non_null(image);
	/* The first try finds no memory. */
	return (atomic_fetch_add(&made, 1) == 0 ? NULL : arg);
}

static void
drop(void *cached)
{
	assert_string_equal(cached, "index");
	dropped++;
}

static void
cache_is_made_once(void **state)
{
	struct kldsim_image *image;
	char text[] = "index";

	(void)state;
	assert_int_equal(kldsim_image_open_memory("", 0, "c", NULL, NULL,
	    &image, NULL), KLDSIM_OK);
	atomic_store(&made, 0);
	dropped = 0;
	assert_null(kldsim__image_cache(image, make, text, drop));
	assert_ptr_equal(kldsim__image_cache(image, make, text, drop), text);
	assert_ptr_equal(kldsim__image_cache(image, make, NULL, drop), text);
	assert_int_equal(atomic_load(&made), 2);
	assert_int_equal(dropped, 0);
	kldsim_image_unref(image);
	assert_int_equal(dropped, 1);
}

static char shared_text[] = "index";

static void *
use_image(void *arg)
{
	struct kldsim_image *image = arg;

	for (int i = 0; i < 2000; i++) {
		struct kldsim_image_info info;

		(void)kldsim_image_ref(image);
		kldsim_image_info(image, &info);
		if (kldsim__image_cache(image, make, shared_text, drop) !=
		    shared_text || info.size != 4)
			return (image);
		kldsim_image_unref(image);
	}
	kldsim_image_unref(image);
	return (NULL);
}

static void
images_are_shared_by_threads(void **state)
{
	struct kldsim_image *image;
	pthread_t threads[4];
	char user[] = "user";
	void *wrong;

	(void)state;
	released = 0;
	dropped = 0;
	atomic_store(&made, 1);
	assert_int_equal(kldsim_image_open_memory("\177ELF", 4, "t", release,
	    user, &image, NULL), KLDSIM_OK);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_image,
		    kldsim_image_ref(image)), 0);
	kldsim_image_unref(image);
	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(atomic_load(&made), 2);
	assert_int_equal(dropped, 1);
	assert_int_equal(released, 1);
}

/* --- ELF headers ---------------------------------------------------------- */

static const struct machine {
	const char *name;
	unsigned bits;
	bool big;
	unsigned number; /* e_machine, 0: none */
} machines[] = {
	{ "amd64", 64, false, 62 },
	{ "i386", 32, false, 3 },
	{ "arm64", 64, false, 183 },
	{ "armv7", 32, false, 40 },
	{ "riscv64", 64, false, 243 },
	{ "powerpc", 32, true, 20 },
	{ "powerpc64", 64, true, 21 },
	{ "powerpc64le", 64, false, 21 },
	{ "elf32le", 32, false, 0 },
	{ "elf32be", 32, true, 0 },
	{ "elf64le", 64, false, 0 },
	{ "elf64be", 64, true, 0 },
};

static struct kldsim_image *
build(const struct machine *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *synth = kldsim_synth_new(machine->name, kind);
	struct kldsim_image *image;

	(void)kldsim_synth_func(synth, "foo");
	(void)kldsim_synth_object(synth, "bar", "12345678", 8, 8);
	image = support_image(synth, machine->name);
	kldsim_synth_free(synth);
	assert_non_null(image);
	return (image);
}

/* Our numbers of one file against libelf's. */
static void
compare_with_libelf(const struct kldsim__elf *elf)
{
	Elf *other;
	GElf_Ehdr ehdr;
	GElf_Shdr shdr, shdrs[64];
	GElf_Phdr phdr, phdrs[16];

	assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
	other = elf_memory((char *)(uintptr_t)elf->bytes, elf->size);
	assert_non_null(gelf_getehdr(other, &ehdr));
	assert_memory_equal(&ehdr, &elf->ehdr, sizeof(ehdr));
	assert_true(ehdr.e_shnum <= 64 && ehdr.e_phnum <= 16);
	assert_true(kldsim__elf_shdrs(elf, ehdr.e_shoff, ehdr.e_shnum, shdrs));
	for (unsigned i = 0; i < ehdr.e_shnum; i++) {
		assert_non_null(gelf_getshdr(elf_getscn(other, i), &shdr));
		assert_memory_equal(&shdr, &shdrs[i], sizeof(shdr));
	}
	assert_true(kldsim__elf_phdrs(elf, ehdr.e_phoff, ehdr.e_phnum, phdrs));
	for (int i = 0; i < ehdr.e_phnum; i++) {
		assert_non_null(gelf_getphdr(other, i, &phdr));
		assert_memory_equal(&phdr, &phdrs[i], sizeof(phdr));
	}
	elf_end(other);
}

static void
headers_of_all_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		static const enum kldsim_synth_kind kinds[] = {
			KLDSIM_SYNTH_REL, KLDSIM_SYNTH_EXEC, KLDSIM_SYNTH_DYN
		};

		for (unsigned k = 0; k < COUNT(kinds); k++) {
			struct kldsim_image *image =
			    build(&machines[i], kinds[k]);
			struct kldsim_image_info info;
			struct kldsim__elf elf;

			kldsim_image_info(image, &info);
			assert_true(info.elf);
			assert_string_equal(info.name, machines[i].name);
			assert_int_equal(info.word_bits, machines[i].bits);
			assert_int_equal(info.big_endian, machines[i].big);
			assert_int_equal(info.machine, machines[i].number);
			assert_int_equal(info.type, k + 1);
			assert_true(kldsim__elf_open(image, &elf));
			assert_int_equal(info.sections, elf.ehdr.e_shnum);
			compare_with_libelf(&elf);
			kldsim_image_unref(image);
		}
	}
}

/* Section 0.3's sizes. */
static void
sizes_of_the_target(void **state)
{
	static const struct {
		Elf_Type type;
		size_t size32;
		size_t size64;
	} sizes[] = {
		{ ELF_T_EHDR, 52, 64 }, { ELF_T_PHDR, 32, 56 },
		{ ELF_T_SHDR, 40, 64 }, { ELF_T_SYM, 16, 24 },
		{ ELF_T_REL, 8, 16 }, { ELF_T_RELA, 12, 24 },
		{ ELF_T_DYN, 8, 16 },
	};
	struct kldsim__elf elf;

	(void)state;
	memset(&elf, 0, sizeof(elf));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		elf.is64 = false;
		assert_int_equal(kldsim__elf_sizeof(&elf, sizes[i].type),
		    sizes[i].size32);
		elf.is64 = true;
		assert_int_equal(kldsim__elf_sizeof(&elf, sizes[i].type),
		    sizes[i].size64);
	}
}

/* The first `size` bytes of a file, in memory that ends right there. */
static void
check_truncated(const uint8_t *bytes, uint64_t size,
    const struct kldsim__elf *whole)
{
	static GElf_Shdr shdrs[64];
	static GElf_Phdr phdrs[16];
	const size_t shsize = whole->is64 ? 64 : 40;
	const size_t phsize = whole->is64 ? 56 : 32;
	const GElf_Ehdr *ehdr = &whole->ehdr;
	uint8_t *copy = malloc(size != 0 ? size : 1);
	struct kldsim_image *image;
	struct kldsim_image_info info;
	struct kldsim__elf elf;
	bool open = size >= (whole->is64 ? 64u : 52u);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	assert_int_equal(kldsim_image_open_memory(copy, size, "cut", NULL,
	    NULL, &image, NULL), KLDSIM_OK);
	kldsim_image_info(image, &info);
	assert_int_equal(info.elf, open);
	assert_int_equal(kldsim__elf_open(image, &elf), open);
	if (open) {
		assert_int_equal(kldsim__elf_shdrs(&elf, ehdr->e_shoff,
		    ehdr->e_shnum, shdrs),
		    ehdr->e_shoff + ehdr->e_shnum * shsize <= size);
		assert_int_equal(kldsim__elf_phdrs(&elf, ehdr->e_phoff,
		    ehdr->e_phnum, phdrs),
		    ehdr->e_phoff + ehdr->e_phnum * phsize <= size);
	}
	kldsim_image_unref(image);
	free(copy);
}

static void
files_truncated_at_every_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		static const enum kldsim_synth_kind kinds[] = {
			KLDSIM_SYNTH_REL, KLDSIM_SYNTH_DYN
		};

		for (unsigned k = 0; k < COUNT(kinds); k++) {
			struct kldsim_image *image =
			    build(&machines[i], kinds[k]);
			struct kldsim__elf elf;
			uint64_t size;
			const uint8_t *bytes =
			    kldsim__image_bytes(image, &size);

			assert_true(kldsim__elf_open(image, &elf));
			for (uint64_t n = 0; n <= size; n++)
				check_truncated(bytes, n, &elf);
			kldsim_image_unref(image);
		}
	}
}

/* Headers anywhere in the number space, of a file that is whole. */
static void
headers_out_of_range(void **state)
{
	struct kldsim_image *image = build(&machines[0], KLDSIM_SYNTH_DYN);
	struct kldsim__elf elf;
	GElf_Shdr shdr;
	GElf_Phdr phdr;

	(void)state;
	assert_true(kldsim__elf_open(image, &elf));
	assert_true(kldsim__elf_shdrs(&elf, elf.size - 64, 1, &shdr));
	assert_false(kldsim__elf_shdrs(&elf, elf.size - 63, 1, &shdr));
	assert_true(kldsim__elf_phdrs(&elf, elf.size - 56, 1, &phdr));
	assert_false(kldsim__elf_phdrs(&elf, elf.size - 55, 1, &phdr));
	/* Nothing is read, but it has to be there all the same. */
	assert_true(kldsim__elf_shdrs(&elf, elf.size, 0, &shdr));
	assert_false(kldsim__elf_shdrs(&elf, elf.size + 1, 0, &shdr));
	for (int bit = 20; bit < 64; bit++) {
		assert_false(kldsim__elf_shdrs(&elf, UINT64_C(1) << bit, 1,
		    &shdr));
		assert_false(kldsim__elf_phdrs(&elf, -(UINT64_C(1) << bit), 1,
		    &phdr));
	}
	assert_false(kldsim__elf_shdrs(&elf, UINT64_MAX, 1, &shdr));
	assert_false(kldsim__elf_shdrs(&elf, UINT64_MAX - 63, 1, &shdr));
	assert_false(kldsim__elf_shdrs(&elf, 0, 65535, &shdr));
	kldsim_image_unref(image);
}

/* Each wrong byte of e_ident's first six makes it no ELF file. */
static void
what_is_no_elf(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
		bool elf;
	} rows[] = {
		{ 0, 0x7e, false }, { 1, 'e', false }, { 2, 'l', false },
		{ 3, 'f', false },
		{ 4, 0, false }, { 4, 3, false }, { 4, 2, true },
		{ 5, 0, false }, { 5, 3, false }, { 5, 1, true },
		{ 6, 0, true }, { 6, 9, true }, /* EI_VERSION: the kernel's */
		{ 7, 0, true }, { 15, 0xff, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kldsim_synth *synth =
		    kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
		struct kldsim_image *image;
		struct kldsim_image_info info;
		char name[32];

		(void)snprintf(name, sizeof(name), "ehdr.e_ident[%u]",
		    rows[i].at);
		kldsim_synth_override(synth, name, rows[i].value);
		image = support_image(synth, "odd");
		assert_non_null(image);
		kldsim_image_info(image, &info);
		assert_int_equal(info.elf, rows[i].elf);
		assert_int_equal(info.machine, rows[i].elf ? 62 : 0);
		kldsim_image_unref(image);
		kldsim_synth_free(synth);
	}
}

/* --- symbols, relocations, strings --------------------------------------- */

/* One symbol in each of the four formats, after an empty one. */
static const uint8_t sym64le[48] = {
	[24] = 0x44, 0x33, 0x22, 0x11, 0x1a, 0x02, 0xf1, 0xff,
	0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe,
	0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01
};
static const uint8_t sym64be[48] = {
	[24] = 0x11, 0x22, 0x33, 0x44, 0x1a, 0x02, 0xff, 0xf1,
	0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08
};
static const uint8_t sym32le[32] = {
	[16] = 0x44, 0x33, 0x22, 0x11, 0x98, 0xba, 0xdc, 0xfe,
	0x04, 0x03, 0x02, 0x01, 0x1a, 0x02, 0xf1, 0xff
};
static const uint8_t sym32be[32] = {
	[16] = 0x11, 0x22, 0x33, 0x44, 0xfe, 0xdc, 0xba, 0x98,
	0x01, 0x02, 0x03, 0x04, 0x1a, 0x02, 0xff, 0xf1
};

static void
symbols_of_four_formats(void **state)
{
	const struct kldsim__symview views[] = {
		{ sym64le, 2, true, false, NULL, 0, 0, 0 },
		{ sym64be, 2, true, true, NULL, 0, 0, 0 },
		{ sym32le, 2, false, false, NULL, 0, 0, 0 },
		{ sym32be, 2, false, true, NULL, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(views); i++) {
		struct kldsim__sym sym;

		kldsim__sym_get(&views[i], 1, &sym);
		assert_int_equal(sym.name, 0x11223344);
		assert_int_equal(sym.info, 0x1a);
		assert_int_equal(sym.other, 2);
		assert_int_equal(sym.shndx, 0xfff1);
		assert_true(sym.value == (i < 2 ? 0xfedcba9876543210 :
		    0xfedcba98));
		assert_true(sym.size == (i < 2 ? 0x0102030405060708 :
		    0x01020304));
		assert_int_equal(kldsim__sym_info(&views[i], 1), 0x1a);
		kldsim__sym_get(&views[i], 0, &sym);
		assert_int_equal(sym.name, 0);
		assert_int_equal(kldsim__sym_info(&views[i], 0), 0);
	}
}

static void
check_rel(bool is64, bool big, bool rela, const uint8_t *table)
{
	struct kldsim__elf elf;
	struct kldsim__rel rel;

	memset(&elf, 0, sizeof(elf));
	elf.is64 = is64;
	elf.big = big;
	kldsim__rel_get(&elf, table, rela, 1, &rel);
	assert_true(rel.offset == (is64 ? 0x8000000000000010 : 0x80000010));
	assert_int_equal(rel.sym, is64 ? 0x01020304 : 0x010203);
	assert_int_equal(rel.type, is64 ? 0x25 : 0x16);
	/* A 32-bit addend is sign extended; REL has none. */
	assert_true(rel.addend == (rela ? (uint64_t)-4 : 0));
}

/* Section 0.3: R_SYM and R_TYPE; entry 1 of a table, entry 0 being junk. */
static void
relocations_of_eight_formats(void **state)
{
	uint8_t table[48];

	(void)state;
	for (int big = 0; big < 2; big++) {
		for (int rela = 0; rela < 2; rela++) {
			uint8_t *at = table + (rela != 0 ? 24 : 16);

			memset(table, 0xdb, sizeof(table));
			kldsim__store(at, 8, big, 0x8000000000000010);
			kldsim__store(at + 8, 8, big, 0x0102030400000025);
			if (rela != 0)
				kldsim__store(at + 16, 8, big, (uint64_t)-4);
			check_rel(true, big, rela, table);
			memset(table, 0xdb, sizeof(table));
			at = table + (rela != 0 ? 12 : 8);
			kldsim__store(at, 4, big, 0x80000010);
			kldsim__store(at + 4, 4, big, 0x01020316);
			if (rela != 0)
				kldsim__store(at + 8, 4, big, 0xfffffffc);
			check_rel(false, big, rela, table);
		}
	}
}

/* The same answers by way of a view, whether the strings end in NUL or not. */
static void
names_of_views(void **state)
{
	static const uint8_t table[] = { '\0', 'a', 'b', '\0', 'c', 'd' };
	struct kldsim__symview view;

	(void)state;
	memset(&view, 0, sizeof(view));
	kldsim__symview_set_strings(&view, table, 6);
	assert_string_equal(kldsim__sym_name(&view, 2), "b");
	assert_null(kldsim__sym_name(&view, 4));
	assert_null(kldsim__sym_name(&view, 6));
	kldsim__symview_set_strings(&view, table, 4);
	assert_string_equal(kldsim__sym_name(&view, 1), "ab");
	assert_string_equal(kldsim__sym_name(&view, 3), "");
	assert_null(kldsim__sym_name(&view, 4));
	assert_null(kldsim__sym_name(&view, UINT32_MAX));
	kldsim__symview_set_strings(&view, table, 0);
	assert_null(kldsim__sym_name(&view, 0));
}

/* Z-05: a name must begin and end in the table. */
static void
strings_end_in_their_table(void **state)
{
	static const char table[] = { '\0', 'a', 'b', '\0', 'c', 'd' };

	(void)state;
	assert_string_equal(kldsim__strtab_get(table, 6, 0), "");
	assert_string_equal(kldsim__strtab_get(table, 6, 1), "ab");
	assert_string_equal(kldsim__strtab_get(table, 6, 2), "b");
	assert_string_equal(kldsim__strtab_get(table, 6, 3), "");
	assert_null(kldsim__strtab_get(table, 6, 4)); /* no final NUL */
	assert_null(kldsim__strtab_get(table, 6, 5));
	assert_null(kldsim__strtab_get(table, 6, 6));
	assert_null(kldsim__strtab_get(table, 6, UINT64_MAX));
	assert_null(kldsim__strtab_get(table, 3, 1));
	assert_null(kldsim__strtab_get(table, 0, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_by_path),
		cmocka_unit_test(files_by_descriptor),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(memory_is_released_once),
		cmocka_unit_test(refused_memory_is_released),
		cmocka_unit_test(cache_is_made_once),
		cmocka_unit_test(images_are_shared_by_threads),
		cmocka_unit_test(headers_of_all_machines),
		cmocka_unit_test(sizes_of_the_target),
		cmocka_unit_test(files_truncated_at_every_length),
		cmocka_unit_test(headers_out_of_range),
		cmocka_unit_test(what_is_no_elf),
		cmocka_unit_test(symbols_of_four_formats),
		cmocka_unit_test(relocations_of_eight_formats),
		cmocka_unit_test(strings_end_in_their_table),
		cmocka_unit_test(names_of_views),
	};

	return (cmocka_run_group_tests(tests, make_folder, remove_folder));
}
