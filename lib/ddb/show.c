/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What DDB shows of CPUs, of linker files and of SYSINITs: sys/kern/subr_pcpu.c,
 * kern_linker.c and init_main.c (B-64, B-65, B-68, K-43).
 */

#include <stdlib.h>

#include "ddb/ddb.h"

#include "kern/linker_file.h"
#include "kern/set_walk.h"

/* What linker_preload() runs at, and brings SYSINITs with it (M-34). */
#define SI_SUB_KLD 0x2000000u
#define SI_ORDER_MIDDLE 0x1000000u

void
kldsim__ddb_show_dpcpu_off(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	const struct kldsim__set *set = &ddb->sim->dpcpu;

	(void)call;
	for (size_t i = 0; i < set->ninstances; i++) {
		const unsigned id = set->instances[i].id;
		const int64_t off = kldsim__ddb_dpcpu_off(ddb, id);

		kldsim__ddb_printf(ddb, "dpcpu_off[%2u] = 0x%jx (+ DPCPU_START "
		    "= ", id, (uintmax_t)kldsim__ddb_addr(ddb, off));
		kldsim__ddb_pointer(ddb, kldsim__ddb_addr(ddb,
		    (int64_t)((uint64_t)off + set->start)));
		kldsim__ddb_puts(ddb, ")\n");
	}
}

/*
 * FIDELITY: the lines after these are of threads and machines, and there are
 * none.
 */
static void
show_pcpu(struct kldsim_ddb *ddb, unsigned id)
{
	kldsim__ddb_printf(ddb, "cpuid        = %u\n", id);
	kldsim__ddb_puts(ddb, "dynamic pcpu = ");
	kldsim__ddb_pointer(ddb, kldsim__ddb_addr(ddb,
	    kldsim__ddb_dpcpu_off(ddb, id)));
	kldsim__ddb_puts(ddb, "\n(no thread is simulated, and nothing else of "
	    "struct pcpu)\n");
}

void
kldsim__ddb_show_pcpu(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	/* Its two last digits, read as decimal ones. */
	const int64_t id = call->have_addr ?
	    (call->addr >> 4) % 16 * 10 + call->addr % 16 : ddb->curcpu;

	if (id >= 0 && kldsim__set_find_instance(&ddb->sim->dpcpu,
	    (unsigned)id) != NULL)
		show_pcpu(ddb, (unsigned)id);
	else
		kldsim__ddb_printf(ddb, "CPU %d not found\n", (int)id);
}

void
kldsim__ddb_show_all_pcpu(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	const struct kldsim__set *set = &ddb->sim->dpcpu;

	(void)call;
	kldsim__ddb_printf(ddb, "Current CPU: %u\n\n", ddb->curcpu);
	for (size_t i = 0; i < set->ninstances; i++) {
		show_pcpu(ddb, set->instances[i].id);
		kldsim__ddb_putc(ddb, '\n');
	}
}

void
kldsim__ddb_kldstat(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	struct kldsim_ddb_file file;

	(void)call;
	/* Not as kldstat(8) has it, which puts Size to the right (K-43). */
	kldsim__ddb_printf(ddb, "Id Refs Address%*c Size     Name\n",
	    (int)kldsim__ddb_word(ddb) * 2 + 2 - 7, ' ');
	for (size_t i = 0; kldsim_file_at(ddb->sim, i, &file) == KLDSIM_OK;
	    i++) {
		kldsim__ddb_printf(ddb, "%2d %4d ", file.id, file.refs);
		kldsim__ddb_pointer(ddb, file.address);
		kldsim__ddb_printf(ddb, " %-8jx ", (uintmax_t)file.size);
		kldsim__ddb_puts(ddb, file.name);
		kldsim__ddb_putc(ddb, '\n');
	}
}

/* --- show sysinit --- */

/* A SYSINIT of the boot. */
struct entry {
	struct kldsim__sysinit call;
	kldsim_addr record;
	size_t arrival;
	bool late; /* it runs after linker_preload() */
};

struct entries {
	struct entry *all;
	size_t count;
	size_t cap;
	bool reversed; /* equal keys run backwards */
};

static bool
is_preload(const struct kldsim *sim, const struct kldsim__file *file)
{
	for (size_t i = 0; i < sim->options.npreloads; i++)
		if (sim->booted.preload_ids[i] == file->id)
			return (true);
	return (false);
}

static void
add(struct kldsim_ddb *ddb, struct entries *entries, kldsim_addr record,
    bool preload)
{
	struct entry entry = { .record = record, .arrival = entries->count };
	const struct kldsim__sysinit *call = &entry.call;

	if (!kldsim__meta_sysinit(&ddb->sim->meta, record, &entry.call))
		return;
	entry.late = preload || call->subsystem > SI_SUB_KLD ||
	    (call->subsystem == SI_SUB_KLD && call->order > SI_ORDER_MIDDLE);
	if (entries->reversed)
		entry.arrival = SIZE_MAX - entries->count;
	if (kldsim__grow(&ddb->sim->alloc, &entries->all, &entries->cap,
	    entries->count + 1, sizeof(entry)))
		entries->all[entries->count++] = entry;
	else
		ddb->out.failed = true;
}

static void
add_set(struct kldsim_ddb *ddb, struct entries *entries,
    struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	kldsim_addr record;
	bool more;

	if (kldsim__walk_begin(&walk, ddb->sim, file, "sysinit_set", &more) !=
	    0)
		return;
	while (more && kldsim__walk_next(&walk, &record, &more) == 0 && more)
		add(ddb, entries, record, file != ddb->sim->linker.kernel);
}

static int
compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->late != b->late)
		return (a->late ? 1 : -1);
	if (a->call.subsystem != b->call.subsystem)
		return (a->call.subsystem < b->call.subsystem ? -1 : 1);
	if (a->call.order != b->call.order)
		return (a->call.order < b->call.order ? -1 : 1);
	return (a->arrival < b->arrival ? -1 : a->arrival > b->arrival);
}

/*
 * All have run when the boot is over, so none waits.  The lists of the releases
 * that have the command are sorted by M-34's merge sorts.
 */
void
kldsim__ddb_show_sysinit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	struct entries entries = { .reversed =
	    ddb->sim->facts.boot_sysinit_sort == KLDSIM__SORT_MERGE_REVERSED };

	(void)call;
	kldsim__ddb_puts(ddb, "SYSINIT vs Name(Ptr)\n  Subsystem  Order\n"
	    "  Function(Name)(Arg)\n");
	KLDSIM__FOREACH(l, &ddb->sim->linker.files) {
		struct kldsim__file *file = KLDSIM__FILE(l);

		if (file == ddb->sim->linker.kernel ||
		    is_preload(ddb->sim, file))
			add_set(ddb, &entries, file);
	}
	if (entries.count != 0)
		qsort(entries.all, entries.count, sizeof(*entries.all),
		    compare);
	for (size_t i = 0; i < entries.count; i++)
		kldsim__ddb_sysinit_record(ddb, entries.all[i].record,
		    &entries.all[i].call);
	kldsim__free(&ddb->sim->alloc, entries.all);
}
