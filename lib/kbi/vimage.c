/* SPDX-License-Identifier: BSD-2-Clause */

/* What a file has of vnets, and what becomes of it; see vimage.h. */

#include "kbi/vimage.h"

#include <stdio.h>
#include <string.h>

#include "kbi/kernel.h"
#include "kern/bad_news.h"
#include "kern/question.h"
#include "kern/vimage_runtime.h"

#define VNET_ENTRY "vnet_entry_"

/* What a file shows of itself. */
struct look {
	struct kldsim *sim;
	struct kldsim__file *file; /* NULL: it is not loaded */
	struct kldsim_vimage *to;
	bool fixed;     /* built with VIMAGE */
	bool plain;     /* built without */
	bool runtime;   /* vimage_configured */
	bool registers; /* VNET_SYSINITs */
	bool sysinits;  /* what would be VNET_SYSINITs with VIMAGE */
	int error;
};

/* --- names --- */

static bool
begins(const char *name, const char *with)
{
	return (strncmp(name, with, strlen(with)) == 0);
}

static bool
ends(const char *name, const char *with)
{
	const size_t length = strlen(name), n = strlen(with);

	return (length >= n && strcmp(name + length - n, with) == 0);
}

/* As relocations have it, of a file that is not loaded the kernel's; 0: none. */
static kldsim_addr
value_of(struct look *look, const char *name)
{
	struct kldsim *sim = look->sim;
	kldsim_addr value = 0;
	kldsim_size size;

	if (look->error != 0)
		return (0);
	if (look->file != NULL) {
		look->error = kldsim__lookup(sim, look->file, name, true,
		    &value);
		return (value);
	}
	look->error = kldsim__ask_kernel(sim, name, &value, &size);
	if (look->error == 0 && value == 0)
		look->error = kldsim__runtime_lookup(sim, name, &value);
	return (value);
}

/* What a loaded file lacks it does not need: it is weak, or nobody's. */
static void
note_undefined(struct look *look, const char *name)
{
	if (look->file == NULL && look->to->undefined++ == 0)
		(void)snprintf(look->to->first_undefined,
		    sizeof(look->to->first_undefined), "%s", name);
}

static void
look_at_entry(struct look *look, const char *name)
{
	const struct kldsim__set *vnet = &look->sim->vnet;
	const kldsim_addr value = value_of(look, name);

	look->fixed = true;
	if (value == 0)
		note_undefined(look, name);
	else if (vnet->present && value - vnet->start <
	    vnet->stop - vnet->start)
		look->to->per_vnet++;
	else
		look->to->ordinary++;
}

/* X, where the kernel has vnet_entry_X and no X (J-10). */
static void
look_at_plain(struct look *look, const char *name)
{
	char entry[256];
	kldsim_addr value;
	kldsim_size size;

	if (strlen(name) > sizeof(entry) - sizeof(VNET_ENTRY) ||
	    value_of(look, name) != 0 || look->error != 0)
		return;
	memcpy(entry, VNET_ENTRY, sizeof(VNET_ENTRY) - 1);
	memcpy(entry + sizeof(VNET_ENTRY) - 1, name, strlen(name) + 1);
	look->error = kldsim__ask_kernel(look->sim, entry, &value, &size);
	if (value == 0)
		return;
	look->plain = true;
	note_undefined(look, name);
}

static void
look_at_import(struct look *look, const char *name)
{
	const bool shim = begins(name, "vnet_dynamic_");

	if (begins(name, VNET_ENTRY)) {
		look_at_entry(look, name);
		return;
	}
	if (strcmp(name, "vimage_configured") == 0)
		look->runtime = true;
	else if (shim)
		look->to->shims++;
	else if (kldsim__option_of_symbol(name).option !=
	    KLDSIM__OPTION_VIMAGE) {
		look_at_plain(look, name);
		return;
	} else
		look->fixed = true;
	look->registers = look->registers || shim ||
	    begins(name, "vnet_register_sys");
	if (value_of(look, name) == 0)
		note_undefined(look, name);
}

/*
 * A VNET_SYSINIT that was compiled without VIMAGE is a SYSINIT of its name,
 * which by custom begins so; with VIMAGE it would begin vnet_init_.
 */
static void
look_at_object(struct look *look, const char *name)
{
	if (!begins(name, "vnet_") || begins(name, "vnet_init_") ||
	    begins(name, "vnet_uninit_"))
		return;
	if (ends(name, "_sys_init") || ends(name, "_sys_uninit"))
		look->plain = look->sysinits = true;
}

static void
look_at_symbol(void *user, const struct kldsim__told_symbol *symbol)
{
	struct look *look = user;

	if (symbol->defined)
		look_at_object(look, symbol->name);
	else
		look_at_import(look, symbol->name);
}

/* --- what follows --- */

static enum kldsim_vimage_kind
kind_of(const struct look *look)
{
	const bool fixed = look->fixed || look->to->set_size != 0;

	if (look->runtime)
		return (KLDSIM_VIMAGE_RUNTIME);
	if (fixed)
		return (look->plain ? KLDSIM_VIMAGE_BOTH :
		    KLDSIM_VIMAGE_FIXED);
	return (look->plain ? KLDSIM_VIMAGE_PLAIN : KLDSIM_VIMAGE_NONE);
}

/* J-12, J-13: what is read is vnet_data_base of a struct vnet at 0. */
static void
find_fault(const struct look *look)
{
	struct kldsim_vimage *to = look->to;
	const bool both = to->module == KLDSIM_VIMAGE_BOTH;

	if (!to->kernel_vimage && to->set_size != 0 &&
	    (both || to->module == KLDSIM_VIMAGE_FIXED))
		to->fault = KLDSIM_VIMAGE_FAULT_OWN;
	else if (to->kernel_vimage &&
	    (both || to->module == KLDSIM_VIMAGE_PLAIN))
		to->fault = KLDSIM_VIMAGE_FAULT_KERNEL;
	if (to->fault != KLDSIM_VIMAGE_NO_FAULT)
		to->fault_at = kldsim__arch_ptrsz(look->sim->arch) == 8 ?
		    0x28 : 0x1c;
}

/* What is refused has no memory, and nothing of it runs. */
static void
conclude(struct look *look)
{
	struct kldsim_vimage *to = look->to;

	to->kernel_vimage = look->sim->vnet.present;
	to->kernel_runtime = look->sim->known.vimage_configured != 0;
	to->module = kind_of(look);
	if (to->undefined != 0)
		return;
	if (to->set_size != 0)
		to->set = to->kernel_vimage ? KLDSIM_VIMAGE_MODSPACE :
		    KLDSIM_VIMAGE_OWN;
	if (look->registers)
		to->calls = to->kernel_vimage ? KLDSIM_VIMAGE_EACH_VNET :
		    KLDSIM_VIMAGE_ONCE;
	else if (look->sysinits)
		to->calls = KLDSIM_VIMAGE_ONCE;
	find_fault(look);
}

/* --- a file that is loaded --- */

static void
find_set(struct kldsim__file *file, struct kldsim_vimage *to)
{
	for (size_t i = 0; i < file->nsections; i++) {
		const struct kldsim_section *section = &file->sections[i];

		if (section->name == NULL ||
		    !kldsim__same_name(section->name, "set_vnet") ||
		    section->size == 0)
			continue;
		if (to->set_size == 0)
			to->set_start = section->address;
		to->set_size += section->size;
	}
	/* A shared object's copy is not where its section is (D-31). */
	if (file->nparts[KLDSIM_SET_VNET] != 0)
		to->set_start = file->parts[KLDSIM_SET_VNET][0].start;
}

int
kldsim__vimage_of_file(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim_vimage *vimage_ret)
{
	struct look look = { .sim = sim, .file = file, .to = vimage_ret };

	memset(vimage_ret, 0, sizeof(*vimage_ret));
	find_set(file, vimage_ret);
	file->class->each_symbol(file, KLDSIM__IMPORTS | KLDSIM__OBJECTS,
	    look_at_symbol, &look);
	conclude(&look);
	return (look.error);
}

/* --- a file --- */

static bool
bytes_of(const struct kldsim__elf *elf, const GElf_Shdr *shdr,
    const uint8_t **bytes_ret)
{
	*bytes_ret = elf->bytes + shdr->sh_offset;
	return (shdr->sh_type != SHT_NOBITS && kldsim__in_range(
	    shdr->sh_offset, shdr->sh_size, elf->size));
}

static bool
header(const struct kldsim__elf *elf, unsigned index, GElf_Shdr *shdr_ret)
{
	return (index < elf->ehdr.e_shnum && kldsim__elf_shdrs(elf,
	    elf->ehdr.e_shoff + (uint64_t)index *
	    kldsim__elf_sizeof(elf, ELF_T_SHDR), 1, shdr_ret));
}

/* set_vnet's bytes, and a symbol table: .symtab if there is one. */
static bool
read_sections(const struct kldsim__elf *elf, struct kldsim_vimage *to,
    GElf_Shdr *symtab)
{
	const uint8_t *names;
	GElf_Shdr shdr, strings;

	memset(symtab, 0, sizeof(*symtab));
	if (!header(elf, elf->ehdr.e_shstrndx, &strings) ||
	    !bytes_of(elf, &strings, &names))
		return (false);
	for (unsigned i = 1; i < elf->ehdr.e_shnum; i++) {
		const char *name;

		if (!header(elf, i, &shdr))
			return (false);
		name = kldsim__strtab_get((const char *)names,
		    strings.sh_size, shdr.sh_name);
		if (name != NULL && strcmp(name, "set_vnet") == 0 &&
		    (shdr.sh_flags & SHF_ALLOC) != 0)
			to->set_size += shdr.sh_size;
		if (shdr.sh_type == SHT_SYMTAB ||
		    (shdr.sh_type == SHT_DYNSYM &&
		    symtab->sh_type == SHT_NULL))
			*symtab = shdr;
	}
	return (symtab->sh_type != SHT_NULL);
}

static bool
view_symbols(const struct kldsim__elf *elf, const GElf_Shdr *symtab,
    struct kldsim__symview *view)
{
	const size_t each = kldsim__elf_sizeof(elf, ELF_T_SYM);
	const uint8_t *names;
	GElf_Shdr strings;

	if (!bytes_of(elf, symtab, &view->syms) ||
	    symtab->sh_size / each > UINT32_MAX ||
	    !header(elf, symtab->sh_link, &strings) ||
	    !bytes_of(elf, &strings, &names))
		return (false);
	view->count = (uint32_t)(symtab->sh_size / each);
	view->is64 = elf->is64;
	view->big = elf->big;
	kldsim__symview_set_strings(view, names, strings.sh_size);
	return (true);
}

/* A weak name that nobody has is 0 and no reason to refuse (O-53). */
static void
look_at_symbols(struct look *look, const struct kldsim__symview *view)
{
	for (uint32_t i = 1; i < view->count && look->error == 0; i++) {
		struct kldsim__told_symbol symbol = { .size = 0 };
		struct kldsim__sym sym;

		kldsim__sym_get(view, i, &sym);
		symbol.name = kldsim__sym_name(view, sym.name);
		symbol.defined = sym.shndx != SHN_UNDEF;
		if (symbol.name == NULL || *symbol.name == '\0' ||
		    (symbol.defined ? (sym.info & 0xf) != STT_OBJECT :
		    sym.info >> 4 == STB_WEAK))
			continue;
		look_at_symbol(look, &symbol);
	}
}

int
kldsim__vimage_of_image(struct kldsim *sim, const struct kldsim_image *image,
    struct kldsim_vimage *vimage_ret, bool *readable_ret)
{
	struct look look = { .sim = sim, .to = vimage_ret };
	struct kldsim__symview view;
	struct kldsim__elf elf;
	GElf_Shdr symtab;

	memset(vimage_ret, 0, sizeof(*vimage_ret));
	memset(&view, 0, sizeof(view));
	*readable_ret = kldsim__elf_open(image, &elf) &&
	    read_sections(&elf, vimage_ret, &symtab) &&
	    view_symbols(&elf, &symtab, &view);
	if (!*readable_ret)
		return (0);
	look_at_symbols(&look, &view);
	conclude(&look);
	return (look.error);
}

/* --- findings --- */

/* Subsystems in which VNET_SYSINITs are, as a rule (section 7.5). */
static bool
is_of_the_network(const struct kldsim *sim, const struct kldsim__sysinit *call)
{
	return ((call->subsystem >> 24 == 8 /* SI_SUB_PROTO_ */ ||
	    call->subsystem == 0x3000000 /* SI_SUB_INIT_IF */ ||
	    call->subsystem == 0x7000000 /* SI_SUB_PSEUDO */) &&
	    call->func != sim->known.module_register_init);
}

/* The file's SYSINITs; a question, whatever the kernel will say of them. */
static int
find_sysinits(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr *start_ret, kldsim_addr *stop_ret)
{
	const struct kldsim__report before = sim->report;
	int error = file->class->lookup_set(sim, file, "sysinit_set",
	    start_ret, stop_ret);

	if (error != 0)
		*start_ret = *stop_ret = 0;
	return (kldsim__question_unsay(sim, &before, error));
}

/*
 * Who has SYSINITs of the network and no set_vnet is worth a look at names.  One
 * with a set_vnet is not told to lack VIMAGE for a name alone.
 */
static int
may_be_plain(struct kldsim *sim, struct kldsim__file *file, bool *may_ret)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__sysinit call;
	kldsim_addr at, stop, record;
	int error;

	*may_ret = false;
	if (file->nparts[KLDSIM_SET_VNET] != 0)
		return (0);
	error = find_sysinits(sim, file, &at, &stop);
	/* What cannot be read ends the kernel, when it gets there. */
	for (; error == 0 && at < stop && stop - at >= ptrsz && !*may_ret &&
	    kldsim__meta_pointer(&sim->meta, at, &record) &&
	    kldsim__meta_sysinit(&sim->meta, record, &call); at += ptrsz)
		*may_ret = is_of_the_network(sim, &call);
	return (error);
}

static bool
has_set(const struct kldsim__file *file)
{
	for (size_t i = 0; i < file->nsections; i++)
		if (file->sections[i].name != NULL && kldsim__same_name(
		    file->sections[i].name, "set_vnet"))
			return (true);
	return (false);
}

/* J-26. */
static void
tell_runtime(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim_vimage *vimage)
{
	static const char *const sets[] = {
		[KLDSIM_VIMAGE_NO_SET] = "it has no set_vnet",
		[KLDSIM_VIMAGE_MODSPACE] = "its set_vnet is in each vnet",
		[KLDSIM_VIMAGE_OWN] = "its set_vnet is used where it is, once" };
	static const char *const calls[] = {
		[KLDSIM_VIMAGE_NO_CALLS] = "it has no VNET_SYSINITs",
		[KLDSIM_VIMAGE_EACH_VNET] = "its VNET_SYSINITs run in each "
		    "vnet",
		[KLDSIM_VIMAGE_ONCE] = "its VNET_SYSINITs run once, with "
		    "SYSINITs" };
	const struct kldsim__where where = { .file = file->filename,
		.symbol = "vimage_configured" };

	kldsim__find(sim, KLDSIM__F_VIMAGE_RUNTIME, &where, "it finds out that "
	    "vimage_configured is %d: of its vnet_entry_ names %u bind into "
	    "set_vnet and %u to ordinary variables; %s; it imports %u shims, "
	    "and %s", vimage->kernel_vimage, (unsigned)vimage->per_vnet,
	    (unsigned)vimage->ordinary, sets[vimage->set],
	    (unsigned)vimage->shims, calls[vimage->calls]);
}

static void
tell_needs(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim_vimage *vimage)
{
	const struct kldsim__where where = { .file = file->filename,
		.section = "set_vnet" };

	kldsim__find(sim, KLDSIM__F_MODULE_NEEDS_VIMAGE, &where, "built with "
	    "options VIMAGE, and this kernel is not: its set_vnet is loaded "
	    "as plain data, and the first access to a variable of it reads "
	    "0x%jx, where nothing is", (uintmax_t)vimage->fault_at);
}

static void
tell_lacks(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim_vimage *vimage)
{
	const struct kldsim__where where = { .file = file->filename };

	kldsim__find(sim, KLDSIM__F_MODULE_LACKS_VIMAGE, &where, "built "
	    "without options VIMAGE, and this kernel with: its vnet functions "
	    "run once, in the vnet of who loads it, and not in others; what it "
	    "calls of the network from a timer or a thread reads 0x%jx, where "
	    "nothing is", (uintmax_t)vimage->fault_at);
}

int
kldsim__vimage_lint(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim_vimage vimage;
	bool look = sim->known.vimage_configured != 0;
	int error = 0;

	if (!look && sim->vnet.present)
		error = may_be_plain(sim, file, &look);
	else if (!look)
		look = has_set(file);
	if (error == 0 && look)
		error = kldsim__vimage_of_file(sim, file, &vimage);
	if (error != 0 || !look)
		return (error);
	if (vimage.module == KLDSIM_VIMAGE_RUNTIME)
		tell_runtime(sim, file, &vimage);
	else if (vimage.fault == KLDSIM_VIMAGE_FAULT_OWN)
		tell_needs(sim, file, &vimage);
	else if (vimage.fault == KLDSIM_VIMAGE_FAULT_KERNEL)
		tell_lacks(sim, file, &vimage);
	return (0);
}
