/* SPDX-License-Identifier: BSD-2-Clause */
/* From types to the bytes of .SUNW_ctf, not yet compressed. */

#include <stdlib.h>
#include <string.h>

#include "synth/ctf.h"

enum { CTF_MAGIC = 0xcff1 };

static void
put(struct kldsim__synth_ctf_out *out, unsigned width, uint64_t value)
{
	unsigned char bytes[8];

	kldsim__synth_put(out->synth, bytes, width, value);
	(void)kldsim__synth_buf_add(out->synth, &out->bytes, bytes, width);
}

static uint32_t
here(const struct kldsim__synth_ctf_out *out)
{
	return (uint32_t)out->bytes.size;
}

static void
pad(struct kldsim__synth_ctf_out *out, size_t align)
{
	(void)kldsim__synth_buf_add(out->synth, &out->bytes, NULL,
	    (align - out->bytes.size % align) % align);
}

/* Names are in the table in the order of their first use. */
static void
put_name(struct kldsim__synth_ctf_out *out, uint32_t name)
{
	const char *text = (const char *)out->ctf->text.data +
	    out->ctf->names[name];

	if (name != 0 && out->string_at[name] == 0) {
		out->string_at[name] = (uint32_t)out->strings.size;
		(void)kldsim__synth_buf_add(out->synth, &out->strings, text,
		    strlen(text) + 1);
	}
	put(out, 4, out->string_at[name]);
}

/* A number that has to fit what the version has for it. */
static void
put_within(struct kldsim__synth_ctf_out *out, unsigned width, uint64_t value,
    const char *what)
{
	if (width < 8 && value >> (8 * width) != 0)
		kldsim__synth_fail(out->synth, KLDSIM_ARG,
		    "CTF version %u has no room for %s %llu",
		    out->format->version, what, (unsigned long long)value);
	put(out, width, value);
}

/* The id of a type, as records have it. */
static uint32_t
id_of(struct kldsim__synth_ctf_out *out, int32_t type)
{
	const struct kldsim__synth_ctf *ctf = out->ctf;

	if (type < 0 && ctf->child)
		return 0 - (uint32_t)type;
	if (type < 0 || (size_t)type >= ctf->ntypes) {
		kldsim__synth_fail(out->synth, KLDSIM_ARG,
		    "there is no type %d", (int)type);
		return 0;
	}
	return (uint32_t)type |
	    (ctf->child && type != 0 ? out->format->child : 0);
}

static void
put_id(struct kldsim__synth_ctf_out *out, int32_t type)
{
	uint32_t id = id_of(out, type);

	if (id > out->format->max_id)
		kldsim__synth_fail(out->synth, KLDSIM_ARG,
		    "CTF version %u has no room for type %u",
		    out->format->version, (unsigned)id);
	put(out, out->format->id_width, id);
}

static void
put_info(struct kldsim__synth_ctf_out *out, unsigned kind, bool root,
    uint32_t vlen)
{
	const struct kldsim__synth_ctf_format *format = out->format;

	if (vlen > format->max_vlen)
		kldsim__synth_fail(out->synth, KLDSIM_ARG, "CTF version %u "
		    "has no room for %u members, constants or arguments",
		    format->version, (unsigned)vlen);
	put(out, format->info_width, (uint64_t)kind << format->kind_shift |
	    (uint64_t)root << format->root_shift | vlen);
}

static void
put_arguments(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_parts *parts)
{
	uint32_t i;

	for (i = parts->first; i != 0; i = out->ctf->parts[i].next)
		put_id(out, out->ctf->parts[i].value);
}

/* C-12: the size of the struct alone says which form its members have. */
static void
put_members(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_type *type)
{
	const struct kldsim__synth_ctf_format *format = out->format;
	const struct kldsim__synth_ctf_part *part;
	uint32_t i;

	for (i = type->parts.first; i != 0; i = part->next) {
		part = &out->ctf->parts[i];
		put_name(out, part->name);
		put_id(out, part->value);
		if (type->size < format->long_members) {
			put_within(out, format->id_width, part->bit,
			    "a member at bit");
			continue;
		}
		pad(out, 4);
		put(out, 4, part->bit >> 32);
		put(out, 4, part->bit & 0xffffffff);
	}
}

static void
put_enumerators(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_parts *parts)
{
	const struct kldsim__synth_ctf_part *part;
	uint32_t i;

	for (i = parts->first; i != 0; i = part->next) {
		part = &out->ctf->parts[i];
		put_name(out, part->name);
		put(out, 4, (uint32_t)part->value);
	}
}

static void
put_tail(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_type *type,
    enum kldsim__synth_ctf_tail tail)
{
	switch (tail) {
	case KLDSIM__SYNTH_CTF_ENCODING:
		put(out, 4, type->word);
		break;
	case KLDSIM__SYNTH_CTF_ELEMENTS:
		put_id(out, type->type);
		put_id(out, type->index);
		put(out, 4, type->word);
		break;
	case KLDSIM__SYNTH_CTF_ARGUMENTS:
		put_arguments(out, &type->parts);
		pad(out, 4);
		break;
	case KLDSIM__SYNTH_CTF_MEMBERS:
		put_members(out, type);
		break;
	case KLDSIM__SYNTH_CTF_ENUMERATORS:
		put_enumerators(out, &type->parts);
		break;
	default:
		break;
	}
}

static void
put_type(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_type *type)
{
	const struct kldsim__synth_ctf_format *format = out->format;
	const struct kldsim__synth_ctf_row *row =
	    kldsim__synth_ctf_row(type->kind);
	bool is_long = row->sized && type->size >= format->long_size;

	put_name(out, type->name);
	put_info(out, type->kind, type->root, row->one ? 1 :
	    type->parts.count);
	if (!row->sized)
		put_id(out, type->type);
	else
		put(out, format->id_width, is_long ? format->long_size :
		    type->size);
	if (is_long) {
		put(out, 4, type->size >> 32);
		put(out, 4, type->size & 0xffffffff);
	}
	put_tail(out, type, row->tail);
}

static void
put_types(struct kldsim__synth_ctf_out *out)
{
	const struct kldsim__synth_ctf *ctf = out->ctf;
	size_t i;

	for (i = 1; i < ctf->ntypes && !kldsim__synth_bad(out->synth); i++) {
		out->synth->origin = ctf->types[i].origin;
		out->type_at[i] = here(out);
		put_type(out, &ctf->types[i]);
	}
}

/* What is said of each symbol: the last word counts. */
static void
find_symbols(struct kldsim__synth_ctf_out *out)
{
	struct kldsim_synth *synth = out->synth;
	const struct kldsim__synth_ctf_symbol *said;
	size_t i;

	for (i = 0; i < out->ctf->nsymbols; i++) {
		said = &out->ctf->symbols[i];
		synth->origin = said->origin;
		if (!kldsim__synth_ctf_counts(synth, said->symbol) ||
		    said->function != (synth->symbols[said->symbol].type ==
		    STT_FUNC))
			kldsim__synth_fail(synth, KLDSIM_ARG, "symbol %.60s "
			    "is no %s that is defined here",
			    kldsim__synth_symbol_name(synth, said->symbol),
			    said->function ? "function" : "object");
		out->said[said->symbol] = (uint32_t)i + 1;
	}
}

/* C-20: a variable is an id, a function a record, and 0 is not known. */
static void
put_symbol(struct kldsim__synth_ctf_out *out,
    const struct kldsim__synth_ctf_symbol *said, bool function)
{
	if (said == NULL) {
		put(out, function ? out->format->info_width :
		    out->format->id_width, 0);
		return;
	}
	out->synth->origin = said->origin;
	if (function)
		put_info(out, KLDSIM_SYNTH_CTF_FUNCTION, true,
		    said->arguments.count);
	put_id(out, said->type);
	put_arguments(out, &said->arguments);
}

static void
put_symbols(struct kldsim__synth_ctf_out *out, const uint32_t *symbols,
    size_t nsymbols, bool function)
{
	const struct kldsim_synth *synth = out->synth;
	uint32_t symbol, said;
	size_t i;

	for (i = 0; i < nsymbols; i++) {
		symbol = symbols[i];
		if (!kldsim__synth_ctf_counts(synth, symbol) ||
		    (synth->symbols[symbol].type == STT_FUNC) != function)
			continue;
		said = out->said[symbol];
		out->symbol_at[symbol] = here(out);
		put_symbol(out, said == 0 ? NULL :
		    &out->ctf->symbols[said - 1], function);
	}
}

static void
put_labels(struct kldsim__synth_ctf_out *out)
{
	const struct kldsim__synth_ctf *ctf = out->ctf;
	uint32_t all = ctf->ntypes == 1 ? 0 :
	    id_of(out, (int32_t)ctf->ntypes - 1);
	size_t i;

	for (i = 0; i < ctf->nlabels; i++) {
		put_name(out, ctf->labels[i].name);
		put(out, 4, ctf->labels[i].last != 0 ? ctf->labels[i].last :
		    all);
	}
}

/* The head of the header; the offsets are not known yet (C-03). */
static void
put_header(struct kldsim__synth_ctf_out *out)
{
	bool compressed =
	    out->synth->options[KLDSIM_SYNTH_CTF_COMPRESS] != 0;

	put(out, 2, CTF_MAGIC);
	put(out, 1, out->format->version);
	put(out, 1, compressed ? KLDSIM__SYNTH_CTF_COMPRESSED : 0);
	put_name(out, out->ctf->parent_label);
	put_name(out, out->ctf->parent_name);
	(void)kldsim__synth_buf_add(out->synth, &out->bytes, NULL,
	    KLDSIM__SYNTH_CTF_HEADER - KLDSIM__SYNTH_CTF_OFFSETS);
}

static void
store_offsets(struct kldsim__synth_ctf_out *out, size_t strings)
{
	const size_t words[] = {out->labels - KLDSIM__SYNTH_CTF_HEADER,
	    out->objects - KLDSIM__SYNTH_CTF_HEADER,
	    out->functions - KLDSIM__SYNTH_CTF_HEADER,
	    out->types - KLDSIM__SYNTH_CTF_HEADER,
	    strings - KLDSIM__SYNTH_CTF_HEADER, out->strings.size};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		kldsim__synth_put(out->synth, out->bytes.data +
		    KLDSIM__SYNTH_CTF_OFFSETS + 4 * i, 4, words[i]);
}

static bool
begin(struct kldsim__synth_ctf_out *out)
{
	struct kldsim_synth *synth = out->synth;
	uint64_t version = synth->options[KLDSIM_SYNTH_CTF_VERSION];

	out->format = kldsim__synth_ctf_format(version);
	if (out->format == NULL) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "CTF has version 2 or 3,"
		    " not %llu", (unsigned long long)version);
		return false;
	}
	out->string_at = calloc(out->ctf->nnames, sizeof(*out->string_at));
	out->type_at = calloc(out->ctf->ntypes, sizeof(*out->type_at));
	out->symbol_at = calloc(synth->nsymbols, sizeof(*out->symbol_at));
	out->said = calloc(synth->nsymbols, sizeof(*out->said));
	if (out->string_at == NULL || out->type_at == NULL ||
	    out->symbol_at == NULL || out->said == NULL)
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for types");
	return !kldsim__synth_bad(synth) &&
	    kldsim__synth_buf_add(synth, &out->strings, "", 1);
}

static void
put_all(struct kldsim__synth_ctf_out *out, const uint32_t *symbols,
    size_t nsymbols)
{
	size_t strings;

	put_header(out);
	out->labels = here(out);
	put_labels(out);
	out->objects = here(out);
	put_symbols(out, symbols, nsymbols, false);
	out->functions = here(out);
	put_symbols(out, symbols, nsymbols, true);
	pad(out, 4);
	out->types = here(out);
	put_types(out);
	strings = out->bytes.size;
	(void)kldsim__synth_buf_add(out->synth, &out->bytes, out->strings.data,
	    out->strings.size);
	if (out->bytes.size > UINT32_MAX)
		kldsim__synth_fail(out->synth, KLDSIM_LIMIT,
		    "types of more than 4 GiB");
	if (!kldsim__synth_bad(out->synth))
		store_offsets(out, strings);
}

bool
kldsim__synth_ctf_emit(struct kldsim__synth_ctf_out *out,
    struct kldsim_synth *synth, const uint32_t *symbols, size_t nsymbols)
{
	*out = (struct kldsim__synth_ctf_out){.synth = synth,
	    .ctf = synth->ctf};
	if (!begin(out))
		return false;
	find_symbols(out);
	put_all(out, symbols, nsymbols);
	synth->origin = (struct kldsim__synth_origin){0, 0};
	return !kldsim__synth_bad(synth);
}

void
kldsim__synth_ctf_done(struct kldsim__synth_ctf_out *out)
{
	free(out->bytes.data);
	free(out->strings.data);
	free(out->string_at);
	free(out->type_at);
	free(out->symbol_at);
	free(out->said);
}
