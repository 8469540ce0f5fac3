/* SPDX-License-Identifier: BSD-2-Clause */

/* Is it a file to look into, and of which machine (H-07, H-08). */

#include "kldxref/kldxref.h"

void *
kldsim__xref_calloc(struct kldsim__xref_file *file, size_t count, size_t size)
{
	void *memory = kldsim__arena_calloc(&file->arena, count, size);

	if (memory == NULL)
		(void)kldsim__xref_fail(file->xref, KLDSIM_NOMEM, 0,
		    "no memory");
	return (memory);
}

const uint8_t *
kldsim__xref_bytes(const struct kldsim__xref_file *file, uint64_t offset,
    uint64_t length)
{
	if (!kldsim__in_range(offset, length, file->elf.size))
		return (NULL);
	return (file->elf.bytes + offset);
}

int
kldsim__xref_string_at(const struct kldsim__xref_file *file, uint64_t offset,
    size_t size, char *text_ret)
{
	uint64_t there;

	if (offset >= file->elf.size)
		return (KLDSIM__EIO);
	there = file->elf.size - offset;
	if (there < size)
		size = (size_t)there;
	memcpy(text_ret, file->elf.bytes + offset, size);
	return (memchr(text_ret, '\0', size) != NULL ? 0 : KLDSIM__EFAULT);
}

/* All section headers; the tools do without more than e_shnum can say. */
int
kldsim__xref_sections(struct kldsim__xref_file *file, size_t *count_ret,
    GElf_Shdr **shdrs_ret)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	GElf_Shdr *shdrs;

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0 ||
	    ehdr->e_shentsize != kldsim__elf_sizeof(&file->elf, ELF_T_SHDR))
		return (KLDSIM__EFTYPE);
	shdrs = kldsim__xref_calloc(file, ehdr->e_shnum, sizeof(*shdrs));
	if (shdrs == NULL)
		return (KLDSIM__ENOMEM);
	if (!kldsim__elf_shdrs(&file->elf, ehdr->e_shoff, ehdr->e_shnum,
	    shdrs))
		return (KLDSIM__EIO);
	*count_ret = ehdr->e_shnum;
	*shdrs_ret = shdrs;
	return (0);
}

/* Is the file of the machine that this run is about? */
static bool
same_arch(const struct kldsim__xref_file *file)
{
	const struct kldsim__xref_arch *arch = &file->xref->arch;

	return (arch->is64 == file->elf.is64 && arch->big == file->elf.big &&
	    arch->machine == file->elf.ehdr.e_machine);
}

static int
take_arch(struct kldsim__xref_file *file)
{
	struct kldsim__xref *xref = file->xref;
	char *name = kldsim__strdup(&xref->alloc, file->path);

	if (name == NULL) {
		(void)kldsim__xref_fail(xref, KLDSIM_NOMEM, 0, "no memory");
		return (KLDSIM__ENOMEM);
	}
	kldsim__free(&xref->alloc, xref->arch_name);
	xref->arch_name = name;
	xref->arch.known = true;
	xref->arch.is64 = file->elf.is64;
	xref->arch.big = file->elf.big;
	xref->arch.machine = file->elf.ehdr.e_machine;
	return (0);
}

/* After opening: does the file go with those before it? */
static int
agree_on_arch(struct kldsim__xref_file *file)
{
	struct kldsim__xref *xref = file->xref;
	bool target_order = xref->facts.kldxref_target_order;

	/* The new tool is bound by a first record only (H-08). */
	if (target_order ? xref->out.records == 0 : !xref->arch.known)
		return (take_arch(file));
	if (same_arch(file))
		return (0);
	kldsim__xref_say(xref, KLDSIM_LOG_WARNING,
	    "%s does not match architecture of %s", file->path,
	    xref->arch_name);
	return (KLDSIM__EINVAL);
}

static bool
is_elf(struct kldsim__xref_file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;

	return (kldsim__elf_open(file->image, &file->elf) &&
	    ehdr->e_ident[EI_VERSION] == EV_CURRENT &&
	    ehdr->e_version == EV_CURRENT);
}

/* Does the tool know the machine, and is it the old tool's own? */
static int
check_machine(struct kldsim__xref_file *file)
{
	const struct kldsim__xref *xref = file->xref;

	if (!kldsim__xref_machine(file) || (!xref->facts.kldxref_target_order &&
	    xref->arch.known && !same_arch(file)))
		return (KLDSIM__EFTYPE);
	return (0);
}

/* Open the ELF file; a FreeBSD errno, told only with -v. */
int
kldsim__xref_open(struct kldsim__xref_file *file)
{
	struct kldsim__xref *xref = file->xref;
	const char *why = "not an ELF file";
	int error = KLDSIM__EINVAL;

	if (is_elf(file)) {
		file->ptrsz = file->elf.is64 ? 8 : 4;
		why = "unsupported architecture";
		error = check_machine(file);
	}
	if (error == 0) {
		why = "not a valid DSO or object file";
		error = kldsim__xref_open_dyn(file);
		/* Whatever it was, the tools try the other kind. */
		if (error != 0)
			error = kldsim__xref_open_obj(file);
	}
	if (error != 0 || xref->status != KLDSIM_OK) {
		kldsim__xref_say(xref, KLDSIM_LOG_DEBUG, "%s: %s", file->path,
		    why);
		return (error != 0 ? error : KLDSIM__ENOMEM);
	}
	return (agree_on_arch(file));
}
