/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAKE_CAPSICUM_HELPERS_H
#define FAKE_CAPSICUM_HELPERS_H

/* What tools/sandbox asks of FreeBSD's header; see capsicum_helpers(3). */

int caph_limit_stdio(void);
void caph_cache_catpages(void);

#endif
