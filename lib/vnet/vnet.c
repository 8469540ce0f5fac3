/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * VNET_SYSINIT and VNET_SYSUNINIT: vnet_register_sysinit() and its three
 * relatives, vnet_sysinit() and vnet_sysuninit() of sys/net/vnet.c (A-32 to
 *
 */

#include <inttypes.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/events.h"
#include "kern/linker_file.h"
#include "vnet/vnet.h"

#define SI_SUB_VNET 0x21e0000u /* section 7.5 */

/* struct vnet_sysinit is laid out as struct sysinit without a list link. */
static bool
read_record(const struct kldsim *sim, kldsim_addr address,
    struct kldsim__sysinit *call_ret)
{
	struct kldsim__meta meta = sim->meta;

	meta.sysinit_has_link = false;
	return (kldsim__meta_sysinit(&meta, address, call_ret));
}

/* Nobody looks where it leads (Z-74). */
static int
called_blindly(struct kldsim *sim, const struct kldsim__file *file,
    kldsim_addr func)
{
	const struct kldsim__where where = { .file = file->filename };

	if (kldsim__aspace_mapped(&sim->space, func, 1))
		return (0);
	return (kldsim__panic(sim, KLDSIM__F_SYSINIT_ENTRY, &where,
	    "the vnet function at 0x%" PRIx64 " is called, where nothing is",
	    func));
}

static int
record_call(struct kldsim *sim, const struct kldsim__vnet_sysinit *entry,
    enum kldsim_event_kind kind, unsigned vnet)
{
	struct kldsim_event event = { .kind = kind, .func = entry->call.func,
		.arg = entry->call.udata,
		.subsystem = entry->call.subsystem,
		.order = entry->call.order, .vnet = vnet };
	const int error = kldsim__record(sim, entry->file, &event);

	return (error != 0 ? error : called_blindly(sim, entry->file,
	    entry->call.func));
}

/* On all vnets there are: the newest first, vnet0 last. */
static int
call_in_all(struct kldsim *sim, const struct kldsim__vnet_sysinit *entry,
    enum kldsim_event_kind kind)
{
	int error = 0;

	for (size_t i = 0; i < sim->vnet.ninstances && error == 0; i++)
		error = record_call(sim, entry, kind,
		    sim->vnet.instances[i].id);
	return (error);
}

static bool
comes_after(const struct kldsim__sysinit *a, const struct kldsim__sysinit *b)
{
	if (a->subsystem != b->subsystem)
		return (a->subsystem > b->subsystem);
	return (a->order > b->order);
}

#define VNET_SYSINIT_AT(l) KLDSIM__ENTRY(l, struct kldsim__vnet_sysinit, link)

/* Before the first one that is strictly greater. */
static int
insert(struct kldsim *sim, struct kldsim__link *list,
    struct kldsim__vnet_sysinit *entry)
{
	struct kldsim__link *at = list->next;

	while (at != list &&
	    !comes_after(&VNET_SYSINIT_AT(at)->call, &entry->call))
		at = at->next;
	if (!kldsim__list_insert_after(&sim->undo, at->prev, &entry->link))
		return (kldsim__nomem(sim));
	return (0);
}

/* A kernel with INVARIANTS does not let it pass. */
static void
check_subsystem(const struct kldsim__set_walk *walk,
    const struct kldsim__vnet_sysinit *entry)
{
	struct kldsim__where where = { .file = walk->file->filename };

	if (entry->call.subsystem <= SI_SUB_VNET)
		kldsim__find(walk->sim, KLDSIM__F_VNET_SYSINIT_EARLY, &where,
		    "a vnet function is of subsystem 0x%x, which is not after "
		    "SI_SUB_VNET: with INVARIANTS the kernel panics, \"vnet "
		    "sysinit too early\"", entry->call.subsystem);
}

static int
register_record(const struct kldsim__set_walk *walk, kldsim_addr record,
    bool constructor)
{
	struct kldsim *sim = walk->sim;
	struct kldsim__vnet_sysinit *entry;
	int error;

	entry = kldsim__arena_calloc(&walk->file->arena, 1, sizeof(*entry));
	if (entry == NULL)
		return (kldsim__nomem(sim));
	entry->file = walk->file;
	entry->record = record;
	if (!read_record(sim, record, &entry->call))
		return (kldsim__walk_broken(walk, record,
		    "a struct vnet_sysinit"));
	error = insert(sim, constructor ? &sim->vnets.sysinits :
	    &sim->vnets.sysuninits, entry);
	if (error == 0)
		check_subsystem(walk, entry);
	/* Only constructors are called now; the others wait. */
	if (error == 0 && constructor)
		error = call_in_all(sim, entry, KLDSIM_EVENT_VNET_SYSINIT);
	return (error);
}

static int
deregister_record(const struct kldsim__set_walk *walk, kldsim_addr record,
    bool constructor)
{
	struct kldsim *sim = walk->sim;
	struct kldsim__link *list = constructor ? &sim->vnets.sysinits :
	    &sim->vnets.sysuninits;
	struct kldsim__where where = { .file = walk->file->filename };
	int error = 0;

	KLDSIM__FOREACH(l, list) {
		struct kldsim__vnet_sysinit *entry = VNET_SYSINIT_AT(l);

		if (entry->record != record)
			continue;
		if (!constructor)
			error = call_in_all(sim, entry,
			    KLDSIM_EVENT_VNET_SYSUNINIT);
		if (error == 0 && !kldsim__list_remove(&sim->undo, l))
			error = kldsim__nomem(sim);
		return (error);
	}
	return (kldsim__panic(sim, KLDSIM__F_SYSINIT_ENTRY, &where,
	    "the vnet function at 0x%" PRIx64 " is deregistered, but was not "
	    "registered: the kernel writes through its link (A-36)", record));
}

/*
 * A kernel of D20278 without VIMAGE: the function runs here and now, as that
 * of a SYSINIT does (J-22).
 */
static int
call_record(const struct kldsim__set_walk *walk, kldsim_addr record,
    bool constructor)
{
	struct kldsim_event event = { .kind = constructor ?
	    KLDSIM_EVENT_SYSINIT : KLDSIM_EVENT_SYSUNINIT };
	struct kldsim__sysinit call;
	int error;

	if (!read_record(walk->sim, record, &call))
		return (kldsim__walk_broken(walk, record,
		    "a struct vnet_sysinit"));
	event.func = call.func;
	event.arg = call.udata;
	event.subsystem = call.subsystem;
	event.order = call.order;
	error = kldsim__record(walk->sim, walk->file, &event);
	return (error != 0 ? error : called_blindly(walk->sim, walk->file,
	    call.func));
}

static int
do_nothing(const struct kldsim__set_walk *walk, kldsim_addr record,
    bool constructor)
{
	(void)walk;
	(void)record;
	(void)constructor;
	return (0);
}

/* --- whom SYSINITs call --- */

typedef int vnet_call_t(const struct kldsim__set_walk *walk,
    kldsim_addr record, bool constructor);

/* vnet.c's own, and the shims of D20278 (J-22). */
static const struct vnet_call {
	size_t known; /* offset in struct kldsim__known_symbols */
	bool constructor;
	vnet_call_t *vimage;
	vnet_call_t *plain;
} calls[] = {
#define CALL(name, constructor, vimage, plain) \
	{ offsetof(struct kldsim__known_symbols, name), constructor, vimage, \
	    plain }
	CALL(vnet_register_sysinit, true, register_record, register_record),
	CALL(vnet_register_sysuninit, false, register_record,
	    register_record),
	CALL(vnet_deregister_sysinit, true, deregister_record,
	    deregister_record),
	CALL(vnet_deregister_sysuninit, false, deregister_record,
	    deregister_record),
	CALL(vnet_dynamic_register_sysinit, true, register_record,
	    call_record),
	CALL(vnet_dynamic_register_sysuninit, false, register_record,
	    do_nothing),
	CALL(vnet_dynamic_deregister_sysinit, true, deregister_record,
	    do_nothing),
	CALL(vnet_dynamic_deregister_sysuninit, false, deregister_record,
	    call_record),
#undef CALL
};

static const struct vnet_call *
find_call(const struct kldsim *sim, kldsim_addr func)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && func != 0;
	    i++) {
		kldsim_addr known;

		memcpy(&known, (const char *)&sim->known + calls[i].known,
		    sizeof(known));
		if (func == known)
			return (&calls[i]);
	}
	return (NULL);
}

bool
kldsim__is_vnet_call(const struct kldsim *sim, kldsim_addr func)
{
	return (find_call(sim, func) != NULL);
}

int
kldsim__vnet_call(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry)
{
	const struct vnet_call *call = find_call(walk->sim, entry->func);

	if (call == NULL)
		return (0);
	return ((walk->sim->vnet.present ? call->vimage : call->plain)(walk,
	    entry->udata, call->constructor));
}

int
kldsim__vnet_construct(struct kldsim *sim, unsigned vnet)
{
	int error = 0;

	KLDSIM__FOREACH(l, &sim->vnets.sysinits) {
		error = record_call(sim, VNET_SYSINIT_AT(l),
		    KLDSIM_EVENT_VNET_SYSINIT, vnet);
		if (error != 0)
			break;
	}
	return (error);
}

int
kldsim__vnet_alloc(struct kldsim *sim, struct kldsim_instance *vnet_ret)
{
	uint32_t state = 0;
	int error = 0;

	/* vnet0 is there before anything can be registered. */
	if (sim->vnet.ninstances != 0)
		error = kldsim__vnet_construct(sim, sim->vnet.next_id);
	if (error != 0)
		return (error);
	if (sim->vnet.ninstances != 0 &&
	    !kldsim__list_empty(&sim->vnets.sysinits))
		state = VNET_SYSINIT_AT(
		    sim->vnets.sysinits.prev)->call.subsystem;
	/* Into the list only when its constructors have run. */
	error = kldsim__accessed(sim, kldsim__set_add_instance(&sim->vnet,
	    true, vnet_ret));
	return (error != 0 ? error :
	    kldsim__vnet_struct_alloc(sim, vnet_ret, state));
}

int
kldsim__vnet_destruct(struct kldsim *sim, unsigned vnet)
{
	struct kldsim__link *l;
	int error = 0;

	for (l = sim->vnets.sysuninits.prev;
	    l != &sim->vnets.sysuninits && error == 0; l = l->prev)
		error = record_call(sim, VNET_SYSINIT_AT(l),
		    KLDSIM_EVENT_VNET_SYSUNINIT, vnet);
	return (error);
}

static int
forget_in(struct kldsim *sim, struct kldsim__link *list,
    const struct kldsim__file *file)
{
	struct kldsim__where where = { .file = file->filename };
	struct kldsim__link *next;

	for (struct kldsim__link *l = list->next; l != list; l = next) {
		next = l->next;
		if (VNET_SYSINIT_AT(l)->file != file)
			continue;
		kldsim__find(sim, KLDSIM__F_VNET_SYSINIT_LEFT, &where,
		    "%s goes and leaves a vnet function registered: the next "
		    "vnet that is made or destroyed calls into freed memory",
		    file->filename);
		if (!kldsim__list_remove(&sim->undo, l))
			return (kldsim__nomem(sim));
	}
	return (0);
}

int
kldsim__vnet_forget(struct kldsim *sim, const struct kldsim__file *file)
{
	int error = forget_in(sim, &sim->vnets.sysinits, file);

	return (error != 0 ? error :
	    forget_in(sim, &sim->vnets.sysuninits, file));
}
