/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kvm_nlist(3) of a native kernel: lib/libkvm's kvm.c, kvm_vnet.c and
 * kvm_pcpu.c (B-01 to B-06, Q-08 to Q-12), and of a core of it.
 *
 * FIDELITY: the variables by which libkvm finds its own process's vnet
 * and counts CPUs (B-05) are not asked for, as no process and no struct pcpu is
 * simulated: the vnet and the CPU come with the question.
 */

#include <stdio.h>

#include "inspect/nlist.h"
#include "kern/pcpu.h"
#include "kern/sim.h"
#include "kern/vnets.h"
#include "util/error.h"

#include <kldsim/kld.h>
#include <kldsim/kvm.h>

#define NAME_SIZE 1024 /* longer names are passed over */

/* The passes over what is not found yet, in this order (B-01). */
struct pass {
	const char *prefix;
	enum kldsim_kvm_how how;
	const char *start;                 /* without it the pass is left out */
	const struct kldsim__set *set;     /* NULL: nothing is translated */
	const struct kldsim_instance *instance; /* NULL: left out */
};

/* One name in one pass; KLDSIM_NOENT: not found. */
static enum kldsim_status
look_up(struct kldsim *sim, const struct pass *pass, const char *name,
    bool strip, kldsim_addr *value_ret)
{
	const bool prefixed = *pass->prefix != '\0';
	char full[NAME_SIZE];
	kldsim_size size;
	int length;

	length = snprintf(full, sizeof(full), "%s%s", pass->prefix,
	    name + (prefixed && strip && *name == '_'));
	if (length >= (int)sizeof(full))
		return (KLDSIM_NOENT);
	return (kldsim_kldsym(sim, 0, full + (strip && *full == '_'),
	    value_ret, &size));
}

/* Values outside of the kernel's set are nobody's: they stay (B-04). */
static void
translate(const struct kldsim *sim, const struct pass *pass,
    struct kldsim_kvm_entry *entry)
{
	const uint64_t word = kldsim__arch_ptrsz(sim->arch) == 8 ?
	    UINT64_MAX : UINT32_MAX;

	if (pass->set == NULL || entry->value == 0)
		return;
	if (!kldsim__set_holds(pass->set, entry->value)) {
		entry->note = "the value is in the file's own image, which no "
		    "vnet and no CPU uses";
		return;
	}
	entry->value = (entry->value + pass->instance->base) & word;
	entry->translated = true;
}

static enum kldsim_status
try_pass(struct kldsim *sim, const struct pass *pass, bool strip,
    struct kldsim_kvm_entry *entries, size_t count, size_t *missing)
{
	for (size_t i = 0; i < count; i++) {
		struct kldsim_kvm_entry *entry = &entries[i];
		enum kldsim_status status;
		kldsim_addr value;

		if (entry->type != 0)
			continue;
		status = look_up(sim, pass, entry->name, strip, &value);
		if (status == KLDSIM_NOENT)
			continue;
		if (status != KLDSIM_OK)
			return (status);
		entry->type = KLDSIM_KVM_N_TEXT;
		entry->how = pass->how;
		entry->value = value;
		translate(sim, pass, entry);
		*missing -= 1;
	}
	return (KLDSIM_OK);
}

/* The symbol without which libkvm does not set the pass up. */
static bool
is_set_up(struct kldsim *sim, const struct pass *pass)
{
	kldsim_addr start;
	kldsim_size size;

	return (pass->set == NULL || (pass->instance != NULL &&
	    kldsim_kldsym(sim, 0, pass->start, &start, &size) == KLDSIM_OK));
}

/* The CPU and the vnet of the view; Q-11 has the texts. */
static enum kldsim_status
find_view(struct kldsim *sim, const struct kldsim_kvm_view *view,
    struct pass *vnet, struct pass *dpcpu, struct kldsim_error *error)
{
	if (view->cpu >= KLDSIM__MAX_CPUS)
		return (kldsim__error_set(error, KLDSIM_ARG,
		    "_kvm_dpcpu_setcpu: CPU %u too big", view->cpu));
	dpcpu->instance = kldsim__set_find_instance(&sim->dpcpu, view->cpu);
	/* A kernel without set_pcpu has no CPUs' areas at all. */
	if (dpcpu->instance == NULL && sim->dpcpu.present)
		return (kldsim__error_set(error, KLDSIM_ARG,
		    "_kvm_dpcpu_setcpu: CPU %u not found", view->cpu));
	if (view->vnet == KLDSIM_KVM_NO_VNET || !sim->vnet.present)
		return (KLDSIM_OK);
	vnet->instance = kldsim__set_find_instance(&sim->vnet,
	    (unsigned)view->vnet);
	return (vnet->instance != NULL ? KLDSIM_OK :
	    kldsim__error_set(error, KLDSIM_ARG, "there is no vnet %u",
	    (unsigned)view->vnet));
}

/* --- a core --- */

/* Names that one pass asks of the kernel's file. */
struct names {
	struct kldsim__nlist *list;
	size_t *entry;          /* which entry each of them is of */
	char (*full)[NAME_SIZE];
	size_t count;
};

/* Those without a type, with the prefix in the place of one '_'. */
static void
take_names(const struct pass *pass, const struct kldsim_kvm_entry *entries,
    size_t count, struct names *names)
{
	names->count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = entries[i].name;
		char *full = names->full[names->count];

		if (entries[i].type != 0)
			continue;
		if (snprintf(full, NAME_SIZE, "%s%s", pass->prefix, name +
		    (*pass->prefix != '\0' && *name == '_')) >= NAME_SIZE)
			continue;
		names->list[names->count] = (struct kldsim__nlist){ full, 0, 0 };
		names->entry[names->count++] = i;
	}
}

static enum kldsim_status
try_names(struct kldsim *sim, const struct pass *pass, struct names *names,
    struct kldsim_kvm_entry *entries, size_t count, size_t *missing)
{
	enum kldsim_status status;

	take_names(pass, entries, count, names);
	status = kldsim__nlist(sim, names->list, names->count, missing);
	for (size_t i = 0; i < names->count && status == KLDSIM_OK; i++) {
		struct kldsim_kvm_entry *entry = &entries[names->entry[i]];

		if (names->list[i].type == 0)
			continue;
		entry->type = names->list[i].type;
		entry->how = pass->how;
		entry->value = names->list[i].value;
		translate(sim, pass, entry);
	}
	return (status);
}

/* the answer is what the last pass has left. */
static enum kldsim_status
ask_dead(struct kldsim *sim, const struct pass *passes, size_t npasses,
    struct kldsim_kvm_entry *entries, size_t count, size_t *missing)
{
	const struct kldsim__alloc *alloc = &sim->alloc;
	struct names names = {
		.list = kldsim__calloc(alloc, count + 1, sizeof(*names.list)),
		.entry = kldsim__calloc(alloc, count + 1, sizeof(size_t)),
		.full = kldsim__calloc(alloc, count + 1, NAME_SIZE) };
	enum kldsim_status status = names.list != NULL &&
	    names.entry != NULL && names.full != NULL ? KLDSIM_OK :
	    KLDSIM_NOMEM;

	for (size_t i = 0; i < npasses && status == KLDSIM_OK &&
	    *missing != 0; i++)
		if (is_set_up(sim, &passes[i]))
			status = try_names(sim, &passes[i], &names, entries,
			    count, missing);
	kldsim__free(alloc, names.list);
	kldsim__free(alloc, names.entry);
	kldsim__free(alloc, names.full);
	return (status);
}

/* --- the call --- */

/* What was answered before is gone; of a core what was asked, too. */
static void
forget(struct kldsim_kvm_entry *entries, size_t count, bool dead)
{
	for (size_t i = 0; i < count; i++) {
		if (dead)
			entries[i].type = 0;
		if (entries[i].type != 0)
			continue;
		entries[i].value = 0;
		entries[i].how = KLDSIM_KVM_MISSING;
		entries[i].translated = false;
		entries[i].note = NULL;
	}
}

enum kldsim_status
kldsim_kvm_nlist(struct kldsim *sim, const struct kldsim_kvm_view *view,
    struct kldsim_kvm_entry *entries, size_t count, size_t *missing_ret,
    struct kldsim_error *error_ret)
{
	struct pass passes[] = {
		{ "", KLDSIM_KVM_PLAIN, NULL, NULL, NULL },
		{ "vnet_entry_", KLDSIM_KVM_VNET, "__start_set_vnet",
		    &sim->vnet, NULL },
		{ "pcpu_entry_", KLDSIM_KVM_DPCPU, "__start_set_pcpu",
		    &sim->dpcpu, NULL },
	};
	enum kldsim_status status = find_view(sim, view, &passes[1],
	    &passes[2], error_ret);
	size_t missing = count;

	if (status != KLDSIM_OK)
		return (status);
	forget(entries, count, view->dead);
	if (view->dead)
		status = ask_dead(sim, passes,
		    sizeof(passes) / sizeof(passes[0]), entries, count,
		    &missing);
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]) &&
	    status == KLDSIM_OK && !view->dead; i++)
		if (is_set_up(sim, &passes[i]))
			status = try_pass(sim, &passes[i],
			    !view->keep_underscore, entries, count, &missing);
	if (status == KLDSIM_OK)
		*missing_ret = missing;
	return (status);
}
