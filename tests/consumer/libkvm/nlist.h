/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIBKVM_NLIST_H
#define LIBKVM_NLIST_H

/* FreeBSD's <nlist.h>, as far as consumers of libkvm use it. */

struct nlist {
	const char *n_name;
	unsigned char n_type;
	char n_other;
	short n_desc;
	unsigned long n_value;
};

#endif
