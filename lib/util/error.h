/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

/* Why a public call failed (kldsim/status.h). */

#include <kldsim/status.h>

#include "util/format.h"

/* Set why, if somebody wants to know; gives the status. */
enum kldsim_status kldsim__error_set(struct kldsim_error *error,
    enum kldsim_status status, const char *format, ...) KLDSIM__PRINTF(3, 4);

#endif
