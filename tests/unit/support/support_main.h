/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_MAIN_H
#define SUPPORT_MAIN_H

/* What a test was given besides its name, for a main() that takes none. */
extern struct support_arguments {
	int count;
	char **words;
} support_arguments;

#endif
