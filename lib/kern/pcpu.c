/* SPDX-License-Identifier: BSD-2-Clause */

/* dpcpu_init() of sys/kern/subr_pcpu.c. */

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/pcpu.h"

/* dpcpu_off[cpu], as dpcpu_init() stores it. */
static int
store_dpcpu_off(struct kldsim *sim, kldsim_addr array, kldsim_size size,
    const struct kldsim_instance *cpu)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	uint8_t bytes[8];

	if (array == 0 || (uint64_t)(cpu->id + 1) * ptrsz > size ||
	    !kldsim__aspace_mapped(&sim->space, array + cpu->id * ptrsz,
	    ptrsz))
		return (0);
	kldsim__store(bytes, ptrsz, kldsim__arch_big(sim->arch), cpu->base);
	return (kldsim__accessed(sim, kldsim__aspace_write(&sim->space,
	    array + cpu->id * ptrsz, bytes, ptrsz)));
}

int
kldsim__add_cpu(struct kldsim *sim, struct kldsim_instance *cpu_ret)
{
	kldsim_addr array;
	kldsim_size size;
	int error;

	if (!sim->dpcpu.present)
		return (kldsim__fail(sim, KLDSIM_STATE,
		    "this kernel has no set_pcpu"));
	if (sim->dpcpu.ninstances >= KLDSIM__MAX_CPUS)
		return (kldsim__fail(sim, KLDSIM_LIMIT,
		    "%u CPUs are all that are possible", KLDSIM__MAX_CPUS));
	error = kldsim__kernel_symbol(sim, "dpcpu_off", &array, &size);
	if (error == 0)
		error = kldsim__accessed(sim, kldsim__set_add_instance(
		    &sim->dpcpu, false, cpu_ret));
	if (error == 0)
		error = store_dpcpu_off(sim, array, size, cpu_ret);
	return (error);
}
