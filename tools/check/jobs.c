/* SPDX-License-Identifier: BSD-2-Clause */

/* How many threads there are by default. */

/* FreeBSD shows the number of CPUs to those who ask for no standard. */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include "check/check_run.h"

#include <unistd.h>

#define JOBS 2 /* of a host that does not tell */

unsigned
check_jobs(void)
{
#ifdef _SC_NPROCESSORS_ONLN
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus > 0)
		return ((unsigned)cpus);
#endif
	return (JOBS);
}
