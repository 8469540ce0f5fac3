/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The first part of link_elf_load_file() of sys/kern/link_elf.c: program
 * headers, memory, and what goes into it (D-02 to D-07).
 *
 * The kernel reads one page and trusts what it finds there; where a number
 * would take it outside its page or its mapping, the simulated kernel dies.
 * Memory that it allocates and does not fill keeps what malloc(9) found there;
 * here that is zeros, and a finding says so where somebody will look.
 */

#include <inttypes.h>
#include <limits.h>

#include "link_elf/link_elf.h"
#include "kern/bad_news.h"
#include "linker_class/placement.h"
#include "util/path.h"

/* --- program headers --- */

/* One walk over the program headers. */
struct scan {
	struct kldsim *sim;
	const struct kldsim__elf *elf;
	const char *path;
	struct kldsim__where where;
	bool unwritten; /* bytes of the page that no file has written */
};

/* The kernel's line, and the reason in other words. */
static int
error_line(const struct scan *scan, const char *text, const char *reason)
{
	kldsim__console(scan->sim, "kldload: %s: %s", scan->path, text);
	return (kldsim__refuse(scan->sim, KLDSIM__ENOEXEC,
	    KLDSIM__F_FILE_FORMAT, &scan->where, "%s", reason));
}

/* Sums of the target's width. */
static uint64_t
target_mask(const struct kldsim__elf *elf)
{
	return (elf->is64 ? UINT64_MAX : UINT32_MAX);
}

/* D-02: complains, and that is all. */
static void
check_place(const struct scan *scan, size_t each)
{
	const GElf_Ehdr *ehdr = &scan->elf->ehdr;
	const uint64_t page = scan->sim->arch->page_size;
	uint64_t end = (ehdr->e_phoff + (uint64_t)ehdr->e_phnum * each) &
	    target_mask(scan->elf);

	if (ehdr->e_phentsize != each || end > page || end > scan->elf->size)
		kldsim__console(scan->sim, "kldload: %s: Unreadable program "
		    "headers", scan->path);
}

/* Bytes of the page that the kernel has read the file's beginning into. */
static int
page_bytes(struct scan *scan, uint64_t offset, size_t size, uint8_t *to)
{
	if (!kldsim__in_range(offset, size, scan->sim->arch->page_size))
		return (kldsim__panic(scan->sim, KLDSIM__F_PROGRAM_HEADERS,
		    &scan->where, "%u program headers at 0x%" PRIx64 " do not "
		    "fit the first page: the kernel goes on and reads outside "
		    "of it", scan->elf->ehdr.e_phnum,
		    (uint64_t)scan->elf->ehdr.e_phoff));
	if (!kldsim__in_range(offset, size, scan->elf->size))
		scan->unwritten = true;
	memcpy(to, scan->sim->linker.first_page + offset, size);
	return (0);
}

/* One entry of the table, in the kernel's order of questions (D-03). */
static int
take_phdr(struct scan *scan, uint64_t offset, size_t each,
    struct kldsim__segments *segments)
{
	uint8_t bytes[sizeof(Elf64_Phdr)];
	struct kldsim__elf page = *scan->elf;
	GElf_Phdr phdr;
	int error = page_bytes(scan, offset, 4, bytes);

	if (error != 0)
		return (error);
	phdr.p_type = kldsim__load32(bytes, scan->elf->big);
	/* A program: kldsim__note_kind() has said so. */
	if (phdr.p_type == PT_INTERP)
		return (KLDSIM__ENOSYS);
	if (phdr.p_type != PT_LOAD && phdr.p_type != PT_DYNAMIC)
		return (0);
	if (phdr.p_type == PT_LOAD &&
	    segments->nsegs == (unsigned)scan->sim->facts.maxsegs)
		return (error_line(scan, "Too many sections", "it has more "
		    "segments (PT_LOAD) than this release takes: link it as "
		    "kmod.mk does, with few"));
	error = page_bytes(scan, offset, each, bytes);
	if (error != 0)
		return (error);
	page.bytes = bytes;
	page.size = each;
	if (!kldsim__elf_phdrs(&page, 0, 1, &phdr))
		return (kldsim__fail(scan->sim, KLDSIM_INTERNAL,
		    "a whole program header cannot be read"));
	if (phdr.p_type == PT_LOAD) {
		segments->segs[segments->nsegs++] = phdr;
	} else {
		segments->dynamic = phdr;
		segments->has_dynamic = true;
	}
	return (0);
}

int
kldsim__dyn_read_phdrs(struct kldsim *sim, const struct kldsim__elf *elf,
    const char *path, struct kldsim__segments *segments_ret)
{
	const size_t each = elf->is64 ? sizeof(Elf64_Phdr) :
	    sizeof(Elf32_Phdr);
	struct scan scan = { .sim = sim, .elf = elf, .path = path,
		.where = { .file = kldsim__basename(path) } };
	int error = 0;

	memset(segments_ret, 0, sizeof(*segments_ret));
	check_place(&scan, each);
	for (unsigned i = 0; i < elf->ehdr.e_phnum && error == 0; i++)
		error = take_phdr(&scan, (elf->ehdr.e_phoff + i * each) &
		    target_mask(elf), each, segments_ret);
	if (scan.unwritten)
		kldsim__find(sim, KLDSIM__F_PROGRAM_HEADERS, &scan.where,
		    "%u program headers at 0x%" PRIx64 " go past the end of "
		    "the file: the kernel takes what memory happens to hold "
		    "for headers", elf->ehdr.e_phnum,
		    (uint64_t)elf->ehdr.e_phoff);
	if (error == 0 && !segments_ret->has_dynamic)
		error = error_line(&scan, "Object is not dynamically-linked",
		    "it has no dynamic section (PT_DYNAMIC), by which symbols "
		    "are found: link it with ld -shared, as kmod.mk does");
	if (error == 0 && segments_ret->nsegs == 0)
		error = error_line(&scan, "No sections", "it has no segment "
		    "that is loaded (PT_LOAD): there is no code or data in "
		    "it");
	return (error);
}

/* --- memory --- */

static struct kldsim__where
in_file(const struct kldsim__file *file)
{
	return ((struct kldsim__where){ .file = file->filename });
}

/* D-04: the first segment's page to the last segment's last page. */
static kldsim_size
mapping_size(const struct kldsim *sim, struct kldsim__dyn *dyn)
{
	const kldsim_addr page = sim->arch->page_size;
	const GElf_Phdr *first = &dyn->segs[0];
	const GElf_Phdr *last =
	    &dyn->segs[dyn->nsegs - 1];

	dyn->base_vaddr = first->p_vaddr & ~(page - 1);
	return ((kldsim__roundup2(last->p_vaddr + last->p_memsz, page) -
	    dyn->base_vaddr) & dyn->mask);
}

/* Where spans of executable memory may begin. */
static kldsim_addr
arena_floor(const struct kldsim *sim)
{
	const struct kldsim__exec_memory *exec =
	    kldsim__arch_exec(sim->arch, &sim->facts);

	return (exec->base != 0 ? exec->base : sim->load_floor);
}

/* And where they end: below the next region that has something else. */
static kldsim_addr
arena_end(const struct kldsim *sim)
{
	const kldsim_addr ends[] = { sim->arch->heap, sim->arch->kernbase };
	kldsim_addr end = sim->arch->map_end;

	for (unsigned i = 0; i < 2; i++)
		if (ends[i] > arena_floor(sim) && ends[i] < end)
			end = ends[i];
	return (end);
}

static int
check_size(struct kldsim *sim, const struct kldsim__file *file,
    kldsim_size mapsize)
{
	struct kldsim__where where = in_file(file);

	if (mapsize == 0 || mapsize > arena_end(sim) - arena_floor(sim))
		return (kldsim__panic(sim, KLDSIM__F_SEGMENT, &where,
		    "the segments go from 0x%" PRIx64 " on for 0x%" PRIx64
		    " bytes, if the last one is the highest: malloc(9) has no "
		    "answer to that", kldsim__dyn_of(file)->base_vaddr,
		    mapsize));
	return (kldsim__limited(sim, &sim->options.limits.map_bytes, mapsize,
	    "%s: bytes of its mapping", file->pathname));
}

/* D-05, or where the options want the file. */
static int
choose_address(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size mapsize, kldsim_addr *start_ret)
{
	struct kldsim__where where = in_file(file);
	bool chosen;
	int error = kldsim__chosen_address(sim, file, mapsize, start_ret,
	    &chosen);

	if (error != 0 || chosen)
		return (error);
	switch (kldsim__exec_arena_alloc(&sim->exec_arena, &sim->space,
	    arena_floor(sim), arena_end(sim), mapsize, start_ret)) {
	case KLDSIM__EXEC_OK:
		return (0);
	case KLDSIM__EXEC_NOMEM:
		return (kldsim__nomem(sim));
	case KLDSIM__EXEC_FULL:
		break;
	}
	return (kldsim__panic(sim, KLDSIM__F_SEGMENT, &where,
	    "there are no 0x%" PRIx64 " bytes of address space left, and "
	    "malloc(9) waits for them for ever", mapsize));
}

/* Past what the file plausibly fills, memory is zeros until written. */
#define PLAUSIBLE (UINT64_C(16) << 20)

/* How much of the mapping is one buffer: all, or up to the last file byte. */
static int
flat_size(struct kldsim *sim, const struct kldsim__file *file,
    kldsim_size mapsize, kldsim_size *size_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const kldsim_size plausible = dyn->elf.size * 2 + PLAUSIBLE;
	kldsim_size end = sim->arch->page_size;

	*size_ret = mapsize;
	if (mapsize <= plausible)
		return (0);
	for (unsigned i = 0; i < dyn->nsegs; i++) {
		const GElf_Phdr *seg = &dyn->segs[i];
		kldsim_size to = ((seg->p_vaddr - dyn->base_vaddr) &
		    dyn->mask) + seg->p_filesz;

		if (to > end && to <= mapsize)
			end = to;
	}
	*size_ret = kldsim__roundup2(end, sim->arch->page_size);
	if (*size_ret <= plausible)
		return (0);
	return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: a mapping of 0x%" PRIx64
	    " bytes is out of proportion to the file", file->pathname,
	    mapsize));
}

static int
make_mapping(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size mapsize)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__extent *extent;
	kldsim_size flat;
	int error = check_size(sim, file, mapsize);

	if (error == 0)
		error = flat_size(sim, file, mapsize, &flat);
	if (error == 0)
		error = choose_address(sim, file, mapsize, &file->address);
	if (error != 0)
		return (error);
	extent = kldsim__aspace_map_flat(&sim->space, file->address,
	    (size_t)flat);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	extent->owner = file->id;
	dyn->map_start = file->address;
	dyn->host = extent->flat;
	dyn->host_size = flat;
	file->size = mapsize;
	if (flat == mapsize)
		return (0);
	extent = kldsim__aspace_map(&sim->space, file->address + flat,
	    mapsize - flat, NULL, 0);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	extent->owner = file->id;
	return (0);
}

/* The counterpart of make_mapping(), and of make_file() for preloaded files. */
int
kldsim__dyn_unmap(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const bool zeros_apart = dyn->host_size < file->size;
	bool done = kldsim__aspace_unmap(&sim->space, dyn->map_start);

	if (done && zeros_apart)
		done = kldsim__aspace_unmap(&sim->space, file->address +
		    dyn->host_size);
	/* A preloaded file is not of the arena: nothing to do there. */
	if (done)
		done = kldsim__exec_arena_free(&sim->exec_arena,
		    file->address) == KLDSIM__EXEC_OK;
	return (done ? 0 : kldsim__nomem(sim));
}

/* --- segments --- */

/* What of a segment would take the kernel outside its mapping. */
static int
check_segment(struct kldsim *sim, const struct kldsim__file *file,
    unsigned i)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Phdr *seg = &dyn->segs[i];
	struct kldsim__where where = in_file(file);
	kldsim_size offset = (seg->p_vaddr - dyn->base_vaddr) & dyn->mask;

	where.has_offset = true;
	where.offset = seg->p_vaddr;
	if (!kldsim__in_range(offset, seg->p_filesz, file->size))
		return (kldsim__panic(sim, KLDSIM__F_SEGMENT, &where,
		    "segment %u is at 0x%" PRIx64 ", outside the 0x%" PRIx64
		    " bytes that go from the first segment's page to the end "
		    "of the last one: the kernel reads the file into what is "
		    "there", i, (uint64_t)seg->p_vaddr, file->size));
	if (seg->p_memsz < seg->p_filesz || !kldsim__in_range(offset,
	    seg->p_memsz, file->size))
		return (kldsim__panic(sim, KLDSIM__F_SEGMENT, &where,
		    "segment %u has p_filesz 0x%" PRIx64 " and p_memsz 0x%"
		    PRIx64 ": the kernel zeroes 0x%" PRIx64 " bytes behind "
		    "the first, past the end of the mapping", i,
		    (uint64_t)seg->p_filesz, (uint64_t)seg->p_memsz,
		    (seg->p_memsz - seg->p_filesz) & dyn->mask));
	return (0);
}

/* A segment that the file does not have all of (D-06). */
static void
note_short(struct kldsim *sim, const struct kldsim__file *file, unsigned i,
    kldsim_size have)
{
	const GElf_Phdr *seg = &kldsim__dyn_of(file)->segs[i];
	struct kldsim__where where = in_file(file);

	kldsim__find(sim, KLDSIM__F_SEGMENT_SHORT, &where,
	    "the file has 0x%" PRIx64 " of the 0x%" PRIx64 " bytes of segment "
	    "%u: the kernel does not look, and the rest is what its memory "
	    "held before (here: zeros)", have, (uint64_t)seg->p_filesz, i);
}

static bool
overlaps_earlier(const struct kldsim__dyn *dyn, unsigned i)
{
	const GElf_Phdr *seg = &dyn->segs[i];

	for (unsigned j = 0; j < i; j++) {
		const GElf_Phdr *other = &dyn->segs[j];

		if (seg->p_vaddr < other->p_vaddr + other->p_memsz &&
		    other->p_vaddr < seg->p_vaddr + seg->p_memsz)
			return (true);
	}
	return (false);
}

static int
read_segment(struct kldsim *sim, struct kldsim__file *file, unsigned i)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const GElf_Phdr *seg = &dyn->segs[i];
	struct kldsim__where where = in_file(file);
	kldsim_size offset = (seg->p_vaddr - dyn->base_vaddr) & dyn->mask;
	kldsim_size have = seg->p_filesz;
	int error = check_segment(sim, file, i);

	if (error != 0)
		return (error);
	/* No file system reads at a negative offset. */
	if (seg->p_filesz != 0 && seg->p_offset > INT64_MAX)
		return (kldsim__refuse(sim, KLDSIM__EINVAL, KLDSIM__F_SEGMENT,
		    &where, "segment %u begins at file offset 0x%" PRIx64
		    ", which is negative for the file system", i,
		    (uint64_t)seg->p_offset));
	if (overlaps_earlier(dyn, i))
		kldsim__find(sim, KLDSIM__F_SEGMENT, &where,
		    "segment %u overlaps an earlier one, and overwrites it",
		    i);
	if (seg->p_offset >= dyn->elf.size)
		have = 0;
	else if (have > dyn->elf.size - seg->p_offset)
		have = dyn->elf.size - seg->p_offset;
	if (have < seg->p_filesz)
		note_short(sim, file, i, have);
	if (have != 0)
		memcpy(dyn->host + offset, dyn->elf.bytes + seg->p_offset,
		    (size_t)have);
	return (kldsim__accessed(sim, kldsim__aspace_zero(&sim->space,
	    file->address + offset + seg->p_filesz,
	    seg->p_memsz - seg->p_filesz)));
}

/* A length that the kernel's read cannot take (Z-35). */
static int
check_lengths(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = in_file(file);

	for (unsigned i = 0; i < dyn->nsegs; i++)
		if (dyn->segs[i].p_filesz > INT_MAX)
			return (kldsim__panic(sim, KLDSIM__F_SEGMENT, &where,
			    "segment %u claims 0x%" PRIx64 " bytes of the "
			    "file: the kernel reads a length cut to an int",
			    i, (uint64_t)dyn->segs[i].p_filesz));
	return (0);
}

/* D-07: symbols and places forget what the mapping begins with. */
static void
check_base(struct kldsim *sim, const struct kldsim__file *file)
{
	struct kldsim__where where = in_file(file);
	kldsim_addr base = kldsim__dyn_of(file)->base_vaddr;

	if (base != 0)
		kldsim__find(sim, KLDSIM__F_BASE_ADDRESS, &where,
		    "the file is linked to begin at 0x%" PRIx64 ", not at 0: "
		    "the kernel adds that to every symbol and every place "
		    "that it relocates", base);
}

int
kldsim__dyn_map(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	kldsim_size mapsize = mapping_size(sim, dyn);
	int error;

	check_base(sim, file);
	error = check_lengths(sim, file);
	if (error == 0)
		error = make_mapping(sim, file, mapsize);
	for (unsigned i = 0; i < dyn->nsegs && error == 0; i++)
		error = read_segment(sim, file, i);
	if (error != 0)
		return (error);
	dyn->bias = file->address;
	dyn->dynamic = kldsim__dyn_address(dyn,
	    dyn->pt_dynamic.p_vaddr - dyn->base_vaddr);
	return (0);
}
