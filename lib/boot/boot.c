/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Booting: from a kernel file to a simulated kernel that is ready for
 * kldload(2).  What happens here is what the boot loader, the linker's own
 * SYSINITs (L-01), subr_pcpu.c and vnet.c have done by then.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "boot/boot.h"
#include "elf/recognise.h"
#include "kern/file_types.h"
#include "kern/pcpu.h"
#include "kern/vimage_runtime.h"
#include "link/init_main.h"
#include "link/kern_module.h"
#include "link/link.h"
#include "link_elf/class.h"
#include "search/search.h"
#include "util/limits.h"
#include "util/sized.h"
#include "vnet/vnet.h"
#include "vnet/vnet_shadow.h"

/* What follows from a release, before anything is loaded. */
static void
use_release(struct kldsim *sim, uint32_t osreldate)
{
	kldsim__facts_for(osreldate, &sim->facts);
	kldsim__relocator_init(&sim->relocator, sim->arch, &sim->facts);
	kldsim__exec_arena_init(&sim->exec_arena, &sim->undo,
	    sim->arch->page_size,
	    kldsim__arch_exec(sim->arch, &sim->facts)->quantum);
	sim->meta.sysinit_has_link = sim->facts.sysinit_has_link;
	sim->vnet.free.unit = (int)(sim->facts.vnet_max_align ?
	    sim->arch->max_align : kldsim__arch_ptrsz(sim->arch)); /* V-67 */
}

/* The kernel file's own osreldate; 0 if it has none that can be read. */
static int
read_osreldate(struct kldsim *sim, uint32_t *osreldate_ret)
{
	kldsim_addr address;
	kldsim_size size;
	int value = 0;
	int error = kldsim__kernel_symbol(sim, "osreldate", &address, &size);

	if (error == 0 && (address == 0 ||
	    !kldsim__meta_int(&sim->meta, address, &value)))
		value = 0;
	*osreldate_ret = (uint32_t)value;
	return (error);
}

/*
 * V-51: files keep the structures that they were compiled with, whatever the
 * rules that somebody wants to see them under.
 */
static void
check_layouts(struct kldsim *sim, uint32_t own)
{
	struct kldsim__where where = { .file = sim->linker.kernel->filename,
		.symbol = "osreldate" };
	struct kldsim__facts facts;

	kldsim__facts_for(own, &facts);
	if (facts.sysinit_has_link == sim->facts.sysinit_has_link)
		return;
	kldsim__find(sim, KLDSIM__F_RELEASE_LAYOUT, &where,
	    "the kernel is of %s (%u), and in %s (%u), whose rules are used, "
	    "struct sysinit is a pointer %s: SYSINITs of this kernel and its "
	    "modules are read with wrong functions and arguments; use files of "
	    "that release, or this kernel's own rules",
	    kldsim_release_name(own), own,
	    kldsim_release_name(sim->osreldate), sim->osreldate,
	    sim->facts.sysinit_has_link ? "longer" : "shorter");
}

/* M-10: whose rules are in force. */
static int
choose_release(struct kldsim *sim)
{
	struct kldsim__where where = { .file = sim->linker.kernel->filename,
		.symbol = "osreldate" };
	uint32_t own;
	int error = read_osreldate(sim, &own);

	if (error != 0)
		return (error);
	if (sim->osreldate == 0)
		sim->osreldate = own;
	if (sim->osreldate == 0) {
		sim->osreldate = 1201000;
		kldsim__find(sim, KLDSIM__F_OSRELDATE_UNKNOWN, &where,
		    "the kernel has no readable osreldate; the rules of 12.1 "
		    "are used, give a release to choose others");
	}
	if (kldsim__release_name(sim->osreldate) == NULL)
		kldsim__find(sim, KLDSIM__F_OSRELDATE_UNKNOWN, &where,
		    "%u is no osreldate of 12 or later that is known; the "
		    "rules of the %s release are used", sim->osreldate,
		    sim->osreldate < 1201000 ? "oldest" : "newest");
	use_release(sim, sim->osreldate);
	if (own != 0)
		check_layouts(sim, own);
	return (0);
}

/* --- the kernel's own sets --- */

struct set_names {
	const char *set;      /* without set_ */
	const char *section;
	const char *modspace;
	const char *option;
};

static const struct set_names dpcpu_names = { "pcpu", "set_pcpu",
	"pcpu_entry_modspace", "--dpcpu-modspace" };
static const struct set_names vnet_names = { "vnet", "set_vnet",
	"vnet_entry_modspace", "--vnet-modspace" };

/* by the bounds' symbols, or by the section where they are stripped. */
static int
find_set(struct kldsim *sim, struct kldsim__set *set,
    const struct set_names *names)
{
	int error = sim->linker.kernel->class->lookup_set(sim, sim->linker.kernel,
	    names->set, &set->start, &set->stop);

	if (error > 0)
		error = kldsim__link_elf_section(sim, names->section,
		    &set->start, &set->stop);
	if (error != 0)
		return (error > 0 ? 0 : error);
	if (set->stop < set->start || !kldsim__aspace_mapped(&sim->space,
	    set->start, set->stop - set->start))
		return (kldsim__fail(sim, KLDSIM_MALFORMED, "unusable "
		    "kernel: %s is [0x%" PRIx64 ", 0x%" PRIx64 "), which is "
		    "not part of its segments",
		    names->section, set->start, set->stop));
	set->present = true;
	return (0);
}

/* where modules' variables go; a stripped kernel does not say. */
static int
find_modspace(struct kldsim *sim, struct kldsim__set *set,
    const struct set_names *names, const struct kldsim_modspace *given)
{
	struct kldsim__where where = { .file = sim->linker.kernel->filename,
		.symbol = names->modspace };
	int error = 0;

	set->modspace_start = given->start;
	set->modspace_size = given->size;
	if (given->size == 0)
		error = kldsim__kernel_symbol(sim, names->modspace,
		    &set->modspace_start, &set->modspace_size);
	if (error != 0)
		return (error);
	if (set->modspace_start == 0 || set->modspace_size == 0) {
		set->modspace_start = 0;
		set->modspace_size = 0;
		kldsim__find(sim, KLDSIM__F_MODSPACE_UNKNOWN, &where,
		    "the kernel file is stripped of the symbol %s: to load a "
		    "module with %s, take the kernel as it was installed, or "
		    "say with %s START:SIZE where its space is",
		    names->modspace, names->section, names->option);
		return (0);
	}
	if (set->modspace_size > INT32_MAX || !kldsim__in_range(
	    set->modspace_start - set->start, set->modspace_size,
	    set->stop - set->start))
		return (kldsim__fail(sim,
		    given->size != 0 ? KLDSIM_ARG : KLDSIM_MALFORMED,
		    "module space 0x%" PRIx64 ":0x%" PRIx64 " is not within "
		    "%s [0x%" PRIx64 ", 0x%" PRIx64 ")", set->modspace_start,
		    set->modspace_size, names->section, set->start,
		    set->stop));
	set->has_modspace = true;
	if (kldsim__modspace_start(&set->free, set->modspace_start,
	    (int)set->modspace_size) != KLDSIM__MODSPACE_OK)
		return (kldsim__nomem(sim));
	return (0);
}

static int
set_up(struct kldsim *sim, struct kldsim__set *set,
    const struct set_names *names, const struct kldsim_modspace *given)
{
	int error;

	set->heap = sim->arch->heap;
	set->heap_end = sim->arch->heap_end;
	set->page_size = sim->arch->page_size;
	error = find_set(sim, set, names);
	if (error == 0 && set->present)
		error = find_modspace(sim, set, names, given);
	return (error);
}

static int
make_cpus(struct kldsim *sim, unsigned count)
{
	int error = 0;

	while (error == 0 && sim->dpcpu.present &&
	    sim->dpcpu.ninstances < count) {
		struct kldsim_instance cpu;

		error = kldsim__add_cpu(sim, &cpu);
	}
	return (error);
}

static int
make_vnets(struct kldsim *sim, unsigned count)
{
	int error = 0;

	while (error == 0 && sim->vnet.present &&
	    sim->vnet.ninstances < count) {
		struct kldsim_instance vnet;

		if (sim->vnet.ninstances != 0)
			error = kldsim__vnet_ready(sim, NULL);
		if (error == 0)
			error = kldsim__vnet_alloc(sim, &vnet);
	}
	return (error);
}

static int
set_up_regions(struct kldsim *sim)
{
	int error = set_up(sim, &sim->dpcpu, &dpcpu_names,
	    &sim->options.dpcpu_modspace);

	if (error == 0)
		error = set_up(sim, &sim->vnet, &vnet_names,
		    &sim->options.vnet_modspace);
	return (error);
}

/* --- the whole --- */

/* What SYSINITs call, or use, that leaves traces in the linker or in vnets. */
static int
find_known_symbols(struct kldsim *sim)
{
#define WANT(name) { #name, &sim->known.name },
	const struct {
		const char *name;
		kldsim_addr *to;
	} wanted[] = { KLDSIM__KNOWN_SYMBOLS(WANT) };
#undef WANT
	kldsim_size size;
	int error = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) &&
	    error == 0; i++)
		error = kldsim__kernel_symbol(sim, wanted[i].name, wanted[i].to,
		    &size);
	return (error);
}

/* Everything up to SI_SUB_KLD. */
static int
boot_kernel(struct kldsim *sim, struct kldsim_image *image)
{
	int error;

	sim->cursor = kldsim__arena_calloc(&sim->arena, 1,
	    sizeof(*sim->cursor));
	if (sim->cursor == NULL)
		return (kldsim__nomem(sim));
	error = kldsim__options_keep(sim);
	if (error == 0)
		error = kldsim__link_elf_kernel(sim, image);
	if (error != 0)
		return (error);
	sim->linker.first_page = kldsim__arena_calloc(&sim->arena, 1,
	    sim->arch->page_size);
	if (sim->linker.first_page == NULL)
		return (kldsim__nomem(sim));
	if (sim->options.kernel_end != 0)
		sim->load_floor = kldsim__roundup2(sim->options.kernel_end,
		    sim->arch->page_size);
	error = choose_release(sim);
	if (error == 0)
		error = kldsim__link_elf_ireloc(sim);
	if (error == 0)
		error = set_up_regions(sim);
	if (error == 0)
		error = find_known_symbols(sim);
	if (error == 0)
		error = kldsim__runtime_start(sim);
	if (error == 0)
		kldsim__tell_narrowed(sim);
	return (error);
}

/* Up to where the linker looks at what the boot loader has left. */
static int
boot_bare(struct kldsim *sim, struct kldsim_image *image)
{
	int error = boot_kernel(sim, image);

	if (error == 0)
		error = make_cpus(sim, 1);
	if (error == 0)
		error = kldsim__vnet_shadow_start(sim);
	if (error == 0)
		error = kldsim__add_interfaces(sim, sim->linker.kernel);
	return (error);
}

/* The kernel file's own, and where the order of their MOD_LOADs is found. */
static int
register_own_modules(struct kldsim *sim)
{
	struct kldsim__file *kernel = sim->linker.kernel;
	int error = kernel->class->lookup_set(sim, kernel, "sysinit_set",
	    &sim->modules.sysinits[0], &sim->modules.sysinits[1]);

	if (error > 0)
		sim->modules.sysinits[1] = sim->modules.sysinits[0];
	return (error < 0 ? error : kldsim__register_modules(sim, kernel,
	    true));
}

/*
 * SI_SUB_KLD and after.  Only CPU 0 has an area while preloaded files are
 * linked: the others get the reference copy as it is then, and so does
 * vnet0, which comes later still.
 */
static int
boot_on(struct kldsim *sim, struct kldsim__preloads *preloads)
{
	int error = kldsim__preloads_load(sim, preloads);

	if (error == 0)
		error = kldsim__linker_preload(&preloads->linked);
	if (error == 0)
		error = register_own_modules(sim);
	if (error >= 0)
		error = make_cpus(sim, sim->options.cpus);
	if (error == 0)
		error = make_vnets(sim, 1);
	if (error == 0 && preloads->linked.count != 0)
		error = kldsim__vnet_ready(sim, &preloads->linked);
	if (error == 0)
		error = kldsim__linker_preload_finish(&preloads->linked);
	if (error == 0 && sim->facts.kernel_userrefs_regression)
		sim->linker.kernel->userrefs = 1; /* V-12 */
	if (error == 0)
		error = make_vnets(sim, sim->options.vnets);
	if (error == 0)
		error = kldsim__preloads_keep(sim, preloads);
	return (error);
}

/*
 * The kernel has panicked, or the boot loader: by a preloaded file it is dead
 * and as it was before the first of them, by itself it is no kernel.
 */
static int
die(struct kldsim *sim, const struct kldsim__preloads *preloads, size_t mark)
{
	size_t panicked = kldsim__preloads_panicked(sim, preloads);

	if (panicked == SIZE_MAX)
		return (KLDSIM__ABORT);
	kldsim__undo_rollback(&sim->undo, mark);
	sim->dead = true;
	return (kldsim__preloads_keep_panic(sim, panicked));
}

static int
boot(struct kldsim *sim, struct kldsim_image *image)
{
	struct kldsim__preloads preloads = { .linked = { .sim = NULL } };
	int error = boot_bare(sim, image);
	size_t mark = 0;

	if (error != 0)
		return (error);
	if (sim->options.npreloads != 0)
		mark = kldsim__undo_begin(&sim->undo);
	error = boot_on(sim, &preloads);
	if (error < 0 && sim->abort.panic)
		error = die(sim, &preloads, mark);
	kldsim__preloads_fini(&preloads);
	return (error);
}

static void
init(struct kldsim *sim, const struct kldsim_options *options,
    const struct kldsim__alloc *alloc, const struct kldsim__arch *arch)
{
	sim->alloc = *alloc;
	sim->options = *options;
	sim->arch = arch;
	sim->osreldate = options->osreldate;
	if (options->source != NULL)
		sim->search.source = kldsim_source_ref(options->source);
	if (options->names != NULL)
		sim->search.names = kldsim_names_ref(options->names);
	sim->linker.next_file_id = 1;
	sim->modules.next_id = 1;
	sim->policy.securelevel = -1;
	kldsim__undo_init(&sim->undo, &sim->alloc);
	kldsim__arena_init_undo(&sim->arena, &sim->undo);
	kldsim__aspace_init(&sim->space, &sim->alloc, &sim->undo);
	kldsim__report_init(&sim->report, &sim->alloc,
	    (size_t)options->limits.findings);
	kldsim__set_init(&sim->dpcpu, &sim->space, kldsim__arch_ptrsz(arch));
	kldsim__set_init(&sim->vnet, &sim->space, kldsim__arch_ptrsz(arch));
	kldsim__list_init(&sim->linker.elf_sets[KLDSIM_SET_DPCPU]);
	kldsim__list_init(&sim->linker.elf_sets[KLDSIM_SET_VNET]);
	kldsim__list_init(&sim->linker.files);
	kldsim__list_init(&sim->modules.all);
	kldsim__list_init(&sim->linker.interfaces);
	kldsim__buckets_init(&sim->linker.files_by_name, &sim->undo);
	kldsim__buckets_init(&sim->modules.by_name, &sim->undo);
	kldsim__buckets_init(&sim->modules.by_id, &sim->undo);
	kldsim__buckets_init(&sim->linker.interfaces_by_name, &sim->undo);
	kldsim__buckets_init(&sim->ifuncs.missed, &sim->undo);
	kldsim__buckets_init(&sim->linker.commons_by_name, &sim->undo);
	kldsim__buckets_init(&sim->sysctls.by_parent, &sim->undo);
	kldsim__list_init(&sim->sysctls.emptied);
	kldsim__list_init(&sim->vnets.all);
	kldsim__list_init(&sim->vnets.sysinits);
	kldsim__list_init(&sim->vnets.sysuninits);
	use_release(sim, options->osreldate);
	sim->meta.space = &sim->space;
	sim->meta.ptrsz = kldsim__arch_ptrsz(arch);
	sim->meta.big = kldsim__arch_big(arch);
}

void
kldsim_destroy(struct kldsim *sim)
{
	struct kldsim__alloc alloc;

	if (sim == NULL)
		return;
	alloc = sim->alloc;
	/* What is gone goes first: it may point to what is still there. */
	kldsim__undo_fini(&sim->undo);
	while (!kldsim__list_empty(&sim->linker.files)) {
		struct kldsim__file *file = KLDSIM__FILE(sim->linker.files.next);

		sim->linker.files.next = file->link.next;
		kldsim__free_file(sim, file);
	}
	while (sim->linker.gone != NULL) {
		struct kldsim__file *file = sim->linker.gone;

		sim->linker.gone = file->next_gone;
		kldsim__free_file(sim, file);
	}
	kldsim__buckets_fini(&sim->linker.files_by_name);
	kldsim__buckets_fini(&sim->modules.by_name);
	kldsim__buckets_fini(&sim->modules.by_id);
	kldsim__buckets_fini(&sim->linker.interfaces_by_name);
	kldsim__buckets_fini(&sim->ifuncs.missed);
	kldsim__buckets_fini(&sim->linker.commons_by_name);
	kldsim__buckets_fini(&sim->sysctls.by_parent);
	kldsim__free(&alloc, sim->sysctls.own);
	kldsim__search_fini(sim);
	kldsim__file_types_fini(sim);
	kldsim_names_unref(sim->search.names);
	kldsim_source_unref(sim->search.source);
	kldsim__free(&alloc, sim->snapshots.all);
	kldsim__free(&alloc, sim->events.all);
	kldsim__free(&alloc, sim->linker.files_by_id);
	kldsim__set_fini(&sim->dpcpu);
	kldsim__set_fini(&sim->vnet);
	kldsim__exec_arena_fini(&sim->exec_arena);
	kldsim__aspace_fini(&sim->space);
	kldsim__report_fini(&sim->report);
	kldsim__arena_fini(&sim->arena);
	kldsim__free(&alloc, sim);
}

/* What may be behind a panic at boot: it was found, and nobody will see it. */
static const char *
misread(const struct kldsim__report *report)
{
	const char *code = kldsim__finding_code(KLDSIM__F_RELEASE_LAYOUT);

	for (size_t i = 0; i < report->nfindings; i++)
		if (report->findings[i]->code == code)
			return (report->findings[i]->text);
	return (NULL);
}

/* A kernel that would panic before it has booted is no kernel. */
static void
unbootable(struct kldsim *sim)
{
	const struct kldsim__report *report = &sim->report;
	const char *why = "it panics", *behind = NULL;

	if (report->nfindings != 0 && !report->failed) {
		why = report->findings[report->nfindings - 1]->text;
		behind = misread(report);
	}
	(void)kldsim__fail(sim, KLDSIM_MALFORMED, "unusable kernel: %s%s%s",
	    why, behind != NULL ? "; " : "", behind != NULL ? behind : "");
}

static enum kldsim_status
refuse(struct kldsim_error *error, enum kldsim_status status,
    const char *why)
{
	if (error != NULL) {
		error->status = status;
		error->sys_errno = 0;
		(void)snprintf(error->text, sizeof(error->text), "%s", why);
	}
	return (status);
}

/* Something else that was given for a kernel. */
static enum kldsim_status
refuse_kind(const struct kldsim_image *image, struct kldsim_error *error_ret)
{
	const enum kldsim__kind kind = kldsim__recognise(image);
	struct kldsim__elf elf;
	char advice[400], why[sizeof(advice) + 16];

	kldsim__kind_advice(kind, KLDSIM__WANTED_KERNEL,
	    kldsim__image_name(image), advice, sizeof(advice));
	if (*advice == '\0')
		return (KLDSIM_OK);
	(void)snprintf(why, sizeof(why), "not a kernel: %s", advice);
	return (refuse(error_ret, kldsim__elf_open(image, &elf) ?
	    KLDSIM_MALFORMED : KLDSIM_NOT_ELF, why));
}

/* The machine of a file that can be a kernel, or the reason why not. */
static enum kldsim_status
judge_image(const struct kldsim_image *image,
    const struct kldsim__arch **arch_ret, struct kldsim_error *error_ret)
{
	struct kldsim__elf elf;
	enum kldsim_status status = refuse_kind(image, error_ret);

	if (status != KLDSIM_OK)
		return (status);
	if (!kldsim__elf_open(image, &elf))
		return (refuse(error_ret, KLDSIM_NOT_ELF,
		    "not an ELF file"));
	if (elf.ehdr.e_type != ET_EXEC && elf.ehdr.e_type != ET_DYN)
		return (refuse(error_ret, KLDSIM_MALFORMED,
		    "not a kernel: e_type is neither ET_EXEC nor ET_DYN"));
	*arch_ret = kldsim__arch_find(elf.ehdr.e_machine,
	    elf.ehdr.e_ident[EI_CLASS], elf.ehdr.e_ident[EI_DATA],
	    elf.ehdr.e_flags);
	if (*arch_ret == NULL)
		return (refuse(error_ret, KLDSIM_UNSUPPORTED,
		    "kernels of this machine are not built"));
	return (KLDSIM_OK);
}

static enum kldsim_status
take_options(const struct kldsim_options *given,
    struct kldsim_options *options, struct kldsim_error *error_ret)
{
	const char *wrong;

	kldsim_options_init(options, sizeof(*options));
	wrong = kldsim__sized_take(options, sizeof(*options), given);
	if (wrong != NULL)
		return (refuse(error_ret, KLDSIM_ARG, wrong));
	kldsim__limits_defaults(&options->limits);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_boot(struct kldsim_image *image, const struct kldsim_options *given,
    struct kldsim **sim_ret, struct kldsim_error *error_ret)
{
	struct kldsim_options options;
	struct kldsim__alloc alloc;
	const struct kldsim__arch *arch;
	enum kldsim_status status;
	struct kldsim *sim;
	int error;

	status = take_options(given, &options, error_ret);
	if (status == KLDSIM_OK)
		status = judge_image(image, &arch, error_ret);
	if (status != KLDSIM_OK)
		return (status);
	kldsim__alloc_init(&alloc, &options.allocator);
	sim = kldsim__calloc(&alloc, 1, sizeof(*sim));
	if (sim == NULL)
		return (refuse(error_ret, KLDSIM_NOMEM, "no memory"));
	init(sim, &options, &alloc, arch);
	error = boot(sim, image);
	if (error >= 0 && kldsim__tell_missed_ifuncs(sim) != 0)
		error = KLDSIM__ABORT;
	if (error >= 0)
		kldsim__report_end(&sim->report);
	if (error >= 0 && sim->report.failed)
		error = kldsim__nomem(sim);
	if (error < 0) {
		if (sim->abort.panic)
			unbootable(sim);
		status = sim->abort.error.status;
		if (error_ret != NULL)
			*error_ret = sim->abort.error;
		kldsim__undo_rollback(&sim->undo, 0);
		kldsim_destroy(sim);
		return (status);
	}
	kldsim__undo_commit(&sim->undo);
	sim->booted.nconsole = sim->report.nconsole;
	sim->booted.nfindings = sim->report.nfindings;
	*sim_ret = sim;
	return (KLDSIM_OK);
}
