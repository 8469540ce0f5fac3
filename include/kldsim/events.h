/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_EVENTS_H
#define KLDSIM_EVENTS_H

/*
 * What the kernel would have called, in the order in which it would have
 * called it.  Nothing of the target runs here; the calls are recorded, and a
 * test can say what a module's handler would have answered.
 *
 * Thread: one thread at a time uses a simulated kernel.
 * Ownership: names that are handed in are copied.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

enum kldsim_event_kind {
	KLDSIM_EVENT_SYSINIT = 0,     /* of the file's sysinit_set (M-31) */
	KLDSIM_EVENT_SYSUNINIT = 1,   /* of its sysuninit_set (M-32) */
	KLDSIM_EVENT_MOD_LOAD = 2,    /* a module's handler (M-22) */
	KLDSIM_EVENT_MOD_UNLOAD = 3,
	KLDSIM_EVENT_MOD_QUIESCE = 4,
	KLDSIM_EVENT_VNET_SYSINIT = 5, /* in one vnet */
	KLDSIM_EVENT_VNET_SYSUNINIT = 6,
	KLDSIM_EVENT_KLD_LOAD = 7,       /* event handlers of a file (L-14) */
	KLDSIM_EVENT_KLD_UNLOAD_TRY = 8,
	KLDSIM_EVENT_KLD_UNLOAD = 9
};

/* One call that was not made. */
struct kldsim_event {
	enum kldsim_event_kind kind;
	const char *file;    /* base name of the file it belongs to */
	const char *symbol;  /* name of the function, NULL if none is there */
	const char *module;  /* MOD_ events: the module's name, else NULL */
	kldsim_addr func;    /* the function, for MOD_ events the handler */
	kldsim_addr arg;     /* what it is given; KLD_ events: the address */
	uint32_t subsystem;  /* SI_SUB_; 0 for MOD_ events */
	uint32_t order;      /* SI_ORDER_ */
	unsigned vnet;       /* VNET_ events: which vnet */
	int error;           /* MOD_ events: what the handler answered */
};

/* Module events, numbered as modeventtype_t; nothing here shuts down. */
enum kldsim_modevent {
	KLDSIM_MOD_LOAD = 0,
	KLDSIM_MOD_UNLOAD = 1,
	KLDSIM_MOD_SHUTDOWN = 2,
	KLDSIM_MOD_QUIESCE = 3
};

/**
 * How many events have been recorded since boot.
 *
 * Kernel: M-21, M-31, M-32, A-36, L-14.
 */
KLDSIM_API size_t kldsim_event_count(const struct kldsim *sim);

/**
 * One event.
 *
 * Units: index counts from 0, in calling order.
 * Ownership: borrowed, and lasts as long as the simulated kernel.
 * Errors: NULL for an index out of range.
 * Kernel: as kldsim_event_count().
 */
KLDSIM_API const struct kldsim_event *kldsim_event_at(struct kldsim *sim,
    size_t index);

/**
 * The name of an event kind: "SYSINIT", "MOD_LOAD", ...; of an unknown one,
 * "?".
 */
KLDSIM_API const char *kldsim_event_name(enum kldsim_event_kind kind);

/**
 * Say what a module's handler answers to an event from now on: a FreeBSD
 * errno, or 0 for success, which is the default.  To KLDSIM_MOD_LOAD it can be
 * negative.
 *
 * Errors: KLDSIM_NOMEM; KLDSIM_ARG for a negative errno to another event,
 * which the kernel gives to the system call layer to act upon.
 * Kernel: what the kernel does with the answer is M-21, U-10 and K-23.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_module_answer(
    struct kldsim *sim, const char *module, enum kldsim_modevent event,
    int error);

/**
 * Say that a module's handler raises kern.securelevel when it is told of an
 * event; a handler is one of the few things that can do so amid a load.  A
 * securelevel that is not higher than the one in force does nothing.
 *
 * Errors: KLDSIM_NOMEM.
 * Kernel: L-15: from then on nothing is loaded or unloaded, not even what a
 * failed load leaves behind.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_module_raises(
    struct kldsim *sim, const char *module, enum kldsim_modevent event,
    int securelevel);

/**
 * Say what mac_kld_check_load() answers to any file from now on, as a policy
 * of the MAC framework would: a FreeBSD errno, or 0 for success, which is the
 * default.
 *
 * Errors: KLDSIM_NOMEM; KLDSIM_ARG for a negative errno.
 * Kernel: K-47: each linker class asks, and has it for its own error.
 * mac_kld_check_stat(), which guards what only looks, always answers 0 here:
 * kldsim_kldfind() and its like have no errno to give.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_mac_answer(
    struct kldsim *sim, int error);

#ifdef __cplusplus
}
#endif

#endif
