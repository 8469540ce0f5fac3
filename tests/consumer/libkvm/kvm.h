/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIBKVM_KVM_H
#define LIBKVM_KVM_H

/*
 * FreeBSD's <kvm.h> over libkldsim (kvm.c), for a program that wants libkvm:
 * what it does with names and with the variables of vnets and CPUs can be tried
 * on any host.  A kernel file takes the place of the booted one, a scenario that
 * of /dev/mem:
 *
 *	kvm_openfiles("boot/kernel/kernel", "foo.kld", NULL, O_RDONLY, errbuf)
 *
 * A line of a scenario is "kldload FILE" or "vnet create".  The handle is alive,
 * the process is in vnet0.  There are no processes, and nothing has run, so
 * counters are 0.
 */

#include <sys/types.h>

#include <nlist.h>

#define _POSIX2_LINE_MAX 2048

typedef struct kvm kvm_t;

kvm_t *kvm_openfiles(const char *execfile, const char *corefile,
    const char *swapfile, int flags, char *errbuf);
kvm_t *kvm_open(const char *execfile, const char *corefile,
    const char *swapfile, int flags, const char *errstr);
int kvm_close(kvm_t *kd);
int kvm_nlist(kvm_t *kd, struct nlist *list);
ssize_t kvm_read(kvm_t *kd, unsigned long address, void *buffer, size_t size);
ssize_t kvm_write(kvm_t *kd, unsigned long address, const void *buffer,
    size_t size);
char *kvm_geterr(kvm_t *kd);
int kvm_dpcpu_setcpu(kvm_t *kd, unsigned cpu);
int kvm_native(kvm_t *kd);
struct kinfo_proc;
struct kinfo_proc *kvm_getprocs(kvm_t *kd, int op, int arg, int *count);

#endif
