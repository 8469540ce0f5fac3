/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SNAPSHOT_H
#define KLDSIM_SNAPSHOT_H

/*
 * Points in the life of a simulated kernel to which it can be put back: boot
 * once, then restore before each test or each input of a fuzzer.
 *
 * A snapshot costs nothing when it is taken.  Restoring costs what was touched
 * since, whatever the size of the kernel; until the snapshot is dropped, the
 * old state of what is touched is kept, files that were unloaded included.
 *
 * Snapshots nest: restoring one drops those that were taken after it.
 *
 * Thread: one thread at a time uses a simulated kernel.
 * Ownership: snapshots are the kernel's, and go with it.
 */

#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

/**
 * Take a snapshot of a simulated kernel, a dead one too.  The answer is an id
 * that no other snapshot of this kernel ever has.
 *
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_snapshot(struct kldsim *sim,
    uint64_t *snapshot_ret, struct kldsim_error *error_ret);

/**
 * Put a simulated kernel back to what it was when a snapshot was taken:
 * memory, files, modules, ids, CPUs, vnets, events, console, findings, the
 * answers of kldsim_module_answer(), and whether it is dead.  The snapshot
 * stays, and can be restored again.
 *
 * Ownership: what was borrowed since the snapshot is gone.
 * Errors: KLDSIM_NOENT for an id that is not, or not any more, a snapshot's;
 * restoring needs no memory.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_restore(struct kldsim *sim,
    uint64_t snapshot);

/**
 * Forget a snapshot: what was kept for it alone is freed.  The simulated
 * kernel stays as it is now; so do other snapshots, older and newer ones.
 *
 * Errors: KLDSIM_NOENT for an id that is not, or not any more, a snapshot's.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_snapshot_drop(
    struct kldsim *sim, uint64_t snapshot);

#ifdef __cplusplus
}
#endif

#endif
