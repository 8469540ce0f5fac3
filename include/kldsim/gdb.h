/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_GDB_H
#define KLDSIM_GDB_H

/*
 * gdb's remote serial protocol, for a debugger that looks into a simulated
 * kernel: one connection.  How its bytes travel is the caller's matter; here
 * bytes go in, and others come out.
 *
 * Packets read.  Only the monitor commands kldload and kldunload change the
 * kernel, each as the call of that name does; nothing else leaves a trace.
 *
 * Thread: one thread at a time uses a simulated kernel, its connections too.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;
struct kldsim_gdb;

/* What the debugger wants next. */
enum kldsim_gdb_state {
	KLDSIM_GDB_TALKS = 0,    /* to go on */
	KLDSIM_GDB_DETACHED = 1, /* to leave: its last answer may be unsent */
	KLDSIM_GDB_KILLED = 2    /* this kernel to be gone; likewise */
};

/**
 * Begin a connection.  `folder` is where relative names of the host begin, as
 * the debugger is told them; NULL: they stay relative.
 *
 * Ownership: the caller gives it to kldsim_gdb_free(), before the kernel goes.
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_gdb_new(struct kldsim *sim,
    const char *folder, struct kldsim_gdb **gdb_ret);

/** End a connection.  NULL is fine. */
KLDSIM_API void kldsim_gdb_free(struct kldsim_gdb *gdb);

/**
 * Answer one packet: what is between '$' and '#', and likewise the answer.
 * Empty, it says that there is no such packet.
 *
 * Units: sizes count bytes.
 * Ownership: the answer lasts until the connection is used again.
 * Errors: KLDSIM_NOMEM; the connection can go on.
 * Kernel: E-50 to E-53 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_gdb_packet(
    struct kldsim_gdb *gdb, const char *packet, size_t size,
    const char **answer_ret, size_t *answer_size_ret);

/**
 * Take what the debugger has sent, and answer the packets in it.  Not all is
 * taken while there are answers that nobody has fetched, or while a packet is
 * longer than any that makes sense; call again, with 0 bytes if there are no
 * more, after each kldsim_gdb_sent().
 *
 * Units: sizes count bytes.
 * Errors: KLDSIM_NOMEM, which is the end of the connection.
 * Kernel: E-51 of docs/inspect-semantics.md.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_gdb_input(
    struct kldsim_gdb *gdb, const void *bytes, size_t size,
    size_t *taken_ret);

/**
 * What is to be sent to the debugger.
 *
 * Units: *size_ret counts bytes, 0: nothing.
 * Ownership: the bytes last until the connection is used again.
 */
KLDSIM_API const void *kldsim_gdb_output(const struct kldsim_gdb *gdb,
    size_t *size_ret);

/**
 * So much of the output has been sent.
 *
 * Units: size counts bytes, and is at most what there was.
 */
KLDSIM_API void kldsim_gdb_sent(struct kldsim_gdb *gdb, size_t size);

/** What the debugger wants next. */
KLDSIM_API enum kldsim_gdb_state kldsim_gdb_wants(
    const struct kldsim_gdb *gdb);

#ifdef __cplusplus
}
#endif

#endif
