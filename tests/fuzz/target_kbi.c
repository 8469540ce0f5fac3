/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: kbi.  The input is a section of CTF.  It is that of a module that
 * refers to some symbols, and of a kernel that has them: against each other they
 * say nothing.  It is compared with a kernel that is always the same, too, in
 * both ways, and written as text, which has a form.  A module of another machine
 * changes nothing of what is said of those after it.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <kldsim/kbi.h>

#include "elf/image.h"
#include "util/bytes.h"

#define SYMBOLS 8
#define STRINGS "\0.symtab\0.strtab\0.SUNW_ctf\0f\0g\0h\0x\0y\0osreldate"

enum { SHDRS = 64, SYMS = SHDRS + 4 * 64, NAMES = SYMS + SYMBOLS * 24,
	CTF = NAMES + 64 };

/* X-01, the kernel that is always the same. */
static const uint8_t known[] = {
	0xf1, 0xcf, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	8, 0, 0, 0, 12, 0, 0, 0, 24, 0, 0, 0, 160, 0, 0, 0, 49, 0, 0, 0,
	1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0,
	2, 0x2c, 1, 0, 4, 0, 1, 0, 0, 0, 0, 0,
	3, 0, 0, 0, 1, 12, 4, 0, 32, 0, 0, 1,
	7, 0, 0, 0, 1, 8, 4, 0, 3, 0, 0, 0,
	20, 0, 0, 0, 3, 0x34, 16, 0,
	24, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 2, 0, 32, 0,
	28, 0, 0, 0, 4, 0, 64, 0,
	0, 0, 0, 0, 0, 0x18, 3, 0,
	0, 0, 0, 0, 1, 0x20, 16, 0, 1, 0, 1, 0, 4, 0, 0, 0,
	33, 0, 0, 0, 2, 0x44, 4, 0,
	35, 0, 0, 0, 0, 0, 0, 0, 37, 0, 0, 0, 255, 255, 255, 255,
	39, 0, 0, 0, 0, 0x4c, 0, 0,
	43, 0, 0, 0, 0, 0x54, 3, 0,
	0, 0, 0, 0, 3, 0x28, 1, 0, 4, 0, 1, 0, 0, 0, 0, 0,
	0, 'L', 0, 'i', 'n', 't', 0,
	'u', 'n', 's', 'i', 'g', 'n', 'e', 'd', ' ', 'i', 'n', 't', 0,
	'f', 'o', 'o', 0, 'a', 0, 'b', 0, 'n', 'e', 'x', 't', 0, 'e', 0,
	'A', 0, 'B', 0, 'b', 'a', 'r', 0, 'f', 'o', 'o', '_', 't', 0,
};

/* Four section headers: the symbols, their names, the types. */
static void
put_section(uint8_t *file, unsigned index, unsigned name, unsigned type,
    uint64_t offset, uint64_t size, unsigned link, unsigned each)
{
	uint8_t *shdr = file + SHDRS + (size_t)index * 64;

	kldsim__store(shdr, 4, false, name);
	kldsim__store(shdr + 4, 4, false, type);
	kldsim__store(shdr + 24, 8, false, offset);
	kldsim__store(shdr + 32, 8, false, size);
	kldsim__store(shdr + 40, 4, false, link);
	kldsim__store(shdr + 56, 8, false, each);
}

static void
put_symbol(uint8_t *file, unsigned index, unsigned name, unsigned type,
    bool defined)
{
	uint8_t *sym = file + SYMS + (size_t)index * 24;

	kldsim__store(sym, 4, false, name);
	sym[4] = (uint8_t)(STB_GLOBAL << 4 | type);
	kldsim__store(sym + 6, 2, false, defined ? 1 : SHN_UNDEF);
	kldsim__store(sym + 8, 8, false, 16 * index);
}

/* A file with the section, that has the symbols or refers to them. */
static struct kldsim_kbi_file *
make(const uint8_t *ctf, size_t size, bool kernel, unsigned machine,
    uint8_t *file)
{
	static const char names[] = STRINGS;
	struct kldsim_kbi_options options;
	struct kldsim_kbi_file *made = NULL;
	struct kldsim_image *image;
	struct kldsim_error error;
	const struct fuzz_bytes bytes = { file, CTF + size };

	memset(file, 0, CTF);
	memcpy(file, "\177ELF\2\1\1\11", 8);
	kldsim__store(file + 16, 2, false, ET_REL);
	kldsim__store(file + 18, 2, false, machine);
	kldsim__store(file + 40, 8, false, SHDRS);
	kldsim__store(file + 52, 2, false, 64);
	kldsim__store(file + 58, 2, false, 64);
	kldsim__store(file + 60, 2, false, 4);
	kldsim__store(file + 62, 2, false, 2);
	put_section(file, 1, 1, SHT_SYMTAB, SYMS, SYMBOLS * 24, 2, 24);
	put_section(file, 2, 9, SHT_STRTAB, NAMES, sizeof(names), 0, 0);
	put_section(file, 3, 17, SHT_PROGBITS, CTF, size, 1, 0);
	for (unsigned i = 0; i < 5; i++)
		put_symbol(file, 1 + i, 27 + 2 * i, i < 3 ? STT_FUNC :
		    STT_OBJECT, kernel);
	memcpy(file + NAMES, names, sizeof(names));
	memcpy(file + CTF, ctf, size);
	kldsim_kbi_options_init(&options, sizeof(options));
	options.limits.types = 1 << 14;
	options.limits.type_members = 1 << 16;
	options.limits.type_strings = options.limits.type_bytes = 1 << 20;
	options.limits.work = 1 << 22;
	options.count_unreached = kernel;
	image = fuzz_image(&bytes, kernel ? "kernel" : "m.ko");
	FUZZ_CHECK(kldsim_kbi_file_new(image, &options, &made, &error) ==
	    KLDSIM_OK, "%s", error.text);
	kldsim_image_unref(image);
	return (made);
}

static void
check_finding(const struct kldsim_kbi_report *report, size_t index,
    const struct kldsim_kbi_info *info)
{
	struct kldsim_kbi_finding finding;
	struct kldsim_kbi_change change;
	struct kldsim_kbi_embedding in;
	char text[64];
	size_t count;

	FUZZ_CHECK(kldsim_kbi_report_finding(report, index, &finding) ==
	    KLDSIM_OK, "no finding");
	FUZZ_CHECK(finding.level >= 2 && finding.level <= 7, "level %u",
	    finding.level);
	FUZZ_CHECK(finding.text != NULL && finding.reached != NULL,
	    "a finding without words");
	FUZZ_CHECK(finding.level > 4 || info->verdict >=
	    KLDSIM_KBI_REBUILD, "level %u, and nothing to do",
	    finding.level);
	for (count = 0; kldsim_kbi_report_change(report, index, count,
	    &change) == KLDSIM_OK; count++) {
		kldsim_kbi_change_text(&change, info->mode, text,
		    sizeof(text));
		FUZZ_CHECK(*text != '\0' && strlen(text) < sizeof(text),
		    "a change without words");
	}
	FUZZ_CHECK(count == finding.changes, "%zu of %zu changes", count,
	    finding.changes);
	for (count = 0; kldsim_kbi_report_embedding(report, index, count,
	    &in) == KLDSIM_OK; count++)
		FUZZ_CHECK(*in.name != '\0', "a type without a name");
}

static struct kldsim_kbi *
begin(struct kldsim_kbi_file *kernel, struct kldsim_kbi_file *old)
{
	struct kldsim_kbi *kbi = NULL;
	struct kldsim_error error;

	FUZZ_CHECK(kldsim_kbi_new(kernel, old, &kbi, &error) == KLDSIM_OK,
	    "%s", error.text);
	return (kbi);
}

static struct kldsim_kbi_report *
report_on(struct kldsim_kbi *kbi, struct kldsim_kbi_file *module,
    struct kldsim_kbi_info *info_ret)
{
	struct kldsim_kbi_report *report = NULL;
	struct kldsim_error error;

	FUZZ_CHECK(kldsim_kbi_compare(kbi, module, &report, &error) ==
	    KLDSIM_OK, "%s", error.text);
	kldsim_kbi_report_info(report, info_ret);
	return (report);
}

static void
compare(struct kldsim_kbi_file *kernel, struct kldsim_kbi_file *old,
    struct kldsim_kbi_file *module, bool same)
{
	struct kldsim_kbi *kbi = begin(kernel, old);
	struct kldsim_kbi_info info;
	struct kldsim_kbi_report *report = report_on(kbi, module, &info);
	struct kldsim_kbi_cause cause;
	size_t told = 0;

	FUZZ_CHECK(!same || info.cut != 0 || (info.findings == 0 &&
	    info.unreached == 0), "%zu differences from itself, %u more",
	    info.findings, (unsigned)info.unreached);
	for (size_t i = 0; i < info.findings; i++)
		check_finding(report, i, &info);
	for (size_t i = 0; kldsim_kbi_report_cause(report, i, &cause) ==
	    KLDSIM_OK; i++) {
		FUZZ_CHECK(cause.first == told && cause.findings != 0,
		    "findings of no cause");
		told += cause.findings;
	}
	FUZZ_CHECK(told == info.findings, "findings of no cause");
	kldsim_kbi_report_free(report);
	kldsim_kbi_free(kbi);
}

static void
compare_after(struct kldsim_kbi_file *kernel, struct kldsim_kbi_file *old,
    struct kldsim_kbi_file *stranger, struct kldsim_kbi_file *module)
{
	struct kldsim_kbi *kbi = begin(kernel, old);
	struct kldsim_kbi_info alone, after;

	kldsim_kbi_report_free(report_on(kbi, module, &alone));
	kldsim_kbi_free(kbi);
	kbi = begin(kernel, old);
	kldsim_kbi_report_free(report_on(kbi, stranger, &after));
	kldsim_kbi_report_free(report_on(kbi, module, &after));
	FUZZ_CHECK(alone.verdict == after.verdict && alone.findings ==
	    after.findings && alone.compared == after.compared,
	    "%zu findings alone, %zu after another", alone.findings,
	    after.findings);
	kldsim_kbi_free(kbi);
}

/* I-90: a letter, a blank and a newline, whatever names are in there. */
static void
check_written(struct kldsim_kbi_file *kernel)
{
	char *text, *again;
	const char *line;

	if (kldsim_kbi_write(kernel, NULL, &text) != KLDSIM_OK)
		return;
	FUZZ_CHECK(strncmp(text, "kbi 1 amd64 ", 12) == 0, "no head");
	for (line = strchr(text, '\n') + 1; *line != '\0';
	    line = strchr(line, '\n') + 1) {
		FUZZ_CHECK(strchr("FTVow", *line) != NULL && line[1] == ' ' &&
		    strchr(line, '\n') != NULL, "a line of no form");
		for (const char *at = line; *at != '\n'; at++)
			FUZZ_CHECK(*at >= ' ' && *at < 0x7f, "an odd byte");
	}
	FUZZ_CHECK(kldsim_kbi_write(kernel, NULL, &again) == KLDSIM_OK &&
	    strcmp(text, again) == 0, "another text");
	kldsim_kbi_write_free(kernel, text);
	kldsim_kbi_write_free(kernel, again);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t each = CTF + size;
	uint8_t *files = malloc(3 * each + CTF + sizeof(known));
	struct kldsim_kbi_file *kernel, *module, *stranger, *other;

	FUZZ_CHECK(files != NULL, "malloc");
	kernel = make(data, size, true, EM_X86_64, files);
	module = make(data, size, false, EM_X86_64, files + each);
	stranger = make(data, size, false, EM_AARCH64, files + 2 * each);
	other = make(known, sizeof(known), true, EM_X86_64, files + 3 * each);
	compare(kernel, NULL, module, true);
	compare(kernel, kernel, module, true);
	compare(other, NULL, module, false);
	compare(other, kernel, module, false);
	compare(kernel, other, module, false);
	compare_after(other, kernel, stranger, module);
	compare_after(kernel, NULL, stranger, module);
	check_written(kernel);
	kldsim_kbi_file_free(kernel);
	kldsim_kbi_file_free(module);
	kldsim_kbi_file_free(stranger);
	kldsim_kbi_file_free(other);
	free(files);
	return (0);
}
