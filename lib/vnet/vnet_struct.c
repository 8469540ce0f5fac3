/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * struct vnet of sys/net/vnet.h in simulated memory, in the list that begins
 * at vnet_head, as vnet_alloc() and vnet_destroy() of sys/net/vnet.c keep it
 * (A-32 to A-34).
 *
 * FIDELITY: interfaces and sockets are counted by others, so those two members
 * stay 0.
 */

#include "kern/bad_news.h"
#include "vnet/vnet.h"

/* A vnet's structure, newest first as in the kernel's own list. */
struct vnet {
	struct kldsim__link link;
	unsigned id;
	kldsim_addr address;
};

#define VNET(l) KLDSIM__ENTRY(l, struct vnet, link)

#define CACHE_LINE 64u /* of a structure that is aligned to it (13) */

static int
store(struct kldsim *sim, kldsim_addr address, unsigned width, uint64_t value)
{
	uint8_t bytes[8];

	kldsim__store(bytes, width, kldsim__arch_big(sim->arch), value);
	return (kldsim__accessed(sim, kldsim__aspace_write(&sim->space,
	    address, bytes, width)));
}

static int
store_pointer(struct kldsim *sim, kldsim_addr address, kldsim_addr value)
{
	return (store(sim, address, kldsim__arch_ptrsz(sim->arch), value));
}

/* A variable of the kernel, if it has it. */
static int
store_variable(struct kldsim *sim, kldsim_addr address, kldsim_addr value)
{
	if (address == 0 || !kldsim__aspace_mapped(&sim->space, address,
	    kldsim__arch_ptrsz(sim->arch)))
		return (0);
	return (store_pointer(sim, address, value));
}

/* Its own memory; whatever has been there before, it is zero (M_ZERO). */
static int
map_struct(struct kldsim *sim, kldsim_addr *address_ret)
{
	const unsigned p = kldsim__arch_ptrsz(sim->arch);
	/* Since 13 there is a bool at the end, and alignment. */
	kldsim_size size = sim->facts.vnet_has_shutdown ?
	    kldsim__roundup2(KLDSIM__VNET_END(p) + 1, CACHE_LINE) : KLDSIM__VNET_END(p);

	if (!kldsim__aspace_first_fit(&sim->space, sim->vnet.heap,
	    sim->vnet.heap_end, size, CACHE_LINE, address_ret))
		return (kldsim__accessed(sim, KLDSIM__ACCESS_FAULT));
	return (kldsim__aspace_map(&sim->space, *address_ret, size, NULL,
	    0) != NULL ? 0 : kldsim__nomem(sim));
}

static int
fill_struct(struct kldsim *sim, kldsim_addr address,
    const struct kldsim_instance *data, uint32_t state)
{
	const unsigned p = kldsim__arch_ptrsz(sim->arch);
	int error = store(sim, address + KLDSIM__VNET_MAGIC(p), 4,
	    (uint32_t)sim->facts.vnet_magic);

	if (error == 0)
		error = store(sim, address + KLDSIM__VNET_STATE(p), 4, state);
	if (error == 0)
		error = store_pointer(sim, address + KLDSIM__VNET_DATA_MEM(p), data->area);
	if (error == 0)
		error = store_pointer(sim, address + KLDSIM__VNET_DATA_BASE(p), data->base);
	return (error);
}

/* LIST_INSERT_HEAD() of what is the newest in our own list. */
static int
insert_head(struct kldsim *sim, const struct vnet *vnet)
{
	const unsigned p = kldsim__arch_ptrsz(sim->arch);
	const struct vnet *old = vnet->link.next != &sim->vnets.all ?
	    VNET(vnet->link.next) : NULL;
	int error = 0;

	if (old != NULL) {
		error = store_pointer(sim, vnet->address, old->address);
		if (error == 0)
			error = store_pointer(sim, old->address + KLDSIM__VNET_LE_PREV(p),
			    vnet->address);
	}
	if (error == 0)
		error = store_pointer(sim, vnet->address + KLDSIM__VNET_LE_PREV(p),
		    sim->known.vnet_head);
	if (error == 0)
		error = store_variable(sim, sim->known.vnet_head,
		    vnet->address);
	return (error);
}

int
kldsim__vnet_struct_alloc(struct kldsim *sim,
    const struct kldsim_instance *data, uint32_t state)
{
	struct vnet *vnet = kldsim__arena_calloc(&sim->arena, 1,
	    sizeof(*vnet));
	int error;

	if (vnet == NULL)
		return (kldsim__nomem(sim));
	vnet->id = data->id;
	error = map_struct(sim, &vnet->address);
	if (error == 0)
		error = fill_struct(sim, vnet->address, data, state);
	if (error == 0 && !kldsim__list_insert_after(&sim->undo, &sim->vnets.all,
	    &vnet->link))
		error = kldsim__nomem(sim);
	if (error == 0)
		error = insert_head(sim, vnet);
	if (error == 0 && vnet->id == 0)
		error = store_variable(sim, sim->known.vnet0, vnet->address);
	return (error);
}

static struct vnet *
find(const struct kldsim *sim, unsigned id)
{
	KLDSIM__FOREACH(l, &sim->vnets.all)
		if (VNET(l)->id == id)
			return (VNET(l));
	return (NULL);
}

/* LIST_REMOVE(), and free(9), of a vnet that is there. */
int
kldsim__vnet_struct_free(struct kldsim *sim, unsigned id)
{
	const unsigned p = kldsim__arch_ptrsz(sim->arch);
	struct vnet *vnet = find(sim, id);
	const struct kldsim__link *next = vnet->link.next;
	const struct kldsim__link *prev = vnet->link.prev;
	kldsim_addr from, to;
	int error = 0;

	from = prev != &sim->vnets.all ? VNET(prev)->address :
	    sim->known.vnet_head;
	to = next != &sim->vnets.all ? VNET(next)->address : 0;
	if (to != 0)
		error = store_pointer(sim, to + KLDSIM__VNET_LE_PREV(p), from);
	if (error == 0)
		error = store_variable(sim, from, to);
	if (error != 0)
		return (error);
	return (kldsim__list_remove(&sim->undo, &vnet->link) &&
	    kldsim__aspace_unmap(&sim->space, vnet->address) ? 0 :
	    kldsim__nomem(sim));
}

enum kldsim_status
kldsim_vnet_address(const struct kldsim *sim, unsigned vnet,
    kldsim_addr *address_ret)
{
	const struct vnet *found = find(sim, vnet);

	if (found == NULL)
		return (KLDSIM_NOENT);
	*address_ret = found->address;
	return (KLDSIM_OK);
}
