/* SPDX-License-Identifier: BSD-2-Clause */

/* What a file is that is no module or no kernel; see recognise.h. */

#include "elf/recognise.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "util/path.h"

/* --- what is said of each --- */

struct row {
	const char *name;
	const char *tool;   /* makes of it what was wanted; NULL: none does */
	const char *module; /* to who wanted a module */
	const char *kernel; /* to who wanted a kernel */
};

#define NOT_UNPACKED "neither the kernel nor the boot loader unpacks it"

static const struct row rows[] = {
	[KLDSIM__KIND_MODULE] = { "a kernel module", NULL, NULL,
	    "the kernel comes first, and the modules for it behind" },
	[KLDSIM__KIND_KERNEL] = { "a kernel", NULL,
	    "it comes first, and once; modules are the .ko files beside it",
	    NULL },
	[KLDSIM__KIND_PROGRAM] = { "a program that runs outside the kernel",
	    NULL, "a module is the .ko that was built for the kernel",
	    "the kernel is as a rule /boot/kernel/kernel" },
	[KLDSIM__KIND_LIBRARY] = { "a shared library of programs", NULL,
	    "a module is the .ko that was built for the kernel",
	    "the kernel is as a rule /boot/kernel/kernel" },
	[KLDSIM__KIND_CORE] = { "a core dump", NULL,
	    "a module is the .ko that was loaded when it was written",
	    "give the kernel that was running when it was written" },
	[KLDSIM__KIND_DEBUG] = { "a separate debug file, which has the "
	    "addresses of code and data and not their bytes", NULL,
	    "give the module that it belongs to",
	    "give the kernel that it belongs to" },
	[KLDSIM__KIND_EMPTY] = { "empty", NULL, "build it or copy it again",
	    "build it or copy it again" },
	[KLDSIM__KIND_GZIP] = { "compressed with gzip", "gunzip -k",
	    "the boot loader alone unpacks by itself",
	    "the boot loader unpacks by itself, the simulation does not" },
	[KLDSIM__KIND_BZIP2] = { "compressed with bzip2", "bunzip2 -k",
	    "the boot loader alone unpacks by itself",
	    "the boot loader unpacks by itself, the simulation does not" },
	[KLDSIM__KIND_XZ] = { "compressed with xz", "unxz -k", NOT_UNPACKED,
	    NOT_UNPACKED },
	[KLDSIM__KIND_ZSTD] = { "compressed with zstd", "unzstd",
	    NOT_UNPACKED, NOT_UNPACKED },
	[KLDSIM__KIND_TAR] = { "a tar archive", "tar -xf",
	    "modules are the .ko files in it",
	    "a kernel in it lies below boot/" },
	[KLDSIM__KIND_AR] = { "an archive of object files", NULL,
	    "a module is one file that ld -r makes of them",
	    "the kernel is as a rule /boot/kernel/kernel" },
	[KLDSIM__KIND_TEXT] = { "a text file", NULL,
	    "a module is the .ko that is built from sources",
	    "scripts and specs come before KERNEL" },
	[KLDSIM__KIND_PACKAGE] = { "a package or a packed archive", "tar -xf",
	    "modules are the .ko files in it, as a rule in boot/modules",
	    "a kernel in it lies below boot/" },
	[KLDSIM__KIND_FOLDER] = { "a folder", NULL,
	    "give one of the .ko files in it, or make it the module path",
	    "give the file kernel in it" },
	[KLDSIM__KIND_FIFO] = { "a fifo", NULL,
	    "the kernel reads regular files alone",
	    "a kernel has to be a regular file" },
	[KLDSIM__KIND_SOCKET] = { "a socket", NULL,
	    "the kernel reads regular files alone",
	    "a kernel has to be a regular file" },
	[KLDSIM__KIND_DEVICE] = { "a device", NULL,
	    "the kernel reads regular files alone",
	    "a kernel has to be a regular file" },
	[KLDSIM__KIND_LINK_LOOP] = { "a symbolic link that leads back to "
	    "itself", NULL, "make it lead to the module",
	    "make it lead to the kernel" },
};

const char *
kldsim__kind_name(enum kldsim__kind kind)
{
	return (rows[kind].name);
}

static bool
ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return (length > tail && strcmp(name + length - tail, end) == 0);
}

bool
kldsim__is_named_archive(const char *name)
{
	static const char *const ends[] = { ".pkg", ".tar", ".txz", ".tgz", ".tbz",
		".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(name, ends[i]))
			return (true);
	return (false);
}

/* The file that a debug file was split from is named like it. */
static void
advise_undebugged(const char *name, const char *advice, char *text,
    size_t size)
{
	int length = (int)strlen(name);

	if (ends_in(name, ".debug"))
		(void)snprintf(text, size, "%s, %.*s", advice,
		    length - (int)strlen(".debug"), name);
	else
		(void)snprintf(text, size, "%s", advice);
}

void
kldsim__kind_advice(enum kldsim__kind kind, enum kldsim__wanted wanted,
    const char *path, char *text, size_t size)
{
	const char *name = kldsim__basename(path), *advice;
	char more[320] = "";
	const struct row *row;

	if (kind >= KLDSIM__KIND_GZIP && kind <= KLDSIM__KIND_ZSTD &&
	    kldsim__is_named_archive(name))
		kind = KLDSIM__KIND_PACKAGE;
	row = &rows[kind];
	advice = wanted == KLDSIM__WANTED_KERNEL ? row->kernel : row->module;
	*text = '\0';
	if (row->name == NULL || advice == NULL)
		return;
	if (row->tool != NULL)
		(void)snprintf(more, sizeof(more), "unpack it first, by "
		    "%s %.200s (%s)", row->tool, path, advice);
	else if (kind == KLDSIM__KIND_DEBUG)
		advise_undebugged(name, advice, more, sizeof(more));
	(void)snprintf(text, size, "it is %s; %s", row->name,
	    *more != '\0' ? more : advice);
}

/* --- by stat(2) --- */

enum kldsim__kind
kldsim__recognise_mode(mode_t mode)
{
	if (S_ISDIR(mode))
		return (KLDSIM__KIND_FOLDER);
	if (S_ISFIFO(mode))
		return (KLDSIM__KIND_FIFO);
	if (S_ISSOCK(mode))
		return (KLDSIM__KIND_SOCKET);
	return (S_ISCHR(mode) || S_ISBLK(mode) ? KLDSIM__KIND_DEVICE :
	    KLDSIM__KIND_UNKNOWN);
}

/* --- by the first bytes --- */

static const struct {
	enum kldsim__kind kind;
	unsigned offset;
	const char *bytes;
	unsigned length;
} magics[] = {
	{ KLDSIM__KIND_GZIP, 0, "\x1f\x8b", 2 },
	{ KLDSIM__KIND_BZIP2, 0, "BZh", 3 },
	{ KLDSIM__KIND_XZ, 0, "\xfd" "7zXZ", 6 },
	{ KLDSIM__KIND_ZSTD, 0, "\x28\xb5\x2f\xfd", 4 },
	{ KLDSIM__KIND_TAR, 257, "ustar", 5 },
	{ KLDSIM__KIND_AR, 0, "!<arch>\n", 8 },
};

/* How much of a file has to be text for all of it to count as that. */
#define TEXT_BYTES 512u

static bool
is_text(const uint8_t *bytes, uint64_t size)
{
	size_t n = size < TEXT_BYTES ? (size_t)size : TEXT_BYTES;

	for (size_t i = 0; i < n; i++)
		if ((bytes[i] < ' ' && !isspace(bytes[i])) || bytes[i] == 0x7f)
			return (false);
	return (true);
}

static enum kldsim__kind
by_first_bytes(const uint8_t *bytes, uint64_t size)
{
	if (size == 0)
		return (KLDSIM__KIND_EMPTY);
	if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
		return (KLDSIM__KIND_UNKNOWN);
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (kldsim__in_range(magics[i].offset, magics[i].length,
		    size) && memcmp(bytes + magics[i].offset, magics[i].bytes,
		    magics[i].length) == 0)
			return (magics[i].kind);
	return (is_text(bytes, size) ? KLDSIM__KIND_TEXT :
	    KLDSIM__KIND_UNKNOWN);
}

/* --- by their shape --- */

/* The interpreter that kernels name, which nobody ever runs. */
#define RED_HERRING "/red/herring"

struct shape {
	bool interpreted;  /* PT_INTERP */
	bool herring;      /* and it is the kernel's */
	bool needs;        /* DT_NEEDED or DT_SONAME */
	bool from_zero;    /* linked to begin in the page at 0 */
};

static void
look_at_dynamic(const struct kldsim__elf *elf, const GElf_Phdr *phdr,
    struct shape *shape)
{
	const unsigned word = elf->is64 ? 8 : 4;
	const uint64_t size = phdr->p_filesz;

	if (!kldsim__in_range(phdr->p_offset, size, elf->size))
		return;
	for (uint64_t at = 0; at + 2 * word <= size; at += 2 * word) {
		uint64_t tag = kldsim__load(elf->bytes + phdr->p_offset + at,
		    word, elf->big);

		if (tag == DT_NULL)
			break;
		if (tag == DT_NEEDED || tag == DT_SONAME)
			shape->needs = true;
	}
}

static void
look_at_segment(const struct kldsim__elf *elf, const GElf_Phdr *phdr,
    struct shape *shape)
{
	switch (phdr->p_type) {
	case PT_INTERP:
		shape->interpreted = true;
		shape->herring = kldsim__in_range(phdr->p_offset,
		    sizeof(RED_HERRING), elf->size) && memcmp(elf->bytes +
		    phdr->p_offset, RED_HERRING, sizeof(RED_HERRING)) == 0;
		break;
	case PT_DYNAMIC:
		look_at_dynamic(elf, phdr, shape);
		break;
	case PT_LOAD:
		shape->from_zero |= phdr->p_vaddr < 4096;
		break;
	default:
		break;
	}
}

/* False if the headers are not all there: they are no shape then. */
static bool
look_at_segments(const struct kldsim__elf *elf, struct shape *shape)
{
	const size_t each = kldsim__elf_sizeof(elf, ELF_T_PHDR);
	const GElf_Ehdr *ehdr = &elf->ehdr;

	memset(shape, 0, sizeof(*shape));
	if (ehdr->e_phentsize != each || !kldsim__in_range(ehdr->e_phoff,
	    ehdr->e_phnum * each, elf->size))
		return (false);
	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		GElf_Phdr phdr;

		if (kldsim__elf_phdrs(elf, ehdr->e_phoff + i * each, 1,
		    &phdr))
			look_at_segment(elf, &phdr, shape);
	}
	return (true);
}

/*
 * A separate debug file: what has memory has lost its bytes, notes excepted,
 * and code is among it.
 */
static bool
is_debug_file(const struct kldsim__elf *elf)
{
	const size_t each = kldsim__elf_sizeof(elf, ELF_T_SHDR);
	const GElf_Ehdr *ehdr = &elf->ehdr;
	bool code = false;

	if (ehdr->e_shentsize != each || !kldsim__in_range(ehdr->e_shoff,
	    ehdr->e_shnum * each, elf->size))
		return (false);
	for (unsigned i = 0; i < ehdr->e_shnum; i++) {
		GElf_Shdr shdr;

		if (!kldsim__elf_shdrs(elf, ehdr->e_shoff + i * each, 1,
		    &shdr))
			return (false);
		if ((shdr.sh_flags & SHF_ALLOC) == 0 || shdr.sh_size == 0 ||
		    shdr.sh_type == SHT_NOTE)
			continue;
		if (shdr.sh_type != SHT_NOBITS)
			return (false);
		code |= (shdr.sh_flags & SHF_EXECINSTR) != 0;
	}
	return (code);
}

static enum kldsim__kind
by_shape(const struct kldsim__elf *elf)
{
	const unsigned type = elf->ehdr.e_type;
	struct shape shape;

	if (type == ET_CORE)
		return (KLDSIM__KIND_CORE);
	if (is_debug_file(elf))
		return (KLDSIM__KIND_DEBUG);
	if (type == ET_REL)
		return (KLDSIM__KIND_MODULE);
	if (type != ET_EXEC && type != ET_DYN)
		return (KLDSIM__KIND_UNKNOWN);
	if (!look_at_segments(elf, &shape))
		return (KLDSIM__KIND_UNKNOWN);
	if (shape.interpreted)
		return (shape.herring ? KLDSIM__KIND_KERNEL :
		    KLDSIM__KIND_PROGRAM);
	/* Kernels are shared objects too on some machines, never from 0. */
	if (type == ET_DYN && shape.from_zero)
		return (shape.needs ? KLDSIM__KIND_LIBRARY :
		    KLDSIM__KIND_MODULE);
	return (KLDSIM__KIND_UNKNOWN);
}

enum kldsim__kind
kldsim__recognise(const struct kldsim_image *image)
{
	struct kldsim__elf elf;

	return (kldsim__elf_open(image, &elf) ? by_shape(&elf) :
	    by_first_bytes(elf.bytes, elf.size));
}

enum kldsim__kind
kldsim__recognise_beginning(const struct kldsim_image *image)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);

	return (by_first_bytes(bytes, size));
}

/* One without an interpreter is linked to an address, which modules never are. */
bool
kldsim_image_is_kernel(const struct kldsim_image *image)
{
	const enum kldsim__kind kind = kldsim__recognise(image);
	struct kldsim__elf elf;

	return (kind == KLDSIM__KIND_KERNEL || (kind == KLDSIM__KIND_UNKNOWN &&
	    kldsim__elf_open(image, &elf) && elf.ehdr.e_phnum != 0 &&
	    (elf.ehdr.e_type == ET_EXEC || elf.ehdr.e_type == ET_DYN)));
}
