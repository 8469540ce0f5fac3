/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_PRELOAD_H
#define SUPPORT_PRELOAD_H

/* A simulated kernel that is booted with preloaded files. */

#include "support_kern.h"

#define FB_EPERM 1
#define FB_EIO 5
#define FB_ENOSPC 28
#define FB_EFTYPE 79

/* A kernel and what is preloaded with it, in blob order. */
struct preloaded {
	struct kern kern;
	struct kldsim_preload list[8];
	size_t count;
};

void preloaded_init(struct preloaded *world, uint32_t osreldate);
void preloaded_add(struct preloaded *world, struct kldsim_synth *module,
    const char *path);
enum kldsim_status preloaded_try_boot(struct preloaded *world);
void preloaded_boot(struct preloaded *world);
/*
 * Boot: the real kernel, or its boot loader, would have died of the last
 * preload, and a finding says so with these words.
 */
void preloaded_dies(struct preloaded *world, const char *words);
void preloaded_fini(struct preloaded *world);
int preloaded_id(const struct preloaded *world, size_t index);
void preloaded_refused(const struct preloaded *world, size_t index, int error);
/* A module that the loader refuses: the next one has its place and its id. */
void preloaded_refused_alone(struct kldsim_synth *bad, int error);
void preloaded_deps(const struct preloaded *world, int fileid, const int *want,
    size_t count);
struct kldsim_synth *plain_module(void);
struct kldsim_synth *module_node(const char *provides, const char *needs,
    const char *module_name);
int module_id(const struct preloaded *world, const char *name);

#define assert_deps(world, id, ...) \
	preloaded_deps(world, id, (const int[]){ __VA_ARGS__ }, \
	    sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

#endif
