/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An ELF core with a PT_LOAD for each run of memory, by virtual addresses
 * (E-40).  What of the kernel's read-only segments is still the file's own
 * bytes is left out: debuggers have that from the file.
 */

#include <inttypes.h>

#include "core/core.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

#define RUNS_MAX 0xfffeu   /* more want PN_XNUM, which few understand */
#define FREEBSD_PRSTATUS 48u /* what comes before the registers (E-41) */

/* A run of mapped memory that is in the core. */
struct run {
	kldsim_addr start;
	kldsim_size size;
	uint64_t offset; /* in the file */
};

struct elf_core {
	struct kldsim__core *core;
	const struct kldsim__overlay *overlay;
	unsigned word;
	bool big;
	struct kldsim__elf kernel; /* its file */
	GElf_Phdr *phdrs;
	unsigned nphdrs;
	struct run *runs;
	size_t nruns;
	size_t cap;
	struct kldsim__text head; /* headers and notes */
};

/* --- which memory --- */

static int
read_kernel(struct elf_core *c)
{
	struct kldsim *sim = c->core->sim;
	const bool is_elf = kldsim__elf_open(sim->linker.kernel->image,
	    &c->kernel);

	c->phdrs = kldsim__calloc(&sim->alloc,
	    (size_t)c->kernel.ehdr.e_phnum + 1, sizeof(*c->phdrs));
	if (c->phdrs == NULL)
		return (kldsim__nomem(sim));
	/* It has booted, so they are there; without, nothing is left out. */
	c->nphdrs = is_elf && kldsim__elf_phdrs(&c->kernel,
	    c->kernel.ehdr.e_phoff, c->kernel.ehdr.e_phnum, c->phdrs) ?
	    c->kernel.ehdr.e_phnum : 0;
	return (0);
}

/* Whether they are the kernel's file's own, and the kernel only reads them. */
static bool
is_left_out(const struct elf_core *c, const uint8_t *bytes, size_t size)
{
	const uintptr_t first = (uintptr_t)c->kernel.bytes;
	const uintptr_t at = (uintptr_t)bytes;

	if (at < first || at - first >= c->kernel.size)
		return (false);
	for (unsigned i = 0; i < c->nphdrs; i++) {
		const GElf_Phdr *phdr = &c->phdrs[i];

		if (phdr->p_type == PT_LOAD && (phdr->p_flags & PF_W) == 0 &&
		    kldsim__in_range(at - first - phdr->p_offset, size,
		    phdr->p_filesz))
			return (true);
	}
	return (false);
}

static int
add_run(struct elf_core *c, kldsim_addr start, kldsim_size size)
{
	struct kldsim *sim = c->core->sim;
	struct run *last = c->nruns == 0 ? NULL : &c->runs[c->nruns - 1];

	if (last != NULL && last->start + last->size == start) {
		last->size += size;
		return (0);
	}
	if (c->nruns == RUNS_MAX)
		return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: memory is in "
		    "more than %u pieces, which a core cannot tell",
		    c->core->options.name, RUNS_MAX));
	if (!kldsim__grow(&sim->alloc, &c->runs, &c->cap, c->nruns + 1,
	    sizeof(*c->runs)))
		return (kldsim__nomem(sim));
	c->runs[c->nruns++] = (struct run){ .start = start, .size = size };
	return (0);
}

/* One mapped stretch, less what is left out. */
static int
add_stretch(struct elf_core *c, kldsim_addr start, kldsim_size size)
{
	int error = 0;
	size_t length;

	for (; size != 0 && error == 0; start += length, size -= length) {
		const uint8_t *bytes = kldsim__overlay_peek(c->overlay, start,
		    (size_t)size, &length);

		if (!is_left_out(c, bytes, length))
			error = add_run(c, start, length);
	}
	return (error);
}

static int
find_runs(struct elf_core *c)
{
	kldsim_addr at = 0, start;
	kldsim_size size;
	int error = 0;
	bool more = true;

	while (more && error == 0 &&
	    kldsim__overlay_next(c->overlay, at, &start, &size)) {
		error = add_stretch(c, start, size);
		at = start + size;
		more = at != 0;
	}
	return (error);
}

/* --- headers and notes --- */

static void
put(struct elf_core *c, unsigned width, uint64_t value)
{
	uint8_t bytes[8];

	kldsim__store(bytes, width, c->big, value);
	kldsim__text_add(&c->head, bytes, width);
}

static void
put_zeros(struct elf_core *c, size_t size)
{
	static const uint8_t zeros[64];

	for (size_t n; size != 0; size -= n) {
		n = size < sizeof(zeros) ? size : sizeof(zeros);
		kldsim__text_add(&c->head, zeros, n);
	}
}

static void
put_note_header(struct elf_core *c, const char *name, size_t size)
{
	const size_t length = strlen(name) + 1;

	put(c, 4, length);
	put(c, 4, size);
	put(c, 4, 1); /* NT_PRSTATUS in both */
	kldsim__text_add(&c->head, name, length);
	put_zeros(c, (4 - length % 4) % 4);
}

/* A thread whose registers are 0: gdb and LLDB want one each (E-41). */
static void
put_notes(struct elf_core *c)
{
	const struct kldsim__arch_debug *debug = &c->core->sim->arch->debug;
	const size_t size = FREEBSD_PRSTATUS + debug->gregset;

	put_note_header(c, "CORE", debug->prstatus);
	put_zeros(c, (debug->prstatus + 3u) & ~3u);
	if (debug->gregset == 0)
		return;
	put_note_header(c, "FreeBSD", size);
	put(c, 4, 1);
	put(c, 4, 0);
	put(c, 8, size);
	put(c, 8, debug->gregset);
	put(c, 8, debug->fpregset);
	put(c, 4, c->core->sim->osreldate);
	put(c, 4, 0); /* the signal */
	put(c, 4, 1); /* the thread's id */
	put_zeros(c, size - 44);
}

static void
put_ehdr(struct elf_core *c)
{
	const struct kldsim__arch *arch = c->core->sim->arch;
	const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', arch->elf_class,
		arch->elf_data, EV_CURRENT };

	kldsim__text_add(&c->head, ident, sizeof(ident));
	put(c, 2, ET_CORE);
	put(c, 2, arch->machine);
	put(c, 4, EV_CURRENT);
	put(c, c->word, 0);
	put(c, c->word, c->word == 8 ? 64 : 52); /* e_phoff */
	put(c, c->word, 0);
	put(c, 4, c->kernel.ehdr.e_flags);
	put(c, 2, c->word == 8 ? 64 : 52);
	put(c, 2, c->word == 8 ? 56 : 32);
	put(c, 2, c->nruns + 1);
	put(c, 2, 0);
	put(c, 2, 0);
	put(c, 2, 0);
}

static void
put_phdr(struct elf_core *c, uint32_t type, uint32_t flags,
    const struct run *run, uint64_t align)
{
	put(c, 4, type);
	if (c->word == 8)
		put(c, 4, flags);
	put(c, c->word, run->offset);
	put(c, c->word, run->start);
	put(c, c->word, 0);
	put(c, c->word, run->size);
	put(c, c->word, type == PT_NOTE ? 0 : run->size);
	if (c->word == 4)
		put(c, 4, flags);
	put(c, c->word, align);
}

/* Runs have the same place in a page in the file as in memory. */
static int
place_runs(struct elf_core *c, uint64_t offset)
{
	const kldsim_size page = c->core->sim->arch->page_size;

	for (size_t i = 0; i < c->nruns; i++) {
		struct run *run = &c->runs[i];
		uint64_t end;

		run->offset = kldsim__roundup2(offset, page) +
		    run->start % page;
		if (!kldsim__add(run->offset, run->size, &end) ||
		    end > (c->word == 8 ? (uint64_t)INT64_MAX : UINT32_MAX))
			return (kldsim__fail(c->core->sim, KLDSIM_LIMIT,
			    "%s: memory is larger than a core can be",
			    c->core->options.name));
		offset = end;
	}
	return (0);
}

/* The sizes have to be known first: the head is made twice. */
static int
make_head(struct elf_core *c)
{
	const kldsim_size page = c->core->sim->arch->page_size;
	struct run notes = { 0 };
	int error;

	put_notes(c);
	notes.size = c->head.size;
	c->head.size = 0;
	notes.offset = (c->word == 8 ? 64 : 52) +
	    (c->nruns + 1) * (c->word == 8 ? 56 : 32);
	error = place_runs(c, notes.offset + notes.size);
	if (error != 0)
		return (error);
	put_ehdr(c);
	put_phdr(c, PT_NOTE, PF_R, &notes, 4);
	for (size_t i = 0; i < c->nruns; i++)
		put_phdr(c, PT_LOAD, PF_R | PF_W, &c->runs[i], page);
	put_notes(c);
	return (c->head.failed ? kldsim__nomem(c->core->sim) : 0);
}

/* --- writing --- */

static int
emit_run(struct elf_core *c, const struct run *run)
{
	int error = kldsim__core_emit(c->core, NULL, run->offset -
	    c->core->done);
	size_t length;

	for (kldsim_size at = 0; at < run->size && error == 0; at += length) {
		const uint8_t *bytes = kldsim__overlay_peek(c->overlay,
		    run->start + at, (size_t)(run->size - at), &length);

		error = kldsim__core_emit_sparse(c->core, bytes, length);
	}
	return (error);
}

int
kldsim__core_elf(struct kldsim__core *core)
{
	struct kldsim *sim = core->sim;
	struct elf_core c = { .core = core, .overlay = &core->overlay,
		.word = kldsim__arch_ptrsz(sim->arch),
		.big = kldsim__arch_big(sim->arch) };
	int error;

	kldsim__text_init(&c.head, &sim->alloc);
	error = read_kernel(&c);
	if (error == 0)
		error = find_runs(&c);
	if (error == 0)
		error = make_head(&c);
	if (error == 0)
		error = kldsim__core_emit(core, c.head.bytes, c.head.size);
	for (size_t i = 0; i < c.nruns && error == 0; i++)
		error = emit_run(&c, &c.runs[i]);
	if (error == 0)
		error = kldsim__core_flush(core);
	kldsim__text_fini(&c.head);
	kldsim__free(&sim->alloc, c.runs);
	kldsim__free(&sim->alloc, c.phdrs);
	return (error);
}
