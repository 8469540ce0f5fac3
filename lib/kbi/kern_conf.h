/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KERN_CONF_H
#define KBI_KERN_CONF_H

/*
 * The text of a kernel's configuration, which config(8) puts into section
 * kern_conf (G-01): what config -x prints.  Pure functions of bytes.
 */

#include <stdbool.h>
#include <stddef.h>

/* GENERIC's has 4 KB; what is longer than this is no configuration. */
#define KLDSIM__KERN_CONF_MOST (1u << 20)

struct kldsim__kern_conf {
	const char *at;
	const char *end;
};

/* A part of the text; it has no NUL. */
struct kldsim__conf_word {
	const char *text;
	size_t size;
};

/* "options NAME=VALUE"; what a line lacks has size 0. */
struct kldsim__conf_line {
	struct kldsim__conf_word keyword;
	struct kldsim__conf_word name;
	struct kldsim__conf_word value;
	bool more; /* it goes on: more than one name */
};

/* False: this is no text.  One without its NUL ends with its last whole line. */
bool kldsim__kern_conf_begin(struct kldsim__kern_conf *conf,
    const void *bytes, size_t size);
/* The next line that says something, comments left out; false: the end. */
bool kldsim__kern_conf_next(struct kldsim__kern_conf *conf,
    struct kldsim__conf_line *line_ret);
/*
 * Whether an option that it does not name is off: it has its end, names each option
 * in a line of its own, takes none back, and what config -C keeps says nothing
 * elsewhere.
 */
bool kldsim__kern_conf_is_whole(const void *bytes, size_t size);
bool kldsim__conf_word_is(const struct kldsim__conf_word *word,
    const char *text);

#endif
