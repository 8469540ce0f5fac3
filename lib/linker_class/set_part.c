/* SPDX-License-Identifier: BSD-2-Clause */

/* Parts of modspace that files have; see set_part.h. */

#include "linker_class/set_part.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

int
kldsim__part_alloc(struct kldsim *sim, const struct kldsim__file *file,
    enum kldsim_set which, int size, kldsim_addr *start_ret)
{
	struct kldsim__set *set = kldsim__part_set(sim, which);

	*start_ret = 0;
	if (!set->has_modspace)
		return (kldsim__fail(sim, KLDSIM_STATE, "%s needs %s module "
		    "space, but the kernel has no symbol that says where it "
		    "is; give --%s-modspace", file->filename,
		    kldsim__part_name(which),
		    which == KLDSIM_SET_DPCPU ? "dpcpu" : "vnet"));
	if (kldsim__modspace_alloc(&set->free, size, start_ret) ==
	    KLDSIM__MODSPACE_NOMEM)
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__part_free(struct kldsim *sim, enum kldsim_set which,
    const struct kldsim__where *where, kldsim_addr start, int size)
{
	struct kldsim__set *set = kldsim__part_set(sim, which);

	switch (kldsim__modspace_free(&set->free, start, size)) {
	case KLDSIM__MODSPACE_NOMEM:
		return (kldsim__nomem(sim));
	case KLDSIM__MODSPACE_PANIC:
		return (kldsim__panic(sim, KLDSIM__F_MODSPACE_FREE, where,
		    "kernel panic: NULL dereference in %s: the freed 0x%jx "
		    "bytes at 0x%jx follow the last free extent",
		    which == KLDSIM_SET_DPCPU ? "dpcpu_free" :
		    "vnet_data_free", (uintmax_t)size, (uintmax_t)start));
	case KLDSIM__MODSPACE_OK:
	case KLDSIM__MODSPACE_FULL:
		break;
	}
	return (0);
}
