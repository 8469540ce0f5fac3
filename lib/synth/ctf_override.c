/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that are wrong on purpose: fields of .SUNW_ctf by name. */

#include <string.h>

#include "synth/override.h"

#define END {NULL, {0, 0, 0, 0}, {0, 0, 0, 0}}

static const struct kldsim__synth_field header_fields[] = {
	{"cth_magic", {0, 2, 0, 0}, {0, 2, 0, 0}},
	{"cth_version", {2, 1, 0, 0}, {2, 1, 0, 0}},
	{"cth_flags", {3, 1, 0, 0}, {3, 1, 0, 0}},
	{"cth_parlabel", {4, 4, 0, 0}, {4, 4, 0, 0}},
	{"cth_parname", {8, 4, 0, 0}, {8, 4, 0, 0}},
	{"cth_lbloff", {12, 4, 0, 0}, {12, 4, 0, 0}},
	{"cth_objtoff", {16, 4, 0, 0}, {16, 4, 0, 0}},
	{"cth_funcoff", {20, 4, 0, 0}, {20, 4, 0, 0}},
	{"cth_typeoff", {24, 4, 0, 0}, {24, 4, 0, 0}},
	{"cth_stroff", {28, 4, 0, 0}, {28, 4, 0, 0}},
	{"cth_strlen", {32, 4, 0, 0}, {32, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field label_fields[] = {
	{"ctl_label", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"ctl_typeidx", {4, 4, 0, 0}, {4, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field func_fields[] = {
	{"info", {0, 2, 0, 0}, {0, 4, 0, 0}},
	{"kind", {0, 2, 11, 5}, {0, 4, 26, 6}},
	{"root", {0, 2, 10, 1}, {0, 4, 25, 1}},
	{"vlen", {0, 2, 0, 10}, {0, 4, 0, 25}},
	{"return", {2, 2, 0, 0}, {4, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field type_fields[] = {
	{"ctt_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"ctt_info", {4, 2, 0, 0}, {4, 4, 0, 0}},
	{"kind", {4, 2, 11, 5}, {4, 4, 26, 6}},
	{"root", {4, 2, 10, 1}, {4, 4, 25, 1}},
	{"vlen", {4, 2, 0, 10}, {4, 4, 0, 25}},
	{"ctt_size", {6, 2, 0, 0}, {8, 4, 0, 0}},
	{"ctt_type", {6, 2, 0, 0}, {8, 4, 0, 0}},
	END,
};

/* Of a long head, from its second part on. */
static const struct kldsim__synth_field long_fields[] = {
	{"ctt_lsizehi", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"ctt_lsizelo", {4, 4, 0, 0}, {4, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field encoding_fields[] = {
	{"encoding", {0, 4, 24, 8}, {0, 4, 24, 8}},
	{"offset", {0, 4, 16, 8}, {0, 4, 16, 8}},
	{"bits", {0, 4, 0, 16}, {0, 4, 0, 16}},
	END,
};

static const struct kldsim__synth_field array_fields[] = {
	{"cta_contents", {0, 2, 0, 0}, {0, 4, 0, 0}},
	{"cta_index", {2, 2, 0, 0}, {4, 4, 0, 0}},
	{"cta_nelems", {4, 4, 0, 0}, {8, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field member_fields[] = {
	{"ctm_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"ctm_type", {4, 2, 0, 0}, {4, 4, 0, 0}},
	{"ctm_offset", {6, 2, 0, 0}, {8, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field long_member_fields[] = {
	{"ctlm_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"ctlm_type", {4, 2, 0, 0}, {4, 4, 0, 0}},
	{"ctlm_offsethi", {8, 4, 0, 0}, {8, 4, 0, 0}},
	{"ctlm_offsetlo", {12, 4, 0, 0}, {12, 4, 0, 0}},
	END,
};

static const struct kldsim__synth_field enumerator_fields[] = {
	{"cte_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"cte_value", {4, 4, 0, 0}, {4, 4, 0, 0}},
	END,
};

/* An id or a byte, which has no fields. */
static bool
is_plain(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, unsigned width)
{
	record->width = width;
	return path->field == NULL;
}

static bool
find_header(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	record->fields = header_fields;
	return path->key == NULL;
}

static bool
find_label(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	uint64_t i;

	record->fields = label_fields;
	if (!kldsim__synth_path_number(path->key, &i) ||
	    i >= path->ctf->ctf->nlabels)
		return false;
	record->offset = path->ctf->labels + 8 * i;
	return true;
}

/* The record of a symbol of this type, and what was said of the symbol. */
static bool
find_symbol(const struct kldsim__synth_path *path, unsigned type,
    struct kldsim__synth_record *record,
    const struct kldsim__synth_ctf_symbol **said_ret)
{
	const struct kldsim__synth_ctf_out *out = path->ctf;
	int symbol;

	if (path->key == NULL)
		return false;
	symbol = kldsim_synth_find_symbol(out->synth, path->key);
	if (symbol == 0 || out->synth->symbols[symbol].type != type)
		return false;
	*said_ret = out->said[symbol] == 0 ? NULL :
	    &out->ctf->symbols[out->said[symbol] - 1];
	record->offset = out->symbol_at[symbol];
	return record->offset != 0;
}

static bool
find_object(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_ctf_symbol *said;

	return is_plain(path, record, path->ctf->format->id_width) &&
	    find_symbol(path, STT_OBJECT, record, &said);
}

/* A function without a type has no more than its info word. */
static bool
find_func(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_ctf_symbol *said;

	record->fields = func_fields;
	return find_symbol(path, STT_FUNC, record, &said) &&
	    (said != NULL || path->field == NULL ||
	    strcmp(path->field, "return") != 0);
}

static bool
find_func_arg(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_ctf_format *format = path->ctf->format;
	const struct kldsim__synth_ctf_symbol *said;
	uint64_t i;

	if (!is_plain(path, record, format->id_width) ||
	    !find_symbol(path, STT_FUNC, record, &said) || said == NULL ||
	    !kldsim__synth_path_number(path->key2, &i) ||
	    i >= said->arguments.count)
		return false;
	record->offset += format->info_width + (i + 1) * format->id_width;
	return true;
}

/* A type by its id, or the first one of a name. */
static const struct kldsim__synth_ctf_type *
type_of(const struct kldsim__synth_path *path, uint32_t *id_ret)
{
	const struct kldsim__synth_ctf *ctf = path->ctf->ctf;
	uint64_t id;

	if (path->key == NULL)
		return NULL;
	if (!kldsim__synth_path_number(path->key, &id))
		for (id = 1; id < ctf->ntypes; id++)
			if (strcmp((const char *)ctf->text.data +
			    ctf->names[ctf->types[id].name], path->key) == 0)
				break;
	if (id == 0 || id >= ctf->ntypes)
		return NULL;
	*id_ret = (uint32_t)id;
	return &ctf->types[id];
}

static bool
has_long_head(const struct kldsim__synth_path *path,
    const struct kldsim__synth_ctf_type *type)
{
	return kldsim__synth_ctf_row(type->kind)->sized &&
	    type->size >= path->ctf->format->long_size;
}

static uint64_t
head_size(const struct kldsim__synth_path *path)
{
	const struct kldsim__synth_ctf_format *format = path->ctf->format;

	return 4 + format->info_width + format->id_width;
}

static bool
find_type(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_ctf_type *type;
	uint32_t id;

	record->fields = type_fields;
	if ((type = type_of(path, &id)) == NULL)
		return false;
	record->offset = path->ctf->type_at[id];
	if (path->field != NULL &&
	    strncmp(path->field, "ctt_lsize", 9) == 0) {
		record->fields = long_fields;
		record->offset += head_size(path);
		return has_long_head(path, type);
	}
	return true;
}

/* What follows the head of a type that has such a tail. */
static const struct kldsim__synth_ctf_type *
find_tail(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, enum kldsim__synth_ctf_tail tail)
{
	const struct kldsim__synth_ctf_type *type;
	uint32_t id;

	if ((type = type_of(path, &id)) == NULL ||
	    kldsim__synth_ctf_row(type->kind)->tail != tail)
		return NULL;
	record->offset = path->ctf->type_at[id] + head_size(path) +
	    (has_long_head(path, type) ? 8 : 0);
	return type;
}

/* Likewise of the parts of a type, one by its number. */
static const struct kldsim__synth_ctf_type *
find_part(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, enum kldsim__synth_ctf_tail tail,
    uint64_t *i_ret)
{
	const struct kldsim__synth_ctf_type *type =
	    find_tail(path, record, tail);

	if (type == NULL || !kldsim__synth_path_number(path->key2, i_ret) ||
	    *i_ret >= type->parts.count)
		return NULL;
	return type;
}

static bool
find_encoding(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	record->fields = encoding_fields;
	return find_tail(path, record, KLDSIM__SYNTH_CTF_ENCODING) != NULL;
}

static bool
find_array(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	record->fields = array_fields;
	return find_tail(path, record, KLDSIM__SYNTH_CTF_ELEMENTS) != NULL;
}

static bool
find_arg(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	uint64_t i;

	if (!is_plain(path, record, path->ctf->format->id_width) ||
	    find_part(path, record, KLDSIM__SYNTH_CTF_ARGUMENTS, &i) == NULL)
		return false;
	record->offset += i * record->width;
	return true;
}

static bool
find_member(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_ctf_format *format = path->ctf->format;
	const struct kldsim__synth_ctf_type *type;
	uint64_t i;

	type = find_part(path, record, KLDSIM__SYNTH_CTF_MEMBERS, &i);
	if (type == NULL)
		return false;
	if (type->size >= format->long_members) {
		record->fields = long_member_fields;
		record->offset += 16 * i;
	} else {
		record->fields = member_fields;
		record->offset += (4 + 2 * format->id_width) * i;
	}
	return true;
}

static bool
find_enumerator(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	uint64_t i;

	record->fields = enumerator_fields;
	if (find_part(path, record, KLDSIM__SYNTH_CTF_ENUMERATORS, &i) == NULL)
		return false;
	record->offset += 8 * i;
	return true;
}

static bool
find_byte(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return is_plain(path, record, 1) &&
	    kldsim__synth_path_number(path->key, &record->offset) &&
	    record->offset < path->ctf->bytes.size;
}

static const struct kldsim__synth_finder finders[] = {
	{"ctf_header", find_header}, {"ctf_label", find_label},
	{"ctf_object", find_object}, {"ctf_func", find_func},
	{"ctf_func_arg", find_func_arg}, {"ctf_type", find_type},
	{"ctf_encoding", find_encoding}, {"ctf_array", find_array},
	{"ctf_arg", find_arg}, {"ctf_member", find_member},
	{"ctf_enum", find_enumerator}, {"ctf_byte", find_byte},
	{NULL, NULL},
};

/* Is it about types?  In a file that has none, nothing is. */
bool
kldsim__synth_ctf_is_override(const struct kldsim_synth *synth,
    const struct kldsim__synth_override *override)
{
	return synth->ctf != NULL &&
	    strncmp((const char *)synth->patches.data + override->name, "ctf_",
	    4) == 0;
}

void
kldsim__synth_ctf_break(struct kldsim__synth_ctf_out *out)
{
	struct kldsim_synth *synth = out->synth;
	const struct kldsim__synth_target target = {finders, out->bytes.data,
	    out->format->version != 2};
	struct kldsim__synth_path path = {.ctf = out};
	size_t i;

	for (i = 0; i < synth->noverrides; i++)
		if (kldsim__synth_ctf_is_override(synth, &synth->overrides[i]))
			kldsim__synth_apply(synth, &path, &target,
			    &synth->overrides[i]);
	synth->origin = (struct kldsim__synth_origin){0, 0};
}
