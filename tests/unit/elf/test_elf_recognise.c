/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file is that is no module or no kernel.  The first bytes are those of
 * the formats' own documents; shapes of real files are in tests/cli.
 */

#include "support_base.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "elf/recognise.h"

static struct kldsim_image *
image_of(const void *bytes, size_t size)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_image_open_memory(bytes, size, "a", NULL, NULL,
	    &image, NULL), KLDSIM_OK);
	return (image);
}

static void
recognised_as(const void *bytes, size_t size, enum kldsim__kind want)
{
	struct kldsim_image *image = image_of(bytes, size);

	assert_int_equal(kldsim__recognise(image), want);
	kldsim_image_unref(image);
}

static void
first_bytes_tell(void **state)
{
	uint8_t tar[512] = { 'b', 'o', 'o', 't', '/' };

	(void)state;
	recognised_as("", 0, KLDSIM__KIND_EMPTY);
	/* RFC 1952: ID1, ID2. */
	recognised_as("\x1f\x8b\x08\0\0\0\0\0\0\3", 10, KLDSIM__KIND_GZIP);
	recognised_as("BZh91AY&SY", 10, KLDSIM__KIND_BZIP2);
	recognised_as("\xfd" "7zXZ\0\0\4", 8, KLDSIM__KIND_XZ);
	/* RFC 8878: 0xFD2FB528, little-endian. */
	recognised_as("\x28\xb5\x2f\xfd\x04", 5, KLDSIM__KIND_ZSTD);
	recognised_as("!<arch>\n/               ", 24, KLDSIM__KIND_AR);
	/* POSIX ustar: the magic is at offset 257. */
	memcpy(tar + 257, "ustar\00000", 8);
	recognised_as(tar, sizeof(tar), KLDSIM__KIND_TAR);
	recognised_as(tar, 261, KLDSIM__KIND_UNKNOWN);
	recognised_as("kldload foo\n\tkldstat\r\n", 22, KLDSIM__KIND_TEXT);
	recognised_as("caf\xc3\xa9\n", 6, KLDSIM__KIND_TEXT);
	recognised_as("kldload\0foo", 11, KLDSIM__KIND_UNKNOWN);
	/* linker.hints: version 1. */
	recognised_as("\1\0\0\0", 4, KLDSIM__KIND_UNKNOWN);
}

/* Less than a magic is none, and a cut ELF file is no text. */
static void
cut_files_are_unknown(void **state)
{
	(void)state;
	recognised_as("\x1f", 1, KLDSIM__KIND_UNKNOWN);
	recognised_as("\x28\xb5\x2f\0", 4, KLDSIM__KIND_UNKNOWN);
	recognised_as("\177EL", 3, KLDSIM__KIND_UNKNOWN);
	recognised_as("\177ELF", 4, KLDSIM__KIND_UNKNOWN);
	recognised_as("\177ELF\2\1\1", 7, KLDSIM__KIND_UNKNOWN);
}

/* --- shapes: ELF64 little-endian files made by hand --- */

enum {
	PHDR = 64, PHDR_SIZE = 56, SHDR = 256, SHDR_SIZE = 64, INTERP = 512,
	DYN = 560, FILE_SIZE = 640
};

struct elf {
	uint8_t bytes[FILE_SIZE];
	unsigned nphdr;
	unsigned nshdr;
};

static void
begin(struct elf *elf, unsigned type)
{
	memset(elf, 0, sizeof(*elf));
	memcpy(elf->bytes, "\177ELF\2\1\1", 7);
	kldsim__store(elf->bytes + 16, 2, false, type);
	kldsim__store(elf->bytes + 18, 2, false, EM_X86_64);
	kldsim__store(elf->bytes + 32, 8, false, PHDR);
	kldsim__store(elf->bytes + 40, 8, false, SHDR);
	kldsim__store(elf->bytes + 54, 2, false, PHDR_SIZE);
	kldsim__store(elf->bytes + 58, 2, false, SHDR_SIZE);
}

static void
segment(struct elf *elf, unsigned type, uint64_t offset, uint64_t vaddr,
    uint64_t size)
{
	uint8_t *to = elf->bytes + PHDR + elf->nphdr * PHDR_SIZE;

	kldsim__store(to, 4, false, type);
	kldsim__store(to + 8, 8, false, offset);
	kldsim__store(to + 16, 8, false, vaddr);
	kldsim__store(to + 32, 8, false, size);
	kldsim__store(elf->bytes + 56, 2, false, ++elf->nphdr);
}

static void
section(struct elf *elf, unsigned type, unsigned flags)
{
	uint8_t *to = elf->bytes + SHDR + elf->nshdr * SHDR_SIZE;

	kldsim__store(to + 4, 4, false, type);
	kldsim__store(to + 8, 8, false, flags);
	kldsim__store(to + 32, 8, false, 16);
	kldsim__store(elf->bytes + 60, 2, false, ++elf->nshdr);
}

static void
interpreter(struct elf *elf, const char *name)
{
	memcpy(elf->bytes + INTERP, name, strlen(name) + 1);
	segment(elf, PT_INTERP, INTERP, INTERP, strlen(name) + 1);
}

#define TEXT (SHF_ALLOC | SHF_EXECINSTR)

static void
interpreters_tell(void **state)
{
	struct elf elf;

	(void)state;
	begin(&elf, ET_EXEC);
	segment(&elf, PT_LOAD, 0, 0xffffffff80200000, FILE_SIZE);
	interpreter(&elf, "/red/herring");
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_KERNEL);
	begin(&elf, ET_DYN);
	segment(&elf, PT_LOAD, 0, 0, FILE_SIZE);
	interpreter(&elf, "/libexec/ld-elf.so.1");
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_PROGRAM);
	/* A longer name that begins so is another one. */
	begin(&elf, ET_EXEC);
	interpreter(&elf, "/red/herrings");
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_PROGRAM);
}

static void
shared_objects_tell(void **state)
{
	struct elf elf;

	(void)state;
	begin(&elf, ET_DYN);
	segment(&elf, PT_LOAD, 0, 0, FILE_SIZE);
	segment(&elf, PT_DYNAMIC, DYN, DYN, 48);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
	kldsim__store(elf.bytes + DYN, 8, false, DT_NEEDED);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_LIBRARY);
	kldsim__store(elf.bytes + DYN, 8, false, DT_SONAME);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_LIBRARY);
	/* Behind DT_NULL nothing counts. */
	kldsim__store(elf.bytes + DYN, 8, false, DT_NULL);
	kldsim__store(elf.bytes + DYN + 16, 8, false, DT_NEEDED);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
	/* A kernel of powerpc: a shared object as well, but not from 0. */
	begin(&elf, ET_DYN);
	segment(&elf, PT_LOAD, 0, 0x100000, FILE_SIZE);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_UNKNOWN);
	/* Nothing is loaded for PT_DYNAMIC: where that begins says nothing. */
	segment(&elf, PT_DYNAMIC, DYN, 0, 48);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_UNKNOWN);
}

static bool
is_kernel(unsigned type, unsigned segments)
{
	struct kldsim_image *image;
	struct elf elf;
	bool is;

	begin(&elf, type);
	for (unsigned i = 0; i < segments; i++)
		segment(&elf, PT_LOAD, 0, 0x100000, FILE_SIZE);
	image = image_of(elf.bytes, FILE_SIZE);
	is = kldsim_image_is_kernel(image);
	kldsim_image_unref(image);
	return (is);
}

/* Without an interpreter, anything that is linked to an address may be one. */
static void
what_may_be_a_kernel(void **state)
{
	(void)state;
	assert_true(is_kernel(ET_EXEC, 1));
	assert_true(is_kernel(ET_DYN, 1));
	assert_false(is_kernel(ET_EXEC, 0));
	assert_false(is_kernel(ET_REL, 1));
	assert_false(is_kernel(ET_LOOS, 1));
}

static void
debug_files_tell(void **state)
{
	struct elf elf;

	(void)state;
	begin(&elf, ET_REL);
	section(&elf, SHT_NOBITS, TEXT);
	section(&elf, SHT_NOTE, SHF_ALLOC);
	section(&elf, SHT_PROGBITS, 0); /* .debug_info */
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_DEBUG);
	/* One byte of what is loaded, and it is a module. */
	kldsim__store(elf.bytes + SHDR + 2 * SHDR_SIZE + 8, 8, false,
	    SHF_ALLOC);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
	/* Data alone may well be all zeros. */
	begin(&elf, ET_REL);
	section(&elf, SHT_NOBITS, SHF_ALLOC | SHF_WRITE);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
	begin(&elf, ET_CORE);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_CORE);
}

/* Headers that are not all there are no shape. */
static void
cut_headers_are_no_shape(void **state)
{
	struct elf elf;

	(void)state;
	begin(&elf, ET_EXEC);
	interpreter(&elf, "/bin/sh");
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_PROGRAM);
	recognised_as(elf.bytes, PHDR + PHDR_SIZE - 1, KLDSIM__KIND_UNKNOWN);
	kldsim__store(elf.bytes + 56, 2, false, 65535);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_UNKNOWN);
	begin(&elf, ET_REL);
	section(&elf, SHT_NOBITS, TEXT);
	kldsim__store(elf.bytes + 60, 2, false, 65535);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
	kldsim__store(elf.bytes + 40, 8, false, UINT64_MAX);
	recognised_as(elf.bytes, FILE_SIZE, KLDSIM__KIND_MODULE);
}

/* --- what is said --- */

static const char *
advice(enum kldsim__kind kind, enum kldsim__wanted wanted, const char *path)
{
	static char text[400];

	kldsim__kind_advice(kind, wanted, path, text, sizeof(text));
	return (text);
}

#define MODULE(kind, path) \
	advice(KLDSIM__KIND_##kind, KLDSIM__WANTED_MODULE, path)
#define KERNEL(kind, path) \
	advice(KLDSIM__KIND_##kind, KLDSIM__WANTED_KERNEL, path)

static void
advice_says_what_to_do(void **state)
{
	char longer[1000];

	(void)state;
	assert_string_equal(MODULE(MODULE, "a.ko"), "");
	assert_string_equal(KERNEL(KERNEL, "kernel"), "");
	assert_string_equal(MODULE(UNKNOWN, "a.ko"), "");
	assert_non_null(strstr(KERNEL(MODULE, "a.ko"), "kernel comes first"));
	assert_non_null(strstr(MODULE(GZIP, "k/a.ko.gz"),
	    "gunzip -k k/a.ko.gz"));
	assert_non_null(strstr(MODULE(ZSTD, "a.pkg"), "tar -xf a.pkg"));
	assert_non_null(strstr(MODULE(ZSTD, "a.ko.zst"), "unzstd a.ko.zst"));
	assert_non_null(strstr(MODULE(XZ, "a.txz"), "boot/modules"));
	assert_non_null(strstr(KERNEL(XZ, "a.txz"), "below boot/"));
	assert_non_null(strstr(MODULE(DEBUG, "d/a.ko.debug"), ", a.ko"));
	assert_null(strstr(MODULE(DEBUG, "d/a.ko"), ", a.ko"));
	/* Every kind has something to say to who wants the other one. */
	for (int kind = KLDSIM__KIND_PROGRAM; kind <= KLDSIM__KIND_LINK_LOOP;
	    kind++) {
		assert_non_null(kldsim__kind_name(kind));
		assert_true(*advice(kind, KLDSIM__WANTED_MODULE, "a") != '\0');
		assert_true(*advice(kind, KLDSIM__WANTED_KERNEL, "a") != '\0');
	}
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_true(strlen(MODULE(GZIP, longer)) < 400);
}

/* Of files that every host has. */
static enum kldsim__kind
kind_of(int fd)
{
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(close(fd), 0);
	return (kldsim__recognise_mode(st.st_mode));
}

static void
modes_tell(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(kind_of(open("/", O_RDONLY)), KLDSIM__KIND_FOLDER);
	assert_int_equal(kind_of(open("/dev/null", O_RDONLY)),
	    KLDSIM__KIND_DEVICE);
	assert_int_equal(kind_of(open(__FILE__, O_RDONLY)),
	    KLDSIM__KIND_UNKNOWN);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(kind_of(ends[0]), KLDSIM__KIND_FIFO);
	assert_int_equal(kind_of(ends[1]), KLDSIM__KIND_FIFO);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(kind_of(ends[0]), KLDSIM__KIND_SOCKET);
	assert_int_equal(kind_of(ends[1]), KLDSIM__KIND_SOCKET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_bytes_tell),
		cmocka_unit_test(cut_files_are_unknown),
		cmocka_unit_test(interpreters_tell),
		cmocka_unit_test(shared_objects_tell),
		cmocka_unit_test(what_may_be_a_kernel),
		cmocka_unit_test(debug_files_tell),
		cmocka_unit_test(cut_headers_are_no_shape),
		cmocka_unit_test(advice_says_what_to_do),
		cmocka_unit_test(modes_tell),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
