/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_AGAINST_H
#define KBI_KBI_AGAINST_H

/*
 * The upgrade advisor in words (I-80, I-82): totals first, then a line for each
 * module, the worst first, then what differs, once for all modules.
 */

#include "kbi/kbi_run.h"

struct kbi_advice;

struct kbi_advice *kbi_advice_new(void);
void kbi_advice_free(struct kbi_advice *advice);
void kbi_advice_take(struct kbi_advice *advice, const struct kbi_run *run,
    const struct kbi_module *module);
void kbi_advice_print(struct kbi_advice *advice, const struct kbi_run *run);

#endif
