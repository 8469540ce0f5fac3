/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KBI_SEVERITIES_H
#define KBI_KBI_SEVERITIES_H

/*
 * A file of differences that are known (I-95): lines "GLOB PASS|FAIL|NOTE
 * [REASON]".  The first that matches counts.
 */

#include <stdbool.h>

enum kbi_severity {
	KBI_DEFAULT, /* no line matches */
	KBI_PASS,    /* not told of */
	KBI_NOTE,    /* told, and does not count */
	KBI_FAIL     /* counts */
};

struct kbi_severities;

/* NULL after a message. */
struct kbi_severities *kbi_severities_read(const char *path);
void kbi_severities_free(struct kbi_severities *severities);
/* Of something that goes by any of these names; NULL ends them. */
enum kbi_severity kbi_severity_of(const struct kbi_severities *severities,
    const char *const *names);

#endif
