/* SPDX-License-Identifier: BSD-2-Clause */

#include "support_ctf.h"

#include "support_image.h"

const struct ctf_variant ctf_variants[CTF_VARIANTS] = {
	{ "amd64", 2, false }, { "arm64", 2, true },
	{ "powerpc64", 2, true }, { "powerpc", 2, false },
	{ "arm64", 3, false }, { "i386", 3, true },
	{ "powerpc64", 3, false }, { "powerpc", 3, true },
};

struct kldsim_synth *
ctf_begin(const struct ctf_variant *variant)
{
	struct kldsim_synth *s = kldsim_synth_new(variant->machine,
	    KLDSIM_SYNTH_MODULE);

	assert_non_null(s);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, variant->version);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, variant->compress);
	return (s);
}

struct kldsim_types *
ctf_end(struct kldsim_synth *synth, struct kldsim_error *error_ret)
{
	return (ctf_end_with(synth, NULL, error_ret));
}

struct kldsim_types *
ctf_end_with(struct kldsim_synth *synth, const struct kldsim_types *parent,
    struct kldsim_error *error_ret)
{
	struct kldsim_types_options options;
	struct kldsim_image *image = support_image(synth, "made.ko");
	struct kldsim_types *types = NULL;
	enum kldsim_status status;

	assert_non_null(image);
	kldsim_synth_free(synth);
	memset(error_ret, 0, sizeof(*error_ret));
	kldsim_types_options_init(&options, sizeof(options));
	options.parent = parent;
	status = kldsim_types_read(image, &options, &types, error_ret);
	assert_int_equal(status == KLDSIM_OK, types != NULL);
	assert_int_equal(status, error_ret->status);
	kldsim_image_unref(image); /* the types need it no longer */
	return (types);
}

int
ctf_int(struct kldsim_synth *s, const char *name, uint64_t size,
    uint32_t encoding, uint32_t bits)
{
	return (kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_INTEGER, .name = name, .size = size,
	    .encoding = encoding, .bits = bits }));
}

int
ctf_ref(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *name, int type)
{
	return (kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = name, .type = type }));
}

int
ctf_sized(struct kldsim_synth *s, enum kldsim_synth_ctf_kind kind,
    const char *name, uint64_t size)
{
	return (kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = kind, .name = name, .size = size }));
}

int
ctf_array(struct kldsim_synth *s, int type, uint32_t elements, uint64_t size)
{
	return (kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_ARRAY, .type = type, .index = type,
	    .elements = elements, .size = size }));
}
