/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_PCPU_H
#define KERN_PCPU_H

/* Areas of CPUs (sys/kern/subr_pcpu.c). */

#include "kern/sim.h"

#define KLDSIM__MAX_CPUS 1024u

/* dpcpu_init() of one more CPU. */
int kldsim__add_cpu(struct kldsim *sim, struct kldsim_instance *cpu_ret);

#endif
