/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_KVM_H
#define KLDSIM_KVM_H

/*
 * What kvm_nlist(3) would answer on the machine that the simulated kernel runs
 * on, or of its core: names looked up by kldsym(2), VNET and DPCPU variables moved to one vnet
 * and one CPU.  kldsim_read() is kvm_read(3).
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

#define KLDSIM_KVM_NO_VNET (-1)

/* Who asks. */
struct kldsim_kvm_view {
	unsigned cpu;      /* of kvm_dpcpu_setcpu(3); 0 is where libkvm begins */
	/*
	 * The number of the vnet that the asking process is in, counted from
	 * boot; KLDSIM_KVM_NO_VNET for one whose vnet libkvm cannot find, which
	 * leaves the VNET variables out.
	 */
	int vnet;
	bool keep_underscore; /* names are asked as they stand (B-01) */
	/*
	 * A core of the kernel is asked, with the kernel's file beside it and
	 * nobody to resolve symbols: names of modules are not found, and each is
	 * asked for with its '_' and without.
	 */
	bool dead;
};

/* How a name was found. */
enum kldsim_kvm_how {
	KLDSIM_KVM_MISSING = 0,
	KLDSIM_KVM_PLAIN = 1,
	KLDSIM_KVM_VNET = 2,  /* vnet_entry_NAME */
	KLDSIM_KVM_DPCPU = 3  /* pcpu_entry_NAME */
};

/* What libkvm calls whatever it finds in a kernel that runs. */
#define KLDSIM_KVM_N_TEXT 4

struct kldsim_kvm_entry {
	const char *name;
	/* n_type: what is not 0 when it is asked is passed over, and missing.
	   Of a core it is nlist(3)'s, by section and binding. */
	unsigned char type;
	kldsim_addr value;
	enum kldsim_kvm_how how;
	bool translated;   /* value is of the view's vnet or CPU */
	/*
	 * Why value is not where the kernel has the variable, although libkvm
	 * says nothing; NULL: it is, or there is none.
	 */
	const char *note;
};

/**
 * Look up a list of names: plain, then as VNET, then as DPCPU variables, each
 * time those that are not found yet.  A name with one leading '_' is asked for
 * without.
 *
 * Units: count counts entries, *missing_ret those that are not found, or what
 * nlist(3) takes for that, which is what kvm_nlist(3) returns.
 * Ownership: notes are constants.
 * Errors: KLDSIM_ARG for a CPU or vnet that does not exist, with the text of
 * libkvm for a CPU, and entries are then as they were; KLDSIM_NOMEM.
 * Kernel: B-01 to B-06, Q-08, Q-11, Q-12, K-46, of a core; names
 * over 1023 bytes are passed over.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kvm_nlist(
    struct kldsim *sim, const struct kldsim_kvm_view *view,
    struct kldsim_kvm_entry *entries, size_t count, size_t *missing_ret,
    struct kldsim_error *error_ret);

#ifdef __cplusplus
}
#endif

#endif
