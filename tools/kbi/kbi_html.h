/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_HTML_H
#define KBI_KBI_HTML_H

/* The page that --html asks for. */

#include "html/page.h"
#include "kbi/kbi_run.h"

#define KBI_VERDICTS 4

struct kbi_page {
	struct page page;
	size_t totals[KBI_VERDICTS]; /* by enum kldsim_kbi_verdict */
};

void kbi_page_begin(struct kbi_page *page);
/* One module, which the linker has found at a path. */
void kbi_page_module(struct kbi_page *page, const struct kbi_run *run,
    const struct kbi_module *module, const char *path);
/* An exit status. */
int kbi_page_write(struct kbi_page *page, const struct kbi_run *run);
void kbi_page_end(struct kbi_page *page);

#endif
