/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_TYPES_JSON_H
#define TYPES_TYPES_JSON_H

/* "kldsim.types/1", see docs/kldsim.types.schema.json. */

#include <stdint.h>

#include "report/json.h"
#include "types/select.h"

json_t *types_json(const struct kldsim_types *types, uint64_t cacheline,
    const struct selection *selection);

/* A file without types, or whose types cannot be read. */
json_t *types_json_failure(const char *file, const struct kldsim_error *error);

#endif
