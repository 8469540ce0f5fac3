/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_VNETS_H
#define KERN_VNETS_H

/* What vnets are made of besides their variables (sys/net/vnet.c). */

#include "kern/sim.h"

/* Where the members of struct vnet are, with pointers of p bytes. */
#define KLDSIM__VNET_LE_PREV(p) (p)
#define KLDSIM__VNET_MAGIC(p) (2 * (p))
#define KLDSIM__VNET_IFCNT(p) (2 * (p) + 4)
#define KLDSIM__VNET_SOCKCNT(p) (2 * (p) + 8)
#define KLDSIM__VNET_STATE(p) (2 * (p) + 12)
#define KLDSIM__VNET_DATA_MEM(p) (2 * (p) + 16)
#define KLDSIM__VNET_DATA_BASE(p) (3 * (p) + 16)
#define KLDSIM__VNET_END(p) (4 * (p) + 16) /* since 13 a bool is here */

/* A registered VNET_SYSINIT or VNET_SYSUNINIT. */
struct kldsim__vnet_sysinit {
	struct kldsim__link link;
	struct kldsim__file *file;
	kldsim_addr record; /* struct vnet_sysinit of the target */
	struct kldsim__sysinit call;
};

#endif
