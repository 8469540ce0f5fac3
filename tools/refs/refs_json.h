/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REFS_JSON_H
#define REFS_JSON_H

#include "refs/files.h"
#include "report/json.h"

/* The report for programs; docs/kldsim.refs.schema.json describes it. */
json_t *refs_json(const struct refs_files *files);

#endif
