/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Refusals.  Why no class took a file: the kernel has one errno for most
 * reasons, and often not a word (O-01, O-03, K-21), so that this is asked when
 * nobody has said why.  And what both classes say of a relocation.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/names.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "linker_class/refusal.h"
#include "util/path.h"

struct question {
	struct kldsim *sim;
	struct kldsim__where where;
	struct kldsim__elf elf;
};

#define SAY(q, ...) \
	(void)kldsim__refuse((q)->sim, KLDSIM__ENOEXEC, \
	    KLDSIM__F_FILE_FORMAT, &(q)->where, __VA_ARGS__)

static const char *
machine_name(uint16_t machine)
{
	const char *name = kldsim__machine_name(machine);

	return (name != NULL ? name : "a machine without a name here");
}

/* Not a file of this machine: true if that was it. */
static bool
wrong_kind(struct question *q)
{
	const struct kldsim__arch *arch = q->sim->arch;
	const GElf_Ehdr *ehdr = &q->elf.ehdr;

	if (ehdr->e_ident[EI_CLASS] != arch->elf_class ||
	    ehdr->e_ident[EI_DATA] != arch->elf_data)
		SAY(q, "it is a %u-bit %s-endian file for %s, e_machine %u; "
		    "the kernel (%s) is a %u-bit %s-endian one",
		    q->elf.is64 ? 64u : 32u, q->elf.big ? "big" : "little",
		    machine_name(ehdr->e_machine), ehdr->e_machine,
		    arch->name, arch->elf_class == ELFCLASS64 ? 64u : 32u,
		    kldsim__arch_big(arch) ? "big" : "little");
	else if (ehdr->e_machine != arch->machine)
		SAY(q, "it is built for %s, e_machine %u, the kernel for %s, "
		    "%u", machine_name(ehdr->e_machine), ehdr->e_machine,
		    machine_name(arch->machine), arch->machine);
	else if (ehdr->e_type != ET_REL && ehdr->e_type != ET_DYN &&
	    ehdr->e_type != ET_EXEC)
		SAY(q, "e_type is %u, and modules are relocatable files (%d) "
		    "or shared objects (%d)", ehdr->e_type, ET_REL, ET_DYN);
	else if (ehdr->e_ident[EI_VERSION] != EV_CURRENT ||
	    ehdr->e_version != EV_CURRENT)
		SAY(q, "it says ELF version %u; there is version %d alone",
		    ehdr->e_version != EV_CURRENT ? ehdr->e_version :
		    ehdr->e_ident[EI_VERSION], EV_CURRENT);
	else if (ehdr->e_type == ET_REL && arch->obj_class == NULL)
		SAY(q, "it is a relocatable file, and %s has modules that are "
		    "shared objects: link it with ld -shared, as kmod.mk does",
		    arch->name);
	else
		return (false);
	return (true);
}

/* A section whose bytes the file does not have. */
static bool
cut_off(struct question *q)
{
	const GElf_Ehdr *ehdr = &q->elf.ehdr;

	for (unsigned i = 0; i < ehdr->e_shnum; i++) {
		GElf_Shdr shdr;

		if (!kldsim__elf_shdrs(&q->elf, ehdr->e_shoff +
		    (uint64_t)i * ehdr->e_shentsize, 1, &shdr) ||
		    shdr.sh_type == SHT_NOBITS || kldsim__in_range(
		    shdr.sh_offset, shdr.sh_size, q->elf.size))
			continue;
		q->where.section_index = i;
		SAY(q, "section %u claims bytes 0x%" PRIx64 " to 0x%" PRIx64
		    " of a file of 0x%" PRIx64 " bytes: is it cut off?", i,
		    shdr.sh_offset, shdr.sh_offset + shdr.sh_size,
		    q->elf.size);
		return (true);
	}
	return (false);
}

static bool
odd_object(struct question *q)
{
	const GElf_Ehdr *ehdr = &q->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&q->elf, ELF_T_SHDR);

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0)
		SAY(q, "it has no section headers");
	else if (ehdr->e_shentsize != each)
		SAY(q, "e_shentsize is %u, not %zu", ehdr->e_shentsize, each);
	else if (!kldsim__in_range(ehdr->e_shoff,
	    (uint64_t)ehdr->e_shnum * each, q->elf.size))
		SAY(q, "its %u section headers at 0x%" PRIx64 " lie outside "
		    "the file of 0x%" PRIx64 " bytes: is it cut off?",
		    ehdr->e_shnum, (uint64_t)ehdr->e_shoff, q->elf.size);
	else
		return (cut_off(q));
	return (true);
}

void
kldsim__explain_refusal(struct kldsim *sim, const struct kldsim_image *image,
    const char *path)
{
	struct question q = { .sim = sim,
		.where = { .file = kldsim__basename(path) } };

	if (sim->policy.mac_kld_load != 0) {
		(void)kldsim__refuse(sim, sim->policy.mac_kld_load,
		    KLDSIM__F_FORBIDDEN, &q.where, "a policy of the MAC "
		    "framework refuses to load it; the kernel says ENOEXEC, "
		    "whatever the policy said");
		return;
	}
	if (!kldsim__elf_open(image, &q.elf)) {
		SAY(&q, "it is not an ELF file, or not all of one: %" PRIu64
		    " bytes%s", q.elf.size, q.elf.size >= SELFMAG &&
		    memcmp(q.elf.bytes, ELFMAG, SELFMAG) == 0 ? "; the "
		    "kernel takes the rest of its header from what memory "
		    "happens to hold" : "");
		return;
	}
	if (wrong_kind(&q) || (q.elf.ehdr.e_type == ET_REL && odd_object(&q)))
		return;
	SAY(&q, "its headers are those of no module that a class takes");
}

/* --- relocations --- */

/* What a kind of relocations means that no kernel takes, by its name. */
static const struct {
	const char *in_name;
	const char *meaning;
} families[] = {
	{ "TLS", "it is for a thread-local variable, and the kernel has none: "
	    "take __thread away" },
	{ "TPOFF", "it is for a thread-local variable, and the kernel has "
	    "none: take __thread away" },
	{ "DTP", "it is for a thread-local variable, and the kernel has none: "
	    "take __thread away" },
	{ "GOT", "code takes an address from a global offset table, which "
	    "modules do not have: compile without -fPIC, on amd64 with "
	    "-mcmodel=kernel" },
	{ "PLTOFF", "code is of the large code model: compile with "
	    "-mcmodel=kernel" },
	{ "X86_64_32", "an address has to fit 32 unsigned bits, and those of "
	    "the kernel do not: compile with -mcmodel=kernel" },
	{ "X86_64_16", "no address fits 16 bits: compile with "
	    "-mcmodel=kernel" },
	{ "X86_64_8", "no address fits 8 bits: compile with "
	    "-mcmodel=kernel" },
	{ "COPY", "programs have it that use a library's variable: link the "
	    "module as kmod.mk does" },
	{ "PLT32", "compilers since 2018 write it for a call, and this "
	    "release is older: use its own compiler" },
	{ "PC64", "code is of the large code model: compile with "
	    "-mcmodel=kernel" },
};

static const char *
meaning_of(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strstr(name, families[i].in_name) != NULL)
			return (families[i].meaning);
	return ("the module has to be compiled without it, with the "
	    "options of kmod.mk");
}

/* "R_X86_64_32 (10)", as far as there is a name. */
void
kldsim__reloc_label(const struct kldsim *sim,
    const struct kldsim__reloc_row *row, uint32_t type,
    struct kldsim__reloc_label *label_ret)
{
	char name[sizeof(label_ret->text) - 16];

	if (row != NULL)
		(void)snprintf(name, sizeof(name), "%s", row->name);
	else if (!kldsim__reloc_name(sim->arch->machine, type, name,
	    sizeof(name)))
		(void)snprintf(name, sizeof(name), "a relocation type that "
		    "nobody has named");
	(void)snprintf(label_ret->text, sizeof(label_ret->text),
	    "%s (%" PRIu32 ")", name, type);
}

/* The console says of the symbol that it is undefined; is it? */
static const char *
truth_of_symbol(struct kldsim *sim, const char *name)
{
	struct kldsim__file *kernel = sim->linker.kernel;
	struct kldsim__symref sym;

	if (name == NULL || *name == '\0' ||
	    kernel->class->lookup_symbol(sim, kernel, name, &sym) != 0)
		return ("");
	return ("; the kernel has the symbol, even if it says \"undefined\"");
}

/* What else helps, of symbols that a compiler refers to by itself. */
static const char *
remedy_for(const char *symbol)
{
	return (symbol != NULL && strcmp(symbol, "__stack_chk_guard") == 0 ?
	    "; -fno-stack-protector helps too, and a compiler that is "
	    "FreeBSD's own or LLVM 19 or later" : "");
}

int
kldsim__refuse_relocation(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__rel *rel,
    enum kldsim__fate fate, const struct kldsim__where *where)
{
	struct kldsim__reloc_label label;
	char text[160];

	kldsim__reloc_refusal(&sim->relocator, row, rel->type, rel->sym, text,
	    sizeof(text));
	kldsim__console(sim, "%s", text);
	if (fate == KLDSIM__FATE_UNTOLD)
		return (KLDSIM__EINVAL);
	kldsim__reloc_label(sim, row, rel->type, &label);
	if (fate == KLDSIM__FATE_SKIPPED) {
		kldsim__find(sim, KLDSIM__F_UNKNOWN_RELOCATION, where,
		    "%s: %s%s; this release loads the file all the same and "
		    "leaves the place as it is in the file, so that the code "
		    "there goes wrong",
		    label.text, meaning_of(label.text),
		    remedy_for(where->symbol));
		return (KLDSIM__EINVAL);
	}
	return (kldsim__refuse(sim, KLDSIM__EINVAL,
	    KLDSIM__F_UNKNOWN_RELOCATION, where, "%s: %s%s%s", label.text,
	    meaning_of(label.text), remedy_for(where->symbol),
	    truth_of_symbol(sim, where->symbol)));
}
