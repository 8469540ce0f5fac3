/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_TYPES_H
#define DDB_TYPES_H

/* Commands that show values by their types: pprint.c as the kernel, value.c. */

#include "ddb/ddb.h"

void kldsim__ddb_pprint(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_value(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);

#endif
