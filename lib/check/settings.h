/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECK_SETTINGS_H
#define CHECK_SETTINGS_H

/*
 * Names and values of configuration files, as loader.conf and rc.conf have them.
 * Files come from whoever has installed the system: lengths and numbers are
 * bounded, and what a program would have to run is only told of.
 */

#include <kldsim/source.h>

#include "util/arena.h"
#include "util/format.h"
#include "util/strmap.h"

#define KLDSIM__SETTINGS_FILE (1u << 20) /* bytes of one file */
#define KLDSIM__SETTINGS_FILES 256u
#define KLDSIM__SETTINGS_MOST 8192u      /* names */
#define KLDSIM__SETTINGS_VALUE 4096u     /* bytes of a value, with its NUL */
#define KLDSIM__SETTINGS_REMARKS 100u

struct kldsim__setting {
	const char *name;
	const char *value;
	const char *where; /* "/boot/loader.conf:3" */
};

struct kldsim__settings {
	const struct kldsim__alloc *alloc;
	struct kldsim__arena *arena;
	struct kldsim_source *source;
	struct kldsim__strmap index; /* of names */
	struct kldsim__setting *all; /* in the order of their first line */
	size_t count, cap;
	const char **remarks;
	size_t nremarks, remarks_cap;
	unsigned files;
	bool no_memory;
};

void kldsim__settings_init(struct kldsim__settings *settings,
    const struct kldsim__alloc *alloc, struct kldsim__arena *arena,
    struct kldsim_source *source);
void kldsim__settings_fini(struct kldsim__settings *settings);

/* NULL: it was never set. */
const struct kldsim__setting *kldsim__settings_find(
    const struct kldsim__settings *settings, const char *name);
/* Its value, or what there is instead. */
const char *kldsim__settings_get(const struct kldsim__settings *settings,
    const char *name, const char *otherwise);
/* name[0, name_length) = value[0, length), by a line of a file. */
void kldsim__settings_set(struct kldsim__settings *settings,
    const char *name, size_t name_length, const char *value, size_t length,
    const char *file, unsigned line);
/* One more sentence, as long as there are not too many. */
void kldsim__settings_remark(struct kldsim__settings *settings,
    const char *format, ...) KLDSIM__PRINTF(2, 3);

/* The bytes of a configuration file; NULL: there is none, or a remark says why. */
struct kldsim_image *kldsim__settings_open(struct kldsim__settings *settings,
    const char *path, const char **text_ret, size_t *size_ret);

/* --- loader_conf.c --- */

/* All of loader.conf, from /boot/defaults on. */
void kldsim__loader_conf(struct kldsim__settings *settings);

/* --- rc_conf.c --- */

/* All of rc.conf, from /etc/defaults on, and what of it is kld's alone. */
void kldsim__rc_conf(struct kldsim__settings *settings);

#endif
