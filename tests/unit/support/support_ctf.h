/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_CTF_H
#define SUPPORT_CTF_H

/* Types made by the builder and read back from the file that it makes. */

#include <kldsim/synth.h>
#include <kldsim/synth_ctf.h>

#include "support_types.h"

/* What there is to choose, and a module with no types yet. */
struct ctf_variant {
	const char *machine; /* arm64, powerpc64, i386, powerpc ... */
	unsigned version;
	bool compress;
};

/* Both versions, orders and word sizes, compressed and not. */
#define CTF_VARIANTS 8
extern const struct ctf_variant ctf_variants[CTF_VARIANTS];

struct kldsim_synth *ctf_begin(const struct ctf_variant *variant);
/* Finish the file and read its types; NULL if they are refused. */
struct kldsim_types *ctf_end(struct kldsim_synth *synth,
    struct kldsim_error *error_ret);
/* The same with a parent (C-30). */
struct kldsim_types *ctf_end_with(struct kldsim_synth *synth,
    const struct kldsim_types *parent, struct kldsim_error *error_ret);

/* Types in one line; each answers with its id. */
int ctf_int(struct kldsim_synth *s, const char *name, uint64_t size,
    uint32_t encoding, uint32_t bits);
int ctf_ref(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *name, int type);
int ctf_sized(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *name, uint64_t size);
int ctf_array(struct kldsim_synth *s, int type, uint32_t elements,
    uint64_t size);
#define ctf_pointer(s, type) \
	ctf_ref((s), KLDSIM_SYNTH_CTF_POINTER, NULL, (type))
#define ctf_struct(s, name, size) \
	ctf_sized((s), KLDSIM_SYNTH_CTF_STRUCT, (name), (size))

#endif
