/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_VNETS_H
#define KERN_VNETS_H

/* What vnets are made of besides their variables (sys/net/vnet.c). */

#include "kern/sim.h"

/* A registered VNET_SYSINIT or VNET_SYSUNINIT. */
struct kldsim__vnet_sysinit {
	struct kldsim__link link;
	struct kldsim__file *file;
	kldsim_addr record; /* struct vnet_sysinit of the target */
	struct kldsim__sysinit call;
};

#endif
