/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a linked module's symbols say against the kernel: lock functions of
 * another shape (G-12), code that is tied to one kernel (G-04), sets of CPUs of
 * another size (G-22), KMSAN (G-20).  Vnets are vimage.c's.
 */

#include <stdio.h>
#include <string.h>

#include "kbi/kbi.h"
#include "kbi/kernel.h"
#include "kbi/vimage.h"
#include "kern/bad_news.h"

void
kldsim__note_headers(struct kldsim__file *file, const char *name,
    const struct kldsim__mod_depend *range)
{
	if (kldsim__same_name(name, "kernel"))
		file->headers = *range;
}

/* Built together with a kernel, and for that one alone (G-04, I-61). */
static bool
is_tied(const struct kldsim__file *file)
{
	return (file->headers.preferred != 0 &&
	    file->headers.maximum == file->headers.preferred);
}

struct lint {
	struct kldsim *sim;
	struct kldsim__file *file;
	const struct kldsim__built *built;
	enum kldsim__kernel_option locks; /* KLDSIM__NOPTIONS: not debugged */
	kldsim_size cpuset; /* the module's, if it is another; 0: it is not */
	bool range;         /* it says that any kernel of a branch will do */
	bool epochs;        /* the kernel traces them, and the module does not */
	bool kmsan;         /* the kernel has it */
	bool instrumented;  /* and so has the module */
	bool words;         /* its headers are others than the kernel's */
	struct found {
		uint64_t count;
		const char *first;
		const struct lock_row *row;
	} locks_found, epochs_found, cpusets_found;
	int error;
};

/* --- locks (G-12) --- */

/* locks.def */
static const struct lock_row {
	const char *name;
	uint8_t plain;
	uint8_t debugged;
	bool either;
} lock_rows[] = {
#define LOCK(name, plain, debugged) { name, plain, debugged, false },
#define EITHER(name, plain, debugged) { name, plain, debugged, true },
#include "kbi/locks.def"
};

int
kldsim__find_locks(struct kldsim *sim, kldsim_addr *start_ret,
    kldsim_size *size_ret)
{
	kldsim_addr low = UINT64_MAX, high = 0, value;
	kldsim_size size;
	int error = 0;

	for (size_t i = 0; i < sizeof(lock_rows) / sizeof(lock_rows[0]) &&
	    error == 0; i++) {
		error = kldsim__ask_kernel(sim, lock_rows[i].name, &value,
		    &size);
		if (error != 0 || value == 0)
			continue;
		low = value < low ? value : low;
		high = value > high ? value : high;
	}
	*start_ret = low;
	*size_ret = high >= low ? high - low + 1 : 0;
	return (error);
}

static void
look_at_lock(struct lint *lint, const char *name)
{
	/* All of them begin with one of these: most names are none of them. */
	if (*name == '_' ? name[1] == '\0' || strchr("_mrst", name[1]) == NULL :
	    *name != 's' || name[1] != 'x')
		return;
	for (size_t i = 0; i < sizeof(lock_rows) / sizeof(lock_rows[0]); i++) {
		if (strcmp(lock_rows[i].name, name) != 0)
			continue;
		if (lock_rows[i].either && lint->locks != KLDSIM__NOPTIONS)
			return;
		if (lint->locks_found.count++ != 0)
			return;
		lint->locks_found.first = name;
		lint->locks_found.row = &lock_rows[i];
		return;
	}
}

/*
 * Only what is tied to a kernel calls these, if locks are not debugged (G-04):
 * the module says that it is not.
 */
static void
tell_tied(const struct lint *lint, const struct kldsim__where *where)
{
	const struct kldsim__mod_depend *headers = &lint->file->headers;

	const uint64_t more = lint->locks_found.count - 1;
	char others[32] = "";

	if (more != 0)
		(void)snprintf(others, sizeof(others), " and %ju more",
		    (uintmax_t)more);
	kldsim__find(lint->sim, KLDSIM__F_KBI_TIED, where, "%s%s %s what the "
	    "inline locks of one kernel call, so that the module is tied to "
	    "that kernel, and yet it says that any of %d to %d will do: it was "
	    "compiled without KLD_MODULE, or by headers of both kinds",
	    where->symbol, others, more != 0 ? "are" : "is",
	    headers->minimum, headers->maximum);
}

static void
tell_locks(const struct lint *lint)
{
	const struct found *found = &lint->locks_found;
	const struct kldsim__where where = { .file = lint->file->filename,
		.symbol = found->first };

	if (found->count == 0)
		return;
	if (lint->locks == KLDSIM__NOPTIONS) {
		tell_tied(lint, &where);
		return;
	}
	kldsim__find(lint->sim, KLDSIM__F_KBI_PROTOTYPE, &where,
	    "%s takes %u arguments in the module, %u in the kernel, and %ju "
	    "more functions of locks are like it: the kernel is built with "
	    "options %s, the module without lock debugging%s", found->first,
	    found->row->plain, found->row->debugged,
	    (uintmax_t)(found->count - 1),
	    kldsim__option_name(lint->locks),
	    is_tied(lint->file) ? ", for one kernel alone" : "");
}

/* --- epochs (G-20) --- */

/* What NET_EPOCH_ENTER() and NET_EPOCH_EXIT() call since 13. */
static void
look_at_epoch(struct lint *lint, const char *name)
{
	if ((kldsim__same_name(name, "_epoch_enter_preempt") ||
	    kldsim__same_name(name, "_epoch_exit_preempt")) &&
	    lint->epochs_found.count++ == 0)
		lint->epochs_found.first = name;
}

static void
tell_epochs(const struct lint *lint)
{
	const struct kldsim__where where = { .file = lint->file->filename,
		.symbol = lint->epochs_found.first };

	if (lint->epochs_found.count != 0)
		kldsim__find(lint->sim, KLDSIM__F_KBI_PROTOTYPE, &where,
		    "%s takes 2 arguments in the module, 4 in the kernel: that "
		    "is built with options EPOCH_TRACE, which no module has "
		    "that is built on its own; and it writes a struct "
		    "epoch_tracker of twice the size to the module's stack",
		    lint->epochs_found.first);
}

/* --- sets of CPUs (G-22) --- */

/* MAXCPU of modules, by the release of their headers. */
static const struct maxcpu {
	const char *machine;
	unsigned before_14;
	unsigned since_14;
} maxcpus[] = {
	{ "amd64", 256, 1024 },
	{ "arm64", 256, 1024 },
	{ "armv7", 4, 4 },
	{ "i386", 32, 32 },
	{ "powerpc", 256, 256 },
	{ "powerpc64", 256, 256 },
	{ "powerpc64le", 256, 256 },
	{ "riscv64", 16, 16 },
};

/* The last number of which 13's is known, and the first one of 14's. */
#define LAST_OF_13 1399999
#define FIRST_OF_14 1400097

static kldsim_size
cpuset_size(const struct kldsim *sim, int osreldate)
{
	const kldsim_size ptrsz = kldsim__arch_ptrsz(sim->arch);

	for (size_t i = 0; i < sizeof(maxcpus) / sizeof(maxcpus[0]); i++) {
		const struct maxcpu *row = &maxcpus[i];
		unsigned cpus = osreldate >= FIRST_OF_14 ? row->since_14 :
		    row->before_14;

		if (strcmp(row->machine, sim->arch->name) != 0 ||
		    (osreldate > LAST_OF_13 && osreldate < FIRST_OF_14))
			continue;
		return (((cpus + ptrsz * 8 - 1) / (ptrsz * 8)) * ptrsz);
	}
	return (0);
}

/* A tied module has the MAXCPU of its own kernel, which nobody knows. */
static kldsim_size
other_cpuset(const struct lint *lint)
{
	const kldsim_size kernel = lint->built->cpuset_size;
	kldsim_size module;

	if (kernel == 0 || lint->file->headers.preferred == 0 ||
	    is_tied(lint->file))
		return (0);
	module = cpuset_size(lint->sim, lint->file->headers.preferred);
	return (module != kernel ? module : 0);
}

/* Variables that are sets; and who fills in an rmlock, which has one. */
static void
look_at_cpuset(struct lint *lint, const char *name)
{
	static const char *const variables[] = { "all_cpus", "cpuset_domain",
		"started_cpus", "stopped_cpus" };
	static const char *const locks[] = { "rm_init", "rm_init_flags",
		"rm_sysinit" };
	bool found = false;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		found = found || kldsim__same_name(variables[i], name);
	/* A lock that is longer than the kernel's is none the worse for it. */
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]) &&
	    lint->cpuset < lint->built->cpuset_size; i++)
		found = found || kldsim__same_name(locks[i], name);
	if (found && lint->cpusets_found.count++ == 0)
		lint->cpusets_found.first = name;
}

static void
tell_cpusets(const struct lint *lint)
{
	const struct kldsim__where where = { .file = lint->file->filename,
		.symbol = lint->cpusets_found.first };
	char why[80];

	if (lint->cpusets_found.count == 0)
		return;
	if (lint->built->maxcpu != 0)
		(void)snprintf(why, sizeof(why), "the kernel has options "
		    "MAXCPU=%u (its kern_conf says so)", lint->built->maxcpu);
	else
		(void)snprintf(why, sizeof(why), "%s", kldsim__kernel_has(
		    lint->built, KLDSIM__OPTION_SMP) == KLDSIM__HAS ?
		    "MAXCPU is another" : "the kernel is built without options "
		    "SMP, for one CPU");
	kldsim__find(lint->sim, KLDSIM__F_KBI_SIZE, &where,
	    "cpuset_t has %ju bytes in the module, %ju in the kernel: %s; and "
	    "so is the size of struct rmlock, and of all that has a set of "
	    "CPUs in it", (uintmax_t)lint->cpuset,
	    (uintmax_t)lint->built->cpuset_size, why);
}

/* --- KMSAN (G-20) --- */

static void
tell_kmsan(const struct lint *lint)
{
	const struct kldsim__where where = { .file = lint->file->filename };

	if (lint->kmsan && !lint->instrumented)
		kldsim__find(lint->sim, KLDSIM__F_KBI_OPTION, &where,
		    "built without options KMSAN, and this kernel is with it "
		    "(its kern_conf says so): what the module writes counts as "
		    "never written, and who reads it is reported for that");
}

/* --- the whole --- */

static void
look_at(void *user, const struct kldsim__told_symbol *symbol)
{
	struct lint *lint = user;

	if (symbol->defined) {
		if (lint->error == 0)
			lint->error = kldsim__kbi_cdevsw(lint->sim,
			    lint->file, symbol);
		return;
	}
	if (lint->locks != KLDSIM__NOPTIONS || lint->range)
		look_at_lock(lint, symbol->name);
	if (lint->epochs)
		look_at_epoch(lint, symbol->name);
	if (lint->kmsan)
		lint->instrumented = lint->instrumented ||
		    strncmp(symbol->name, "__msan_", 7) == 0;
	if (lint->cpuset != 0)
		look_at_cpuset(lint, symbol->name);
}

int
kldsim__kbi_lint(struct kldsim *sim, struct kldsim__file *file)
{
	struct lint lint = { .sim = sim, .file = file };
	unsigned which = 0;

	lint.error = kldsim__kernel_built(sim, &lint.built);
	if (lint.error != 0)
		return (lint.error);
	lint.error = kldsim__vimage_lint(sim, file);
	if (lint.error != 0)
		return (lint.error);
	lint.locks = kldsim__locks_debugged(lint.built);
	lint.cpuset = other_cpuset(&lint);
	/* Drivers have a module, so they say which kernel they want (M-11). */
	lint.words = file->headers.preferred != 0 &&
	    (uint32_t)file->headers.preferred != sim->osreldate;
	if (lint.words)
		lint.error = kldsim__kbi_probes(sim, file);
	if (lint.words)
		which |= KLDSIM__OBJECTS;
	lint.range = file->headers.preferred != 0 && !is_tied(file);
	lint.epochs = lint.range && kldsim__kernel_has(lint.built,
	    KLDSIM__OPTION_EPOCH_TRACE) == KLDSIM__HAS;
	lint.kmsan = kldsim__kernel_has(lint.built, KLDSIM__OPTION_KMSAN) ==
	    KLDSIM__HAS;
	if (lint.cpuset != 0 || lint.kmsan || lint.epochs || (file->near_locks &&
	    (lint.locks != KLDSIM__NOPTIONS || lint.range)))
		which |= KLDSIM__IMPORTS;
	if (lint.error == 0 && which != 0)
		file->class->each_symbol(file, which, look_at, &lint);
	tell_locks(&lint);
	tell_epochs(&lint);
	tell_cpusets(&lint);
	tell_kmsan(&lint);
	return (lint.error);
}
