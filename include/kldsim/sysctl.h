/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYSCTL_H
#define KLDSIM_SYSCTL_H

/*
 * What sysctl(8) can ask and change of a simulated kernel that matters to its
 * linker.  A value that the kernel does not take is its answer: the call
 * succeeds and the result holds the FreeBSD errno.
 *
 * Thread: one thread at a time uses a simulated kernel.
 */

#include <kldsim/kld.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write kern.module_path.
 *
 * Units: length counts bytes; sysctl(8) writes strlen(value) of them,
 * kldconfig(8) the NUL as well.
 * Ownership: the value is copied.
 * Errors: KLDSIM_STATE for a dead kernel, KLDSIM_NOMEM.
 * Kernel: K-12: EINVAL from 1024 bytes on.  What the buffer held behind the
 * new value stays there, and the search for file names can get there (Z-65).
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_module_path(
    struct kldsim *sim, const char *value, size_t length,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret);

/**
 * kern.module_path as sysctl(8) shows it: folders of the host, separated by
 * semicolons.
 *
 * Ownership: borrowed until the path is written.
 * Kernel: K-12.
 */
KLDSIM_API const char *kldsim_module_path(const struct kldsim *sim);

/**
 * Write kern.securelevel, on the host (prison0).  A kernel boots at -1, which
 * init(8) makes 0 or more.
 *
 * Errors: KLDSIM_STATE for a dead kernel, KLDSIM_NOMEM.
 * Kernel: L-15: above 0 nothing is loaded or unloaded (K-02, U-01).  It never
 * goes down: EPERM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_set_securelevel(
    struct kldsim *sim, int level, struct kldsim_result *result_ret,
    struct kldsim_error *error_ret);

/**
 * kern.securelevel.
 *
 * Kernel: L-15.
 */
KLDSIM_API int kldsim_securelevel(const struct kldsim *sim);

/**
 * kern.base_address and kern.relbase_address, which are the same here: no
 * kernel moves itself.
 *
 * Units: both answers are target addresses.
 * Errors: KLDSIM_NOENT if the release has no such sysctls.
 * Kernel: L-21.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_base_address(
    const struct kldsim *sim, kldsim_addr *base_ret,
    kldsim_addr *relbase_ret);

/**
 * Read kern.function_list: the names of all functions of all files, each with
 * a NUL, and one more NUL at the end.  A buffer that is too small gets the
 * first bytes, for which sysctl(3) would say ENOMEM; it may be NULL if size is
 * 0.
 *
 * Units: size counts bytes; the answer is how many there are.
 * Kernel: K-48, O-66; files in list order, those that are not linked too.
 */
KLDSIM_API size_t kldsim_function_list(const struct kldsim *sim,
    void *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
