/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The sysctls of a file: linker_file_register_sysctls() of
 * sys/kern/kern_linker.c, sysctl_register_oid() and sysctl_unregister_oid() of
 * sys/kern/kern_sysctl.c (M-41 to M-45).
 *
 * FIDELITY: no tunable is fetched, since there is no kernel environment here;
 * that a leaf is disabled while its module is loaded (M-06) is not seen.  A tree
 * that is lost stays lost, though the kernel may get a part of it back when
 * what was its root is unregistered.
 */

#include "link/kern_sysctl.h"

#include <inttypes.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/set_walk.h"
#include "kern/sysctls.h"

#define CTLTYPE 0xfu
#define CTLTYPE_NODE 1u
#define CTLFLAG_TUN 0x00080000u
#define CTLFLAG_VNET 0x00020000u
#define CTLFLAG_NOFETCH 0x00001000u

#define TUNABLE_PATH 96u /* bytes that the kernel has for a tunable's name */

/* An entry of the set, as the kernel reads it. */
struct entry {
	struct kldsim__set_walk *walk;
	kldsim_addr address;
	struct kldsim__sysctl_oid is;
	const char *name;
};

static struct kldsim__where
where_of(const struct entry *entry)
{
	return ((struct kldsim__where){ .file = entry->walk->file->filename,
		.section = entry->walk->name });
}

/* The list that an entry is for has to be where the kernel can read it. */
static int
check_list(const struct entry *entry)
{
	struct kldsim *sim = entry->walk->sim;

	if (kldsim__aspace_mapped(&sim->space, entry->is.parent,
	    kldsim__arch_ptrsz(sim->arch)))
		return (0);
	return (kldsim__walk_broken(entry->walk, entry->is.parent,
	    "the list of an oid"));
}

static int
next_entry(struct kldsim__set_walk *walk, struct entry *entry, bool *more_ret)
{
	int error;

	entry->walk = walk;
	error = kldsim__walk_next(walk, &entry->address, more_ret);
	if (error != 0 || !*more_ret)
		return (error);
	if (!kldsim__meta_sysctl_oid(&walk->sim->meta, entry->address,
	    &entry->is))
		return (kldsim__walk_broken(walk, entry->address,
		    "a struct sysctl_oid"));
	error = check_list(entry);
	if (error == 0)
		error = kldsim__walk_sysctl_name(walk, entry->is.name,
		    &entry->name);
	return (error);
}

static bool
is_node(const struct entry *entry)
{
	return ((entry->is.kind & CTLTYPE) == CTLTYPE_NODE);
}

/* --- registering --- */

/* A leaf of that name is there: sysctl_warn_reuse() (V-72). */
static void
reuse_leaf(const struct entry *entry,
    const struct kldsim__sysctl_found *found)
{
	struct kldsim *sim = entry->walk->sim;
	struct kldsim__where where = where_of(entry);
	char path[1024];

	(void)kldsim__sysctl_path(sim, found->address, path, sizeof(path));
	kldsim__console(sim, "%s: can't re-use a leaf (%s)!",
	    sim->facts.sysctl_reuse_names_caller ? "sysctl_register_oid" :
	    "sysctl_warn_reuse", path);
	kldsim__find(sim, KLDSIM__F_SYSCTL_NAME, &where,
	    "the sysctl %s is there already, of %s: the one of %s is left "
	    "out", path, found->file->filename,
	    entry->walk->file->filename);
}

/*
 * A number of its own, which another oid has: older kernels take a free one
 * (V-71).
 */
static int
number_used(const struct entry *entry, int *number)
{
	struct kldsim *sim = entry->walk->sim;
	struct kldsim__where where = where_of(entry);

	if (sim->facts.sysctl_number_panics)
		return (kldsim__panic(sim, KLDSIM__F_SYSCTL_NUMBER, &where,
		    "kernel panic: sysctl: OID number(%d) is already in use "
		    "for '%s'", *number, entry->name));
	kldsim__console(sim, "sysctl: OID number(%d) is already in use for "
	    "'%s'", *number, entry->name);
	kldsim__find(sim, KLDSIM__F_SYSCTL_NUMBER, &where,
	    "%s wants the number %d, which another sysctl below the same node "
	    "has, and gets a free one; kernels of 15.0 and later panic",
	    entry->name, *number);
	*number = KLDSIM__OID_AUTO;
	return (0);
}

/* A new oid: its number, and into the list with it. */
static int
enter(const struct entry *entry)
{
	struct kldsim *sim = entry->walk->sim;
	int number = entry->is.number;
	struct kldsim__oid *oid;
	int error = 0;

	if (number >= 0 && number < KLDSIM__CTL_AUTO_START &&
	    kldsim__sysctl_number_used(sim, entry->is.parent, number))
		error = number_used(entry, &number);
	if (error != 0)
		return (error);
	oid = kldsim__arena_calloc(&entry->walk->file->arena, 1,
	    sizeof(*oid));
	if (oid == NULL)
		return (kldsim__nomem(sim));
	oid->file = entry->walk->file;
	oid->address = entry->address;
	oid->is = entry->is;
	oid->is.number = number;
	oid->name = entry->name;
	return (kldsim__sysctl_enter(sim, oid));
}

/* A tunable's name is put together before anybody looks whether it is set. */
static int
check_tunable(const struct entry *entry)
{
	struct kldsim *sim = entry->walk->sim;
	const uint32_t kind = entry->is.kind;
	size_t length;

	if (is_node(entry) || (kind & CTLFLAG_TUN) == 0 ||
	    (kind & CTLFLAG_NOFETCH) != 0 ||
	    ((kind & CTLFLAG_VNET) != 0 && sim->vnet.present &&
	    !sim->facts.propagates_vnets_after_sysctls))
		return (0);
	if (!kldsim__sysctl_path_length(sim, entry->address, TUNABLE_PATH,
	    &length))
		return (kldsim__walk_broken(entry->walk, entry->is.parent,
		    "a node of an oid"));
	if (length >= TUNABLE_PATH)
		kldsim__console(sim, "OID path exceeds %u bytes",
		    TUNABLE_PATH);
	return (0);
}

/*
 * J-13: who reads it gets vnet_data_base added to where the variable is, and a
 * module without VIMAGE has it nowhere in set_vnet.
 */
static bool
is_out_of_reach(const struct entry *entry)
{
	const struct kldsim__set *vnet = &entry->walk->sim->vnet;

	return (vnet->present && (entry->is.kind & CTLFLAG_VNET) != 0 &&
	    !is_node(entry) && entry->is.arg1 != 0 &&
	    entry->walk->file->nparts[KLDSIM_SET_VNET] == 0 &&
	    entry->is.arg1 - vnet->start >= vnet->stop - vnet->start);
}

static void
tell_out_of_reach(const struct entry *entry, uint64_t count)
{
	struct kldsim__where where = where_of(entry);

	kldsim__find(entry->walk->sim, KLDSIM__F_MODULE_LACKS_VIMAGE, &where,
	    "%s and %ju more of its sysctls are CTLFLAG_VNET, and their "
	    "variables are not in set_vnet: built without options VIMAGE, and "
	    "this kernel with; who reads one reads vnet_data_base + 0x%"
	    PRIx64, entry->name, (uintmax_t)(count - 1), entry->is.arg1);
}

/* sysctl_register_oid(). */
static int
register_oid(const struct entry *entry)
{
	struct kldsim__sysctl_found found;
	int error;

	kldsim__sysctl_by_name(entry->walk->sim, entry->is.parent,
	    entry->name, &found);
	if (found.address != 0) {
		if (!found.is_node)
			reuse_leaf(entry, &found);
		return (0); /* a node is shared: one more reference */
	}
	error = enter(entry);
	return (error != 0 ? error : check_tunable(entry));
}

/* One sysctl below a node of the file that another one has taken the name of. */
static int
check_orphan(const struct entry *entry, kldsim_addr *told)
{
	struct kldsim *sim = entry->walk->sim;
	const struct kldsim__file *file = entry->walk->file;
	const kldsim_addr node = entry->is.parent;
	struct kldsim__where where = where_of(entry);
	struct kldsim__sysctl_oid is;
	const char *name;
	int error;

	if (node - file->address >= file->size || node == *told ||
	    kldsim__sysctl_is_linked(sim, node) ||
	    !kldsim__meta_sysctl_oid(&sim->meta, node, &is))
		return (0);
	*told = node;
	error = kldsim__walk_sysctl_name(entry->walk, is.name, &name);
	if (error == 0)
		kldsim__find(sim, KLDSIM__F_SYSCTL_NAME, &where,
		    "the node %s is there already, and the one of %s is left "
		    "out: what the file hangs below it, %s the first, cannot "
		    "be reached", name, file->filename, entry->name);
	return (error);
}

static int
check_orphans(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	kldsim_addr told = 0;
	struct entry entry;
	bool more;
	int error = kldsim__walk_begin(&walk, sim, file, "sysctl_set", &more);

	while (error == 0 && more) {
		error = next_entry(&walk, &entry, &more);
		if (error == 0 && more)
			error = check_orphan(&entry, &told);
	}
	return (error);
}

/* What a search may have to look at, for limits.work. */
static int
work(const struct entry *entry, uint64_t done)
{
	struct kldsim *sim = entry->walk->sim;

	return (kldsim__work(sim, entry->walk->file,
	    kldsim__sysctls_own(sim, entry->is.parent) + done));
}

int
kldsim__register_sysctls(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	struct entry entry, first = { .walk = NULL };
	uint64_t done = 0, nreach = 0;
	bool more;
	int error = kldsim__walk_begin(&walk, sim, file, "sysctl_set", &more);

	if (error != 0 || !more)
		return (error);
	error = kldsim__sysctls_read(sim);
	if (error != 0 || sim->sysctls.root == 0)
		return (error);
	while (error == 0 && more) {
		error = next_entry(&walk, &entry, &more);
		if (error != 0 || !more)
			break;
		error = work(&entry, done++);
		if (error == 0)
			error = register_oid(&entry);
		if (is_out_of_reach(&entry) && nreach++ == 0)
			first = entry;
	}
	if (nreach != 0)
		tell_out_of_reach(&first, nreach);
	return (error != 0 ? error : check_orphans(sim, file));
}

/* --- unregistering --- */

/*
 * An oid that is not in its list.  Where that is a list it is looked for in
 * vain; a tree has it taken out all the same, which leaves the tree empty.
 */
static int
unregister_unlinked(const struct entry *entry, bool was_in)
{
	struct kldsim *sim = entry->walk->sim;
	struct kldsim__where where = where_of(entry);
	size_t lost;
	int error;

	if (!was_in && entry->is.number == KLDSIM__OID_AUTO) {
		kldsim__console(sim, "sysctl_unregister_oid: failed(%d) to "
		    "unregister sysctl(%s)", KLDSIM__EINVAL, entry->name);
		return (0);
	}
	if (sim->meta.oid_links == 1) {
		kldsim__console(sim, "sysctl_unregister_oid: failed(%d) to "
		    "unregister sysctl(%s)", KLDSIM__ENOENT, entry->name);
		return (0);
	}
	if (was_in)
		return (0); /* it is of a tree that was lost before */
	error = kldsim__sysctl_empty(sim, entry->is.parent, &lost);
	if (error == 0 && lost != 0)
		kldsim__find(sim, KLDSIM__F_SYSCTL_LIST_LOST, &where,
		    "%s was never entered and is taken out: the kernel loses "
		    "the %zu other sysctls below its node", entry->name,
		    lost);
	return (error);
}

static int
unregister_oid(const struct entry *entry)
{
	struct kldsim *sim = entry->walk->sim;
	struct kldsim__oid *oid = kldsim__sysctl_entered(sim,
	    entry->is.parent, entry->address);

	if (oid == NULL || !oid->linked)
		return (unregister_unlinked(entry, oid != NULL));
	return (KLDSIM__SET(&sim->undo, oid->linked, false) ? 0 :
	    kldsim__nomem(sim));
}

/* The file's memory goes, and with it what was known of its oids. */
static int
forget_oid(const struct entry *entry)
{
	struct kldsim *sim = entry->walk->sim;
	struct kldsim__oid *oid = kldsim__sysctl_entered(sim,
	    entry->is.parent, entry->address);

	return (oid != NULL ? kldsim__sysctl_forget(sim, oid) : 0);
}

static int
each_entry(struct kldsim *sim, struct kldsim__file *file,
    int (*each)(const struct entry *entry))
{
	struct kldsim__set_walk walk;
	struct entry entry;
	uint64_t done = 0;
	bool more;
	int error = kldsim__walk_begin(&walk, sim, file, "sysctl_set", &more);

	while (error == 0 && more) {
		error = next_entry(&walk, &entry, &more);
		if (error == 0 && more)
			error = work(&entry, done++);
		if (error == 0 && more)
			error = each(&entry);
	}
	return (error);
}

int
kldsim__unregister_sysctls(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	if (sim->sysctls.root == 0)
		return (0);
	error = each_entry(sim, file, unregister_oid);
	return (error != 0 ? error : each_entry(sim, file, forget_oid));
}
