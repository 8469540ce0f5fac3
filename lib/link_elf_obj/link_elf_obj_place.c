/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The middle of link_elf_load_file() of sys/kern/link_elf_obj.c: how much
 * memory, where, and what goes into it (O-10 to O-25), and what that makes of
 * the symbols (O-30).
 */

#include <inttypes.h>
#include <limits.h>

#include "link_elf_obj/link_elf_obj.h"

#include "linker_class/set_part.h"
#include "vnet/vnet_shadow.h"
#include "kern/bad_news.h"
#include "linker_class/placement.h"

/* Where the cursor stands; all of the kernel's arithmetic, wraps included. */
kldsim_addr
kldsim__obj_align(kldsim_addr address, uint64_t addralign)
{
	/* The kernel's mask is an int, extended to the sum's width (O-11). */
	uint64_t mask = (uint64_t)(int64_t)(int32_t)(uint32_t)(addralign - 1);

	return ((address + mask) & ~mask);
}

bool
kldsim__obj_has_bits(const GElf_Shdr *shdr)
{
	return (shdr->sh_type == SHT_PROGBITS ||
	    shdr->sh_type == SHT_X86_64_UNWIND);
}

static kldsim_size
mapping_size(const struct kldsim__obj *obj)
{
	kldsim_size size = 0;

	for (unsigned i = 0; i < obj->nprogtab; i++) {
		const GElf_Shdr *shdr = &obj->shdr[obj->progtab[i].sec];

		size = kldsim__obj_align(size, shdr->sh_addralign);
		size += shdr->sh_size;
	}
	return (size);
}

/* O-12: first fit, large files at a superpage where the release does that. */
static int
choose_address(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size length, kldsim_addr *base_ret)
{
	const struct kldsim__arch *arch = sim->arch;
	const struct kldsim__where where = { .file = file->filename };
	bool chosen;
	int error = kldsim__chosen_address(sim, file, length, base_ret,
	    &chosen);

	if (error != 0 || chosen)
		return (error);
	if (sim->facts.superpage_colour && length >= arch->superpage &&
	    kldsim__aspace_first_fit(&sim->space, sim->load_floor,
	    arch->map_end, length, arch->superpage, base_ret))
		return (0);
	if (kldsim__aspace_first_fit(&sim->space, sim->load_floor,
	    arch->map_end, length, arch->page_size, base_ret))
		return (0);
	/* KERN_NO_SPACE is 3, and was taken for an errno (V-30). */
	return (kldsim__refuse(sim, sim->facts.map_failure_enomem ?
	    KLDSIM__ENOMEM : KLDSIM__ESRCH, KLDSIM__F_NO_ROOM, &where,
	    "its sections take 0x%jx bytes of address space in one piece, and "
	    "from 0x%jx on there are none left", (uintmax_t)length,
	    (uintmax_t)sim->load_floor));
}

static struct kldsim__extent *
map_sections(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size length)
{
	struct kldsim__lent *lent = kldsim__calloc(&sim->alloc,
	    kldsim__obj_of(file)->nprogtab + 1, sizeof(*lent));
	struct kldsim__extent *extent = NULL;
	size_t n;

	if (lent != NULL) {
		n = kldsim__obj_lend(sim, file, length, lent);
		extent = n == 0 ? kldsim__aspace_map_flat(&sim->space,
		    file->address, (size_t)length) :
		    kldsim__aspace_map_stretches(&sim->space, file->address,
		    (size_t)length, lent, n);
	}
	kldsim__free(&sim->alloc, lent);
	return (extent);
}

/*
 * A mapping no larger than its file makes plausible is memory, but for what
 * stays in the file; one that only claims to be large is made of zeros until
 * somebody writes there.
 */
static int
make_mapping(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size mapsize)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	kldsim_size length = kldsim__roundup2(mapsize, sim->arch->page_size);
	struct kldsim__where where = { .file = file->filename };
	struct kldsim__extent *extent;
	int error;

	if (length == 0) {
		/* vm_map_insert(9) refuses it: KERN_INVALID_ADDRESS is 1. */
		return (kldsim__refuse(sim, sim->facts.map_failure_enomem ?
		    KLDSIM__ENOMEM : KLDSIM__EPERM, KLDSIM__F_MAPPING_SIZE,
		    &where, "the sections' sizes and alignments add up to "
		    "0x%jx, which is no page at all", (uintmax_t)mapsize));
	}
	error = choose_address(sim, file, length, &file->address);
	if (error != 0)
		return (error);
	if (kldsim__limited(sim, &sim->options.limits.map_bytes, length,
	    "%s: bytes of its mapping", file->pathname) != 0)
		return (KLDSIM__ABORT);
	if (length <= obj->elf.size * 2 + 65536)
		extent = map_sections(sim, file, length);
	else
		extent = kldsim__aspace_map(&sim->space, file->address,
		    length, NULL, 0);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	extent->owner = file->id;
	obj->mapped = true;
	file->size = mapsize;
	return (0);
}

/* The names that the load pass compares a section's name with. */
static const char *const compared_names[] = {
	".ctors", ".dtors", "set_pcpu", "set_vnet",
};

/* A name that has no end: harmless only if no comparison reaches it (Z-04). */
static int
unterminated_name(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__progent *prog, const char *name, size_t size)
{
	struct kldsim__where where = { .file = file->filename,
		.section_index = prog->sec };

	for (size_t i = 0; i < sizeof(compared_names) /
	    sizeof(compared_names[0]); i++)
		if (strncmp(compared_names[i], name, size) == 0)
			return (kldsim__panic(sim, KLDSIM__F_SECTION_NAME,
			    &where, "the section's name runs past the end of "
			    "its table, and comparing it with \"%s\" reads "
			    "there", compared_names[i]));
	kldsim__find(sim, KLDSIM__F_SECTION_NAME, &where,
	    "the section's name is not terminated within its table");
	prog->name = kldsim__arena_strndup(&file->arena, name, size);
	return (prog->name != NULL ? 0 : kldsim__nomem(sim));
}

/* What a section without a name is called (O-16). */
static const char *
placeholder(unsigned type, bool preload)
{
	if (type == SHT_PROGBITS)
		return ("<<PROGBITS>>");
	if (type == SHT_X86_64_UNWIND)
		return ("<<UNWIND>>");
	if (preload && type == SHT_INIT_ARRAY)
		return ("<<INIT_ARRAY>>");
	if (preload && type == SHT_FINI_ARRAY)
		return ("<<FINI_ARRAY>>");
	return ("<<NOBITS>>");
}

/* O-16. */
int
kldsim__obj_name_section(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__progent *prog, bool preload)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	struct kldsim__where where = { .file = file->filename,
		.section_index = prog->sec };
	const char *name;

	if (obj->shstrtab == NULL || shdr->sh_name == 0) {
		prog->name = placeholder(shdr->sh_type, preload);
		return (0);
	}
	if (shdr->sh_name >= obj->shstrtab_size)
		return (kldsim__panic(sim, KLDSIM__F_SECTION_NAME, &where,
		    "sh_name is 0x%x, outside the 0x%jx bytes of section "
		    "names: the kernel reads a name there", shdr->sh_name,
		    (uintmax_t)obj->shstrtab_size));
	name = kldsim__strtab_get(obj->shstrtab, obj->shstrtab_size,
	    shdr->sh_name);
	if (name == NULL)
		return (unterminated_name(sim, file, prog,
		    obj->shstrtab + shdr->sh_name,
		    (size_t)(obj->shstrtab_size - shdr->sh_name)));
	prog->name = name;
	return (0);
}

/* O-18: which section holds the constructors, and in N the destructors. */
void
kldsim__obj_note_constructors(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog, kldsim_addr cursor, bool preload)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	bool named = preload || (obj->shstrtab != NULL && shdr->sh_name != 0);
	const char *function = preload ? "link_elf_link_preload" :
	    "link_elf_load_file";
	bool ctors = named && (shdr->sh_type == SHT_INIT_ARRAY ||
	    kldsim__same_name(prog->name, ".ctors"));
	bool dtors = named && (shdr->sh_type == SHT_FINI_ARRAY ||
	    kldsim__same_name(prog->name, ".dtors"));

	if (!sim->facts.obj_destructors)
		dtors = false;
	if (ctors && sim->facts.obj_first_ctors_wins && file->ctors != 0) {
		kldsim__console(sim, "%s: multiple ctor sections in %s",
		    function, file->pathname);
	} else if (ctors) {
		file->ctors = cursor;
		file->ctors_size = shdr->sh_size;
	} else if (dtors && obj->dtors != 0) {
		kldsim__console(sim, "%s: multiple dtor sections in %s",
		    function, file->pathname);
	} else if (dtors) {
		obj->dtors = cursor;
		obj->dtors_size = shdr->sh_size;
	}
}

/* Which of the kernel's sets a section belongs to (O-20), by its name. */
enum kldsim_region
kldsim__obj_region_of(const struct kldsim *sim, const char *name)
{
	if (kldsim__same_name(name, "set_pcpu"))
		return (KLDSIM_REGION_DPCPU);
	/* Without VIMAGE set_vnet is a section like any other. */
	if (sim->vnet.present && kldsim__same_name(name, "set_vnet"))
		return (KLDSIM_REGION_VNET);
	return (KLDSIM_REGION_MAPPING);
}

/* O-20, O-21: *addr_ret is 0 when the space is exhausted. */
int
kldsim__obj_allocate_in_set(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog, const char *function,
    kldsim_addr *addr_ret)
{
	bool pcpu = prog->region == KLDSIM_REGION_DPCPU;
	struct kldsim__where where = kldsim__obj_where(file, prog->sec);
	kldsim_size size = kldsim__obj_of(file)->shdr[prog->sec].sh_size;
	int error;

	if (size > INT_MAX)
		return (kldsim__panic(sim, KLDSIM__F_SET_SIZE, &where,
		    "the set's size 0x%jx does not fit the allocator's int: "
		    "the kernel allocates less than it then writes",
		    (uintmax_t)size));
	error = kldsim__part_alloc(sim, file, pcpu ? KLDSIM_SET_DPCPU :
	    KLDSIM_SET_VNET, (int)size, addr_ret);
	if (error != 0 || *addr_ret != 0)
		return (error);
	kldsim__console(sim, "%s: %s module space is out of space; cannot "
	    "allocate %s%jx for %s", function, pcpu ? "pcpu" : "vnet",
	    size != 0 ? "0x" : "", (uintmax_t)size, file->pathname);
	return (kldsim__part_full(sim, pcpu ? KLDSIM_SET_DPCPU :
	    KLDSIM_SET_VNET, &where, size));
}

/* The section's bytes have to fit where the kernel is about to write them. */
static int
check_room(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	kldsim_addr start = file->address;
	struct kldsim__where where;
	kldsim_size length =
	    kldsim__roundup2(file->size, sim->arch->page_size);

	if (prog->region != KLDSIM_REGION_MAPPING) {
		const struct kldsim__set *set =
		    prog->region == KLDSIM_REGION_DPCPU ? &sim->dpcpu :
		    &sim->vnet;

		start = set->start;
		length = set->stop - set->start;
	}
	if (kldsim__in_range(prog->addr - start, prog->size, length))
		return (0);
	where = kldsim__obj_where(file, prog->sec);
	return (kldsim__panic(sim, KLDSIM__F_MAPPING_SIZE, &where,
	    "0x%jx bytes at 0x%jx go outside [0x%jx, 0x%jx): sizes or the "
	    "alignment 0x%jx do not add up as the kernel counts them",
	    (uintmax_t)prog->size, (uintmax_t)prog->addr, (uintmax_t)start,
	    (uintmax_t)(start + length), (uintmax_t)
	    kldsim__obj_of(file)->shdr[prog->sec].sh_addralign));
}

/*
 * The file ends before the section does.  What there is has been read; in
 * modspace it stays behind (O-82), in the mapping nobody sees it.
 */
static int
short_section(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	const struct kldsim__elf *elf = &kldsim__obj_of(file)->elf;
	const uint64_t offset =
	    kldsim__obj_of(file)->shdr[prog->sec].sh_offset;
	int error;

	if (prog->region == KLDSIM_REGION_MAPPING || offset >= elf->size)
		return (kldsim__obj_cut_off(sim, file, prog->sec));
	error = check_room(sim, file, prog);
	if (error == 0)
		error = kldsim__accessed(sim, kldsim__aspace_write(
		    &sim->space, prog->addr, elf->bytes + offset,
		    (size_t)(elf->size - offset)));
	return (error != 0 ? error :
	    kldsim__obj_cut_off(sim, file, prog->sec));
}

/* O-15, O-22 to O-24. */
static int
fill_section(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__progent *prog)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	const bool bits = kldsim__obj_has_bits(shdr);
	struct kldsim__set *set;
	int error;

	if (bits && !kldsim__in_range(shdr->sh_offset, shdr->sh_size,
	    obj->elf.size))
		return (short_section(sim, file, prog));
	error = check_room(sim, file, prog);
	if (error != 0 || prog->lent)
		return (error);
	if (prog->host != NULL) {
		/* A new mapping is zero already. */
		if (bits)
			memcpy(prog->host, obj->elf.bytes + shdr->sh_offset,
			    (size_t)shdr->sh_size);
		return (0);
	}
	error = kldsim__accessed(sim, bits ?
	    kldsim__aspace_write(&sim->space, prog->addr,
	    obj->elf.bytes + shdr->sh_offset, (size_t)shdr->sh_size) :
	    kldsim__aspace_zero(&sim->space, prog->addr, prog->size));
	if (error == 0 && prog->region == KLDSIM_REGION_VNET)
		error = kldsim__vnet_save_init(sim, prog->addr, prog->size);
	if (error != 0 || !bits || prog->region == KLDSIM_REGION_MAPPING)
		return (error);
	/* Before any relocation: the instances never see one (O-22). */
	set = prog->region == KLDSIM_REGION_DPCPU ? &sim->dpcpu : &sim->vnet;
	if (set == &sim->vnet && sim->facts.propagates_vnets_after_sysctls)
		return (0);
	return (kldsim__accessed(sim, kldsim__set_copy(set, prog->addr,
	    prog->size)));
}

/* What the public API tells of the section. */
int
kldsim__obj_record_section(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	const GElf_Shdr *shdr = &kldsim__obj_of(file)->shdr[prog->sec];
	struct kldsim_section *section = &file->sections[file->nsections++];
	enum kldsim_set set;
	struct kldsim_set_part *part;

	section->name = prog->name;
	section->index = prog->sec;
	section->type = shdr->sh_type;
	section->flags = shdr->sh_flags;
	section->address = prog->addr;
	section->size = prog->size;
	section->region = prog->region;
	section->hole = prog->hole;
	if (prog->region == KLDSIM_REGION_MAPPING)
		return (0);
	set = prog->region == KLDSIM_REGION_DPCPU ? KLDSIM_SET_DPCPU :
	    KLDSIM_SET_VNET;
	if (file->parts[set] == NULL)
		file->parts[set] = kldsim__arena_calloc(&file->arena,
		    kldsim__obj_of(file)->nprogtab, sizeof(*part));
	if (file->parts[set] == NULL)
		return (kldsim__nomem(sim));
	part = &file->parts[set][file->nparts[set]++];
	part->fileid = file->id;
	part->section_index = prog->sec;
	part->start = prog->addr;
	part->size = prog->size;
	return (0);
}

/* The alignment has masked the address away, and 0 means "no space". */
static int
refuse_address_0(struct kldsim *sim, const struct kldsim__file *file,
    unsigned sec)
{
	const struct kldsim__where where = kldsim__obj_where(file, sec);

	return (kldsim__refuse(sim, KLDSIM__ENOSPC,
	    KLDSIM__F_SECTION_ALIGNMENT, &where, "sh_addralign is 0x%jx: the "
	    "kernel's arithmetic makes the address 0 of it, which it takes "
	    "for a lack of space", (uintmax_t)
	    kldsim__obj_of(file)->shdr[sec].sh_addralign));
}

/* One section of the load pass; the cursor moves on. */
static int
place_section(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__progent *prog, kldsim_addr *cursor)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(&sim->space, file->address);
	int error;

	*cursor = kldsim__obj_align(*cursor, shdr->sh_addralign);
	error = kldsim__obj_name_section(sim, file, prog, false);
	if (error != 0)
		return (error);
	kldsim__obj_note_constructors(sim, file, prog, *cursor, false);
	prog->hole = *cursor;
	prog->region = kldsim__obj_region_of(sim, prog->name);
	if (prog->region == KLDSIM_REGION_MAPPING)
		prog->addr = *cursor;
	else
		error = kldsim__obj_allocate_in_set(sim, file, prog,
		    "link_elf_load_file", &prog->addr);
	if (error == 0 && prog->addr == 0)
		error = refuse_address_0(sim, file, prog->sec);
	if (error != 0)
		return (error);
	prog->size = shdr->sh_size;
	if (prog->region == KLDSIM_REGION_MAPPING)
		prog->host = kldsim__extent_own(extent,
		    prog->addr - file->address, prog->size);
	error = fill_section(sim, file, prog);
	if (error == 0)
		error = kldsim__obj_record_section(sim, file, prog);
	*cursor += shdr->sh_size;
	return (error);
}

/* A relocation table is read in the same pass; only its size matters. */
static int
read_reltab(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__relent *rel)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[rel->sec];
	unsigned each = (rel->rela ? 3 : 2) * (obj->elf.is64 ? 8 : 4);
	struct kldsim__where where;

	if (shdr->sh_size > INT_MAX) {
		where = kldsim__obj_where(file, rel->sec);
		return (kldsim__panic(sim, KLDSIM__F_RELOC_TABLE_SIZE, &where,
		    "the relocation table claims 0x%jx bytes: the kernel's "
		    "counts are ints", (uintmax_t)shdr->sh_size));
	}
	if (!kldsim__in_range(shdr->sh_offset, shdr->sh_size, obj->elf.size))
		return (kldsim__obj_cut_off(sim, file, rel->sec));
	rel->table = obj->elf.bytes + shdr->sh_offset;
	rel->count = shdr->sh_size / each;
	if (shdr->sh_size % each == 0)
		return (0);
	where = kldsim__obj_where(file, rel->sec);
	kldsim__find(sim, KLDSIM__F_RELOC_TABLE_SIZE, &where,
	    "the relocation table's size is no multiple of %u bytes; the rest "
	    "is ignored", each);
	return (0);
}

/* The load pass: sections and relocation tables in the file's order. */
static int
load_pass(struct kldsim *sim, struct kldsim__file *file, kldsim_addr *end_ret)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	unsigned *rel_of = kldsim__arena_calloc(&file->arena, obj->nshdr,
	    sizeof(*rel_of));
	kldsim_addr cursor = file->address;
	uint64_t relocs = 0;
	int error = 0;

	file->sections = kldsim__arena_calloc(&file->arena, obj->nprogtab,
	    sizeof(*file->sections));
	if (rel_of == NULL || file->sections == NULL)
		return (kldsim__nomem(sim));
	for (unsigned r = 0; r < obj->nreltab; r++)
		rel_of[obj->reltab[r].sec] = r + 1;
	for (unsigned i = 0; i < obj->nshdr && error == 0; i++) {
		if (obj->progent_of[i] != 0) {
			error = place_section(sim, file,
			    &obj->progtab[obj->progent_of[i] - 1], &cursor);
		} else if (rel_of[i] != 0) {
			struct kldsim__relent *rel =
			    &obj->reltab[rel_of[i] - 1];

			error = read_reltab(sim, file, rel);
			relocs += rel->count;
		}
	}
	if (error == 0)
		error = kldsim__limited(sim, &sim->options.limits.relocs,
		    relocs, "%s: relocations", file->pathname);
	*end_ret = cursor;
	/* Local and global relocations are passes of their own (O-40). */
	return (error != 0 ? error : kldsim__work(sim, file, 2 * relocs));
}

/* What one symbol is, and its value after the fix-up (O-30, O-31). */
static uint8_t
fix_symbol(const struct kldsim__obj *obj, const struct kldsim__sym *sym,
    kldsim_addr *value)
{
	/* With over 0xff00 sections a reserved index can be a real one. */
	const unsigned prog = sym->shndx < obj->nshdr ?
	    obj->progent_of[sym->shndx] : 0;

	if (prog != 0)
		*value += obj->progtab[prog - 1].addr;
	if (sym->shndx == SHN_UNDEF) /* section 0 may be one all the same */
		return (KLDSIM__SYM_UNDEF);
	/* Section or not, it does not outlive the pass (O-47). */
	if (sym->shndx == KLDSIM__SHN_CACHED)
		return (KLDSIM__SYM_POSES);
	if (prog == 0 && sym->shndx < SHN_LORESERVE)
		return (KLDSIM__SYM_UNLOADED);
	if (prog == 0 && sym->shndx != SHN_ABS)
		return (KLDSIM__SYM_RESERVED);
	return (KLDSIM__SYM_DEFINED);
}

/* Z-21. */
static void
wrapped(struct kldsim *sim, const struct kldsim__file *file, uint32_t symbol,
    uint64_t value)
{
	struct kldsim__where where = { .file = file->filename,
		.symbol = kldsim__obj_symbol_name(kldsim__obj_of(file),
		symbol) };

	kldsim__find(sim, KLDSIM__F_SYMBOL_WRAPS, &where,
	    "symbol %u has the offset 0x%jx, which wraps around with its "
	    "section's address", symbol, (uintmax_t)value);
}

int
kldsim__obj_fix_symbols(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	uint32_t count = obj->symtab.count;

	obj->value = kldsim__arena_alloc(&file->arena,
	    (size_t)count * sizeof(*obj->value));
	obj->state = kldsim__arena_alloc(&file->arena, count);
	obj->bad_name = KLDSIM__NO_SYMBOL;
	if (obj->value == NULL || obj->state == NULL)
		return (kldsim__nomem(sim));
	for (uint32_t i = 0; i < count; i++) {
		struct kldsim__sym sym;

		kldsim__sym_get(&obj->symtab, i, &sym);
		obj->value[i] = sym.value;
		obj->state[i] = (uint8_t)(fix_symbol(obj, &sym,
		    &obj->value[i]) | (sym.info >> 4) << 4);
		if (obj->bad_name == KLDSIM__NO_SYMBOL &&
		    kldsim__sym_name(&obj->symtab, sym.name) == NULL)
			obj->bad_name = i;
		if (obj->value[i] < sym.value)
			wrapped(sim, file, i, sym.value);
		if ((sym.info & 0xf) == STT_GNU_IFUNC) {
			obj->state[i] |= KLDSIM__SYM_IS_IFUNC;
			obj->has_ifuncs = true;
		}
	}
	return (0);
}

int
kldsim__obj_place(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const struct kldsim__where where = { .file = file->filename };
	kldsim_size mapsize = mapping_size(obj);
	kldsim_addr end = 0;
	int error;

	error = make_mapping(sim, file, mapsize);
	if (error == 0)
		error = load_pass(sim, file, &end);
	if (error != 0)
		return (error);
	/* Large alignments count differently in the two passes (O-14). */
	if (end != file->address + mapsize) {
		kldsim__console(sim, "%s: mapbase 0x%" PRIx64 " != address "
		    "0x%" PRIx64 " + mapsize 0x%" PRIx64 " (0x%" PRIx64 ")",
		    file->pathname, end, file->address, mapsize,
		    file->address + mapsize);
		return (kldsim__refuse(sim, KLDSIM__ENOMEM,
		    KLDSIM__F_SECTION_ALIGNMENT, &where, "a section wants to "
		    "be aligned to more than a page: the kernel counts 0x%"
		    PRIx64 " bytes before it places the sections and 0x%"
		    PRIx64 " after", mapsize, end - file->address));
	}
	return (kldsim__obj_fix_symbols(sim, file));
}
