/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A minidump of the oldest version that each machine's libkvm reads: header,
 * messages, a bit for each physical page, the map from addresses to physical
 * pages, and the pages (E-30).  Physical pages are ours to number: those that
 * the map leads to from page 1 up, and behind them, where the heap is the direct
 * map, the heap's (E-32, E-34).
 */

#include "core/minidump.h"

#include <inttypes.h>

#include "core/core.h"
#include "kern/bad_news.h"

#define PAGE 4096u           /* of all machines that have a format */
#define DIRECT_PHYS 0x40000000u /* where the direct map begins, or behind (N-14) */
#define MESSAGES_MOST (96u << 10) /* bytes of console lines, the last ones */

/* Pages that lie together, in memory and in the dump. */
struct run {
	kldsim_addr start;
	uint64_t pages;
	uint64_t frame;    /* number of the first physical page */
	uint64_t table;    /* first of its entry: number of the table; else 0 */
};

struct dump {
	struct kldsim__core *core;
	const struct kldsim__minidump_format *format;
	struct run *runs;  /* by address; then those of the direct map */
	size_t nruns;
	size_t cap;
	size_t ndirect;    /* the last ones */
	kldsim_addr end;   /* of what the map leads to */
	uint64_t frames;   /* first number that is free */
	uint64_t direct;   /* physical address of the direct map */
	uint64_t field[KLDSIM__MINIDUMP_FIELDS];
	uint8_t page[PAGE]; /* one that is put together */
};

static int
too_large(struct dump *dump, const char *what)
{
	return (kldsim__fail(dump->core->sim, KLDSIM_LIMIT, "%s: memory is "
	    "where a minidump cannot tell: its %s does not fit",
	    dump->core->options.name, what));
}

/* --- which pages --- */

static bool
is_direct(const struct dump *dump, kldsim_addr address)
{
	const struct kldsim__arch *arch = dump->core->sim->arch;

	return (dump->format->heap_is_direct && address >= arch->heap &&
	    address < arch->heap_end);
}

static int
add_run(struct dump *dump, kldsim_addr start, uint64_t pages)
{
	struct kldsim *sim = dump->core->sim;

	if (!kldsim__grow(&sim->alloc, &dump->runs, &dump->cap,
	    dump->nruns + 1, sizeof(*dump->runs)))
		return (kldsim__nomem(sim));
	dump->runs[dump->nruns++] = (struct run){ .start = start,
		.pages = pages };
	return (0);
}

/* Pages up to an address, cut where the next entry of the map begins. */
static int
add_pages(struct dump *dump, kldsim_addr start, kldsim_addr last)
{
	const kldsim_addr span = dump->format->tables ?
	    (kldsim_addr)1 << dump->format->span : 0;
	int error = 0;

	while (start <= last && error == 0) {
		kldsim_addr end = last + (PAGE - 1);

		if (span != 0 && (end | (span - 1)) != (start | (span - 1)))
			end = start | (span - 1);
		error = add_run(dump, start, (end - start) / PAGE + 1);
		start = end + 1;
		if (start == 0)
			break;
	}
	return (error);
}

/* All mapped memory, in pages; stretches may share one. */
static int
find_pages(struct dump *dump, bool direct)
{
	const struct kldsim__overlay *overlay = &dump->core->overlay;
	kldsim_addr at = 0, start, next = 0;
	kldsim_size size;
	int error = 0;

	while (error == 0 && kldsim__overlay_next(overlay, at, &start, &size)) {
		const kldsim_addr last = (start + (size - 1)) & ~(kldsim_addr)
		    (PAGE - 1);

		at = start + size;
		start &= ~(kldsim_addr)(PAGE - 1);
		if (start < next)
			start = next;
		if (is_direct(dump, start) == direct && start <= last)
			error = add_pages(dump, start, last);
		next = last + PAGE;
		if (at == 0 || next == 0)
			break;
	}
	return (error);
}

/* Numbers: of each entry's table before its pages (N-13). */
static void
number_mapped(struct dump *dump)
{
	const kldsim_addr span = (kldsim_addr)1 << dump->format->span;

	dump->frames = 1;
	for (size_t i = 0; i < dump->nruns; i++) {
		struct run *run = &dump->runs[i];

		if (dump->format->tables && (i == 0 || run[-1].start / span !=
		    run->start / span))
			run->table = dump->frames++;
		run->frame = dump->frames;
		dump->frames += run->pages;
		dump->end = run->start + (run->pages - 1) * PAGE;
	}
}

static void
number_direct(struct dump *dump, size_t first)
{
	const kldsim_addr heap = dump->core->sim->arch->heap;

	dump->direct = DIRECT_PHYS;
	if (dump->frames * PAGE > dump->direct)
		dump->direct = dump->frames * PAGE;
	for (size_t i = first; i < dump->nruns; i++) {
		struct run *run = &dump->runs[i];

		run->frame = (dump->direct + (run->start - heap)) / PAGE;
		dump->frames = run->frame + run->pages;
	}
	dump->ndirect = dump->nruns - first;
}

static int
lay_out(struct dump *dump)
{
	int error = find_pages(dump, false);
	size_t mapped = dump->nruns;

	if (error != 0)
		return (error);
	number_mapped(dump);
	if (mapped != 0 && dump->runs[0].start < dump->format->kernbase)
		return (too_large(dump, "kernbase"));
	if (!dump->format->heap_is_direct)
		return (0);
	error = find_pages(dump, true);
	if (error == 0)
		number_direct(dump, mapped);
	return (error);
}

/* --- the header --- */

static int
set_sizes(struct dump *dump, uint64_t messages)
{
	const struct kldsim__minidump_format *format = dump->format;
	const struct kldsim__arch *arch = dump->core->sim->arch;
	const kldsim_addr base = format->kernbase;
	uint64_t *field = dump->field;
	uint64_t map = format->map_size;

	if (map == 0)
		map = (((dump->end - base) >> format->span) + 1) *
		    format->entry;
	field[KLDSIM__MINIDUMP_VERSION] = format->version;
	field[KLDSIM__MINIDUMP_MSGBUF_SIZE] = kldsim__roundup2(messages + 1,
	    PAGE);
	field[KLDSIM__MINIDUMP_BITMAP_SIZE] = kldsim__roundup2((dump->frames +
	    7) / 8, 8);
	field[KLDSIM__MINIDUMP_MAP_SIZE] = kldsim__roundup2(map, PAGE);
	field[KLDSIM__MINIDUMP_KERNBASE] = base;
	if (format->heap_is_direct) {
		field[KLDSIM__MINIDUMP_DMAP_PHYS] = dump->direct;
		field[KLDSIM__MINIDUMP_DMAP_BASE] = arch->heap;
		field[KLDSIM__MINIDUMP_DMAP_END] = arch->heap_end;
	}
	if (field[KLDSIM__MINIDUMP_MAP_SIZE] > UINT32_MAX)
		return (too_large(dump, "map"));
	return (field[KLDSIM__MINIDUMP_BITMAP_SIZE] > UINT32_MAX ?
	    too_large(dump, "bitmap") : 0);
}

/* The page that is put together goes out at once: it is needed again. */
static int
emit_page(struct dump *dump)
{
	int error = kldsim__core_emit_sparse(dump->core, dump->page, PAGE);

	return (error == 0 ? kldsim__core_flush(dump->core) : error);
}

static int
emit_header(struct dump *dump)
{
	const struct kldsim__minidump_format *format = dump->format;
	uint8_t *to = dump->page + KLDSIM__MINIDUMP_MAGIC;

	memset(dump->page, 0, PAGE);
	memcpy(dump->page, format->magic, strlen(format->magic));
	for (size_t i = 0; format->header[i].width != 0; i++) {
		kldsim__store(to, format->header[i].width, false,
		    dump->field[format->header[i].field]);
		to += format->header[i].width;
	}
	return (emit_page(dump));
}

/* What the console said: nobody but people looks at it (E-35). */
static void
take_messages(const struct dump *dump, struct kldsim__text *text)
{
	const struct kldsim__report *report = &dump->core->sim->report;

	for (size_t i = 0; i < report->nconsole; i++) {
		kldsim__text_puts(text, report->console[i]);
		kldsim__text_puts(text, "\n");
	}
	if (text->size > MESSAGES_MOST) {
		memmove(text->bytes, text->bytes + (text->size -
		    MESSAGES_MOST), MESSAGES_MOST);
		text->size = MESSAGES_MOST;
	}
}

/* Bytes, and zeros up to so many. */
static int
emit_padded(struct dump *dump, const void *bytes, uint64_t size,
    uint64_t whole)
{
	int error = size == 0 ? 0 : kldsim__core_emit(dump->core, bytes, size);

	if (error == 0)
		error = kldsim__core_emit(dump->core, NULL, whole - size);
	return (error == 0 ? kldsim__core_flush(dump->core) : error);
}

/* --- bitmap and map --- */

static int
emit_bitmap(struct dump *dump)
{
	struct kldsim *sim = dump->core->sim;
	const uint64_t size = kldsim__roundup2(
	    dump->field[KLDSIM__MINIDUMP_BITMAP_SIZE], PAGE);
	uint8_t *bits = kldsim__calloc(&sim->alloc, (size_t)size, 1);
	int error;

	if (bits == NULL)
		return (kldsim__nomem(sim));
	for (size_t i = 0; i < dump->nruns; i++) {
		const struct run *run = &dump->runs[i];
		uint64_t frame = run->table != 0 ? run->table : run->frame;

		for (; frame < run->frame + run->pages; frame++)
			bits[frame / 8] |= (uint8_t)(1u << frame % 8);
	}
	error = kldsim__core_emit_sparse(dump->core, bits, (size_t)size);
	if (error == 0)
		error = kldsim__core_flush(dump->core);
	kldsim__free(&sim->alloc, bits);
	return (error);
}

static void
put_entry(const struct dump *dump, uint8_t *to, uint64_t frame)
{
	const struct kldsim__minidump_format *format = dump->format;

	kldsim__store(to, format->entry, false, frame * PAGE >> format->down <<
	    format->up | format->bits);
}

/* The page of the map in hand, and which one it is. */
struct map_page {
	uint64_t number;
	bool used;
};

/* Zeros up to another page of the map, after the one in hand. */
static int
turn_to(struct dump *dump, struct map_page *map, uint64_t number)
{
	int error = 0;

	if (map->used) {
		error = emit_page(dump);
		map->number++;
	}
	if (error == 0)
		error = kldsim__core_emit(dump->core, NULL, (number -
		    map->number) * PAGE);
	memset(dump->page, 0, PAGE);
	map->number = number;
	map->used = true;
	return (error);
}

static int
put_in_map(struct dump *dump, struct map_page *map, kldsim_addr address,
    uint64_t frame)
{
	const uint64_t place = ((address - dump->format->kernbase) >>
	    dump->format->span) * dump->format->entry;
	int error = 0;

	if (!map->used || place / PAGE != map->number)
		error = turn_to(dump, map, place / PAGE);
	put_entry(dump, dump->page + place % PAGE, frame);
	return (error);
}

static int
emit_map(struct dump *dump)
{
	const uint64_t pages = dump->field[KLDSIM__MINIDUMP_MAP_SIZE] / PAGE;
	struct map_page map = { 0 };
	int error = 0;

	for (size_t i = 0; i < dump->nruns - dump->ndirect; i++) {
		const struct run *run = &dump->runs[i];
		const uint64_t n = !dump->format->tables ? run->pages :
		    run->table != 0;

		for (uint64_t k = 0; k < n && error == 0; k++)
			error = put_in_map(dump, &map, run->start + k * PAGE,
			    dump->format->tables ? run->table :
			    run->frame + k);
	}
	if (map.used && error == 0) {
		error = emit_page(dump);
		map.number++;
	}
	return (error == 0 ? kldsim__core_emit(dump->core, NULL,
	    (pages - map.number) * PAGE) : error);
}

/* --- pages --- */

/* A table has the entries of all runs up to the next table. */
static int
emit_table(struct dump *dump, size_t first)
{
	const kldsim_addr mask = ((kldsim_addr)1 << dump->format->span) - 1;

	memset(dump->page, 0, PAGE);
	for (size_t i = first; i < dump->nruns && (i == first ||
	    dump->runs[i].table == 0); i++) {
		const struct run *run = &dump->runs[i];

		for (uint64_t k = 0; k < run->pages; k++)
			put_entry(dump, dump->page + ((run->start & mask) /
			    PAGE + k) * dump->format->entry, run->frame + k);
	}
	return (emit_page(dump));
}

/* A page of which not all is mapped, or that lies in pieces. */
static void
gather(struct dump *dump, kldsim_addr page)
{
	const struct kldsim__overlay *overlay = &dump->core->overlay;
	kldsim_addr at = page, start;
	kldsim_size size;

	memset(dump->page, 0, PAGE);
	while (at - page < PAGE && kldsim__overlay_next(overlay, at, &start,
	    &size) && start - page < PAGE) {
		const size_t offset = (size_t)(start - page);
		const size_t most = size < PAGE - offset ? (size_t)size :
		    PAGE - offset;

		at = start + kldsim__overlay_read(overlay, start,
		    dump->page + offset, most);
	}
}

static int
emit_run(struct dump *dump, const struct run *run)
{
	kldsim_addr at = run->start;
	uint64_t left = run->pages * PAGE;
	int error = 0;
	size_t n;

	for (; left != 0 && error == 0; at += n, left -= n) {
		const uint8_t *bytes = kldsim__overlay_peek(
		    &dump->core->overlay, at, (size_t)left, &n);

		if (bytes != NULL && n >= PAGE) {
			n -= n % PAGE;
			error = kldsim__core_emit_sparse(dump->core, bytes, n);
			continue;
		}
		/* What waits is no page that is put together. */
		gather(dump, at);
		error = emit_page(dump);
		n = PAGE;
	}
	return (error);
}

static int
emit_pages(struct dump *dump)
{
	int error = kldsim__core_flush(dump->core);

	for (size_t i = 0; i < dump->nruns && error == 0; i++) {
		if (dump->runs[i].table != 0)
			error = emit_table(dump, i);
		if (error == 0)
			error = emit_run(dump, &dump->runs[i]);
	}
	return (error == 0 ? kldsim__core_flush(dump->core) : error);
}

static int
emit_dump(struct dump *dump, const struct kldsim__text *messages)
{
	int error = set_sizes(dump, messages->size);

	if (error == 0)
		error = emit_header(dump);
	if (error == 0)
		error = emit_padded(dump, messages->bytes, messages->size,
		    dump->field[KLDSIM__MINIDUMP_MSGBUF_SIZE]);
	if (error == 0)
		error = emit_bitmap(dump);
	if (error == 0)
		error = emit_map(dump);
	return (error == 0 ? emit_pages(dump) : error);
}

int
kldsim__core_minidump(struct kldsim__core *core)
{
	struct kldsim *sim = core->sim;
	struct dump dump = { .core = core,
		.format = kldsim__minidump_format(sim->arch) };
	struct kldsim__text messages;
	int error;

	if (dump.format == NULL)
		return (kldsim__fail(sim, KLDSIM_UNSUPPORTED, "%s: no minidump "
		    "of %s is known; an ELF core (--core) is",
		    core->options.name, sim->arch->name));
	kldsim__text_init(&messages, &sim->alloc);
	take_messages(&dump, &messages);
	error = messages.failed ? kldsim__nomem(sim) : lay_out(&dump);
	if (error == 0)
		error = emit_dump(&dump, &messages);
	kldsim__text_fini(&messages);
	kldsim__free(&sim->alloc, dump.runs);
	return (error);
}
