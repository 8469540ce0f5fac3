/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_CALL_H
#define LINK_CALL_H

/*
 * A public call as a transaction: the kernel's answer is committed, a host
 * failure leaves no trace, a panic leaves only its finding and a dead kernel
 * (docs/DESIGN.md).
 */

#include "link/link.h"

struct kldsim__call {
	size_t undo;
	struct kldsim__report_mark report;
};

enum kldsim_status kldsim__call_begin(struct kldsim *sim,
    struct kldsim__call *call, struct kldsim_error *error_ret);
/* The same for a call that has a result, which says nothing yet. */
enum kldsim_status kldsim__call_begin_with_result(struct kldsim *sim,
    struct kldsim__call *call, struct kldsim_result *result,
    struct kldsim_error *error_ret);
/* End a call that the host could not do: put everything back. */
enum kldsim_status kldsim__call_failed(struct kldsim *sim,
    const struct kldsim__call *call, struct kldsim_error *error_ret);
/* End a call by its outcome: keep what it did, or take it back. */
enum kldsim_status kldsim__call_end(struct kldsim *sim,
    const struct kldsim__call *call, int error, struct kldsim_result *result,
    struct kldsim_error *error_ret);

#endif
