/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_VALUE_H
#define SUPPORT_VALUE_H

/*
 * Kernels of both word sizes and byte orders whose variables have types; what
 * they hold stands beside what it has to come out as.
 */

#include "support_ctf.h"
#include "support_kern.h"

struct value_machine {
	const char *name;
	bool big;
	unsigned word; /* bytes */
};

#define VALUE_MACHINES 4
extern const struct value_machine value_machines[VALUE_MACHINES];

/* A number in a machine's byte order. */
void value_put(uint8_t *bytes, const struct value_machine *machine,
    unsigned size, uint64_t value);

/*
 * struct foo { int a; char n[4]; struct foo *p; unsigned f1:3, f2:5; enum mode
 * m; int many[12]; }, the members at 0, 4, 8, 16, 20 and 24 on every machine:
 * -5, "ab", NULL, 5, 9, BROKEN (-1), and 1 with eleven zeros.
 */
#define VALUE_FOO 72
void value_foo(uint8_t bytes[VALUE_FOO], const struct value_machine *machine);

struct value_types {
	int integer, foo, pointer;
};

struct value_types value_types(struct kldsim_synth *synth);

/*
 * Boot one with a foo, "one", and a foo in each of three vnets, "each"; a DPCPU
 * variable and bytes without a type, "plain" and "odd"; an int whose symbol has
 * 8 bytes, "wide"; a function, "call".
 */
void value_kernel(struct kern *kern, const struct value_machine *machine,
    uint32_t osreldate);

#endif
