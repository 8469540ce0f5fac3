/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_JSON_H
#define KBI_KBI_JSON_H

/* What was found, as JSON: docs/kldsim.kbi.schema.json (I-53). */

#include "kbi/kbi_run.h"
#include "report/json.h"

/* The document with no modules yet; of a failure, with the reason. */
json_t *kbi_json(const struct kbi_run *run);
void kbi_json_module(json_t *document, const struct kbi_module *module);

#endif
