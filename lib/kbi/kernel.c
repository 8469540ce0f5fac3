/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel's side; see kernel.h. */

#include "kbi/kernel.h"

#include <string.h>

#include "kbi/kern_conf.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/question.h"

/* More CPUs than any kernel will ever be for. */
#define MAX_CPUS (1u << 20)

int
kldsim__ask_kernel(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret)
{
	const struct kldsim__report before = sim->report;
	int error = kldsim__kernel_symbol(sim, name, value_ret, size_ret);

	/* Nobody looks this name up but we. */
	if (error != 0)
		*value_ret = *size_ret = 0;
	return (kldsim__question_unsay(sim, &before, error));
}

/* --- kern_conf (G-01) --- */

/* "MAXCPU=N"; what is no number of CPUs is none. */
static unsigned
read_maxcpu(const struct kldsim__conf_line *line)
{
	unsigned cpus = 0;

	for (size_t i = 0; i < line->value.size; i++) {
		const char c = line->value.text[i];

		if (c < '0' || c > '9' || cpus > MAX_CPUS / 10)
			return (0);
		cpus = cpus * 10 + (unsigned)(c - '0');
	}
	return (cpus);
}

static void
take_option(struct kldsim__built *built, const struct kldsim__conf_line *line,
    bool off)
{
	const enum kldsim__kernel_option option =
	    kldsim__option_by_name(line->name.text, line->name.size);

	if (kldsim__conf_word_is(&line->name, "MAXCPU"))
		built->maxcpu = off ? 0 : read_maxcpu(line);
	if (option == KLDSIM__NOPTIONS)
		return;
	built->options |= UINT64_C(1) << option;
	if (off)
		built->options &= ~(UINT64_C(1) << option);
}

static void
read_options(struct kldsim__built *built, const void *bytes, size_t size)
{
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;

	if (!kldsim__kern_conf_begin(&conf, bytes, size))
		return;
	built->configured = true;
	built->cut = size == 0 || memchr(bytes, '\0', size) == NULL;
	built->certain = kldsim__kern_conf_is_whole(bytes, size);
	while (kldsim__kern_conf_next(&conf, &line)) {
		const bool off = kldsim__conf_word_is(&line.keyword,
		    "nooptions");

		if (off || kldsim__conf_word_is(&line.keyword, "options"))
			take_option(built, &line, off);
	}
}

/* The first section of that name. */
static bool
find_section(const struct kldsim__elf *elf, const char *name,
    GElf_Shdr *shdr_ret)
{
	const size_t each = kldsim__elf_sizeof(elf, ELF_T_SHDR);
	GElf_Shdr names;

	if (elf->ehdr.e_shstrndx >= elf->ehdr.e_shnum ||
	    !kldsim__elf_shdrs(elf, elf->ehdr.e_shoff +
	    elf->ehdr.e_shstrndx * each, 1, &names) ||
	    !kldsim__in_range(names.sh_offset, names.sh_size, elf->size))
		return (false);
	for (unsigned i = 1; i < elf->ehdr.e_shnum; i++) {
		const char *found;

		if (!kldsim__elf_shdrs(elf, elf->ehdr.e_shoff + i * each, 1,
		    shdr_ret))
			return (false);
		if (shdr_ret->sh_name >= names.sh_size ||
		    elf->bytes[names.sh_offset + shdr_ret->sh_name] !=
		    (uint8_t)*name)
			continue;
		found = kldsim__strtab_get((const char *)elf->bytes +
		    names.sh_offset, names.sh_size, shdr_ret->sh_name);
		if (found != NULL && strcmp(found, name) == 0)
			return (true);
	}
	return (false);
}

/* What is wrong with a configuration, for who wonders why it does not count. */
static void
tell_of_configuration(struct kldsim *sim, const GElf_Shdr *shdr)
{
	const struct kldsim__where where = {
		.file = sim->linker.kernel->filename, .section = "kern_conf",
		.offset = shdr->sh_offset, .has_offset = true };

	if (!sim->built.configured)
		kldsim__find(sim, KLDSIM__F_KBI_KERN_CONF, &where,
		    "the kernel's configuration is no text: which options it "
		    "has is taken from its symbols alone");
	else if (sim->built.cut)
		kldsim__find(sim, KLDSIM__F_KBI_KERN_CONF, &where,
		    "the kernel's configuration ends without its NUL: its "
		    "whole lines count, and an option that is not there may "
		    "be set all the same");
}

static void
read_configuration(struct kldsim *sim)
{
	struct kldsim__elf elf;
	GElf_Shdr shdr;

	if (!kldsim__elf_open(sim->linker.kernel->image, &elf) ||
	    !find_section(&elf, "kern_conf", &shdr) ||
	    shdr.sh_type == SHT_NOBITS || shdr.sh_size > KLDSIM__KERN_CONF_MOST ||
	    !kldsim__in_range(shdr.sh_offset, shdr.sh_size, elf.size))
		return;
	read_options(&sim->built, elf.bytes + shdr.sh_offset,
	    (size_t)shdr.sh_size);
	tell_of_configuration(sim, &shdr);
}

/* --- symbols (G-02) --- */

static int
read_symbols(struct kldsim *sim)
{
	struct kldsim__built *built = &sim->built;
	const struct {
		const char *name;
		kldsim_addr *to;
	} wanted[] = {
		{ "vfs_modevent", &built->vfs_modevent },
		{ "g_modevent", &built->g_modevent },
		{ "witness_checkorder", &built->lock_debug[0] },
		{ "ktr_tracepoint", &built->lock_debug[1] },
		{ "lock_profile_obtain_lock_success", &built->lock_debug[2] },
		{ "sysctl___kern_features_invariants", &built->lock_debug[3] },
	};
	kldsim_size size;
	int error = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) &&
	    error == 0; i++)
		error = kldsim__ask_kernel(sim, wanted[i].name, wanted[i].to,
		    &size);
	return (error);
}

/* --- MAXCPU (G-22) --- */

/* Bytes of a cpuset_t for so many CPUs: an array of longs. */
static kldsim_size
cpuset_for(const struct kldsim *sim, unsigned cpus)
{
	const kldsim_size ptrsz = kldsim__arch_ptrsz(sim->arch);

	return ((cpus + ptrsz * 8 - 1) / (ptrsz * 8) * ptrsz);
}

/* all_cpus has that size; else MAXCPU is what the kernel says of it (I-63). */
static int
read_cpuset(struct kldsim *sim)
{
	struct kldsim__built *built = &sim->built;
	unsigned cpus = built->maxcpu;
	kldsim_addr at;
	kldsim_size size;
	int value, error;

	error = kldsim__ask_kernel(sim, "all_cpus", &at, &built->cpuset_size);
	if (error != 0 || built->cpuset_size != 0)
		return (error);
	if (cpus == 0)
		error = kldsim__ask_kernel(sim, "mp_maxcpus", &at, &size);
	if (cpus == 0 && error == 0 && at != 0 &&
	    kldsim__meta_int(&sim->meta, at, &value) && value > 0 &&
	    (unsigned)value <= MAX_CPUS)
		cpus = (unsigned)value;
	built->cpuset_size = cpuset_for(sim, cpus);
	return (error);
}

int
kldsim__kernel_built(struct kldsim *sim, const struct kldsim__built **built_ret)
{
	int error = 0;

	*built_ret = &sim->built;
	if (sim->built.asked)
		return (0);
	memset(&sim->built, 0, sizeof(sim->built));
	read_configuration(sim);
	/* What the kernel is says more than what is said of it. */
	if (sim->vnet.present)
		sim->built.options |= UINT64_C(1) << KLDSIM__OPTION_VIMAGE;
	if (sim->known.mp_setvariables_for_up == 0)
		sim->built.options |= UINT64_C(1) << KLDSIM__OPTION_SMP;
	error = read_symbols(sim);
	if (error == 0)
		error = read_cpuset(sim);
	if (error == 0)
		error = kldsim__find_locks(sim, &sim->built.locks,
		    &sim->built.nlocks);
	sim->built.asked = error == 0;
	return (error);
}

int
kldsim__kernel_seen(struct kldsim *sim, const struct kldsim__built **built_ret)
{
	int error = kldsim__kernel_built(sim, built_ret);

	if (error == 0 && !sim->built.certain && !sim->built.looked) {
		error = kldsim__see_options(sim, &sim->built.seen);
		sim->built.looked = error == 0;
	}
	return (error);
}

enum kldsim__has
kldsim__kernel_has(const struct kldsim__built *built,
    enum kldsim__kernel_option option)
{
	if ((built->options >> option & 1) != 0)
		return (KLDSIM__HAS);
	if ((built->seen >> option & 1) != 0)
		return (KLDSIM__HAS_SEEN);
	return (built->configured && built->certain ? KLDSIM__HAS_NOT :
	    KLDSIM__HAS_UNKNOWN);
}

enum kldsim__kernel_option
kldsim__locks_debugged(const struct kldsim__built *built)
{
	static const enum kldsim__kernel_option seen[] = {
		KLDSIM__OPTION_WITNESS, KLDSIM__OPTION_KTR,
		KLDSIM__OPTION_LOCK_PROFILING, KLDSIM__OPTION_INVARIANTS };
	unsigned option;

	for (option = 0; option <= KLDSIM__OPTION_LOCK_PROFILING; option++)
		if (kldsim__kernel_has(built,
		    (enum kldsim__kernel_option)option) == KLDSIM__HAS)
			return ((enum kldsim__kernel_option)option);
	/* What it does not say of itself may be elsewhere (config -C). */
	for (option = 0; option < sizeof(seen) / sizeof(seen[0]) &&
	    !built->certain; option++)
		if (built->lock_debug[option] != 0)
			return (seen[option]);
	return (KLDSIM__NOPTIONS);
}
