/* SPDX-License-Identifier: BSD-2-Clause */
/* Types as they are asked for. */

#include <stdlib.h>
#include <string.h>

#include "synth/ctf.h"

static const char *
text_of(const struct kldsim_synth *synth, uint32_t name)
{
	return (const char *)synth->ctf->text.data + synth->ctf->names[name];
}

void
kldsim__synth_ctf_free(struct kldsim__synth_ctf *ctf)
{
	if (ctf == NULL)
		return;
	free(ctf->types);
	free(ctf->parts);
	free(ctf->symbols);
	free(ctf->labels);
	free(ctf->names);
	free(ctf->text.data);
	free(ctf->index.slots);
	free(ctf);
}

static bool
start(struct kldsim_synth *synth)
{
	struct kldsim__synth_ctf *ctf = calloc(1, sizeof(*ctf));

	synth->ctf = ctf;
	if (ctf == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for types");
		return false;
	}
	if (!kldsim__synth_grow(synth, &ctf->types, &ctf->types_cap, 16,
	    sizeof(*ctf->types)) ||
	    !kldsim__synth_grow(synth, &ctf->parts, &ctf->parts_cap, 16,
	    sizeof(*ctf->parts)) ||
	    !kldsim__synth_grow(synth, &ctf->names, &ctf->names_cap, 16,
	    sizeof(*ctf->names)) ||
	    !kldsim__synth_buf_add(synth, &ctf->text, "", 1))
		return false;
	memset(ctf->types, 0, sizeof(*ctf->types));
	memset(ctf->parts, 0, sizeof(*ctf->parts));
	ctf->names[0] = 0;
	ctf->ntypes = ctf->nparts = ctf->nnames = 1;
	return true;
}

/* The types of a builder, begun by whoever asks first; NULL after a mistake. */
struct kldsim__synth_ctf *
kldsim__synth_ctf_start(struct kldsim_synth *synth)
{
	if (kldsim__synth_bad(synth) ||
	    (synth->ctf == NULL && !start(synth)))
		return NULL;
	return synth->ctf;
}

/* No counter of ours passes what an id of the API can be. */
static bool
is_full(struct kldsim_synth *synth, size_t count)
{
	if (count < INT32_MAX)
		return false;
	kldsim__synth_fail(synth, KLDSIM_LIMIT, "too many types, or parts");
	return true;
}

static uint32_t
name_of(struct kldsim_synth *synth, const char *name)
{
	struct kldsim__synth_ctf *ctf = synth->ctf;
	uint32_t hash, known;

	if (name == NULL || *name == '\0')
		return 0;
	hash = kldsim__synth_hash(name);
	known = kldsim__synth_index_find(&ctf->index, synth, name, hash,
	    text_of);
	if (known != 0)
		return known;
	if (ctf->text.size > INT32_MAX - strlen(name) - 1) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "names of types of more than 2 GiB");
		return 0;
	}
	if (!kldsim__synth_grow(synth, &ctf->names, &ctf->names_cap,
	    ctf->nnames + 1, sizeof(*ctf->names)))
		return 0;
	known = (uint32_t)ctf->nnames;
	ctf->names[known] = (uint32_t)ctf->text.size;
	if (!kldsim__synth_buf_add(synth, &ctf->text, name, strlen(name) + 1))
		return 0;
	kldsim__synth_index_add(&ctf->index, synth, hash, known);
	ctf->nnames++;
	return known;
}

/* What a record has for elements or encoding; they must fit. */
static bool
word_of(struct kldsim_synth *synth, const struct kldsim_synth_ctf_type *type,
    const struct kldsim__synth_ctf_row *row, uint32_t *word_ret)
{
	*word_ret = row->tail == KLDSIM__SYNTH_CTF_ELEMENTS ? type->elements :
	    type->encoding << 24 | type->offset << 16 | type->bits;
	if (row->tail != KLDSIM__SYNTH_CTF_ENCODING ||
	    (type->encoding <= 0xff && type->offset <= 0xff &&
	    type->bits <= 0xffff))
		return true;
	kldsim__synth_fail(synth, KLDSIM_ARG, "type %.60s: encoding and "
	    "offset have 8 bits, the number of bits has 16",
	    type->name == NULL ? "" : type->name);
	return false;
}

int
kldsim_synth_ctf_type(struct kldsim_synth *synth,
    const struct kldsim_synth_ctf_type *type)
{
	struct kldsim__synth_ctf *ctf = kldsim__synth_ctf_start(synth);
	const struct kldsim__synth_ctf_row *row;
	struct kldsim__synth_ctf_type made = {0};

	if (ctf == NULL || is_full(synth, ctf->ntypes))
		return 0;
	row = kldsim__synth_ctf_row((unsigned)type->kind);
	if (row == NULL) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "type of an unknown kind %d", (int)type->kind);
		return 0;
	}
	made.name = name_of(synth, type->name);
	made.kind = (uint8_t)type->kind;
	made.root = type->root == KLDSIM_SYNTH_CTF_NAMED ? made.name != 0 :
	    type->root == KLDSIM_SYNTH_CTF_ROOT;
	made.size = type->size;
	made.type = type->type;
	made.index = type->index;
	made.origin = synth->origin;
	if (!word_of(synth, type, row, &made.word) ||
	    !kldsim__synth_grow(synth, &ctf->types, &ctf->types_cap,
	    ctf->ntypes + 1, sizeof(*ctf->types)))
		return 0;
	ctf->types[ctf->ntypes] = made;
	return (int)ctf->ntypes++;
}

static void
add_part(struct kldsim_synth *synth, struct kldsim__synth_ctf_parts *parts,
    const struct kldsim__synth_ctf_part *part)
{
	struct kldsim__synth_ctf *ctf = synth->ctf;
	uint32_t id = (uint32_t)ctf->nparts;

	if (is_full(synth, ctf->nparts) || !kldsim__synth_grow(synth,
	    &ctf->parts, &ctf->parts_cap, ctf->nparts + 1,
	    sizeof(*ctf->parts)))
		return;
	ctf->parts[id] = *part;
	ctf->nparts++;
	if (parts->first == 0)
		parts->first = id;
	else
		ctf->parts[parts->last].next = id;
	parts->last = id;
	parts->count++;
}

/* The parts of a type that can have some of this sort; NULL is a mistake. */
static struct kldsim__synth_ctf_parts *
parts_of(struct kldsim_synth *synth, int type,
    enum kldsim__synth_ctf_tail tail, const char *what)
{
	struct kldsim__synth_ctf *ctf = kldsim__synth_ctf_start(synth);

	if (ctf == NULL)
		return NULL;
	if (type < 1 || (size_t)type >= ctf->ntypes ||
	    kldsim__synth_ctf_row(ctf->types[type].kind)->tail != tail) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "%s: type %d is not there, or has no %ss", what, type,
		    what);
		return NULL;
	}
	return &ctf->types[type].parts;
}

void
kldsim_synth_ctf_member(struct kldsim_synth *synth, int type, const char *name,
    int member, uint64_t bit)
{
	struct kldsim__synth_ctf_parts *parts = parts_of(synth, type,
	    KLDSIM__SYNTH_CTF_MEMBERS, "member");

	if (parts != NULL)
		add_part(synth, parts, &(struct kldsim__synth_ctf_part){
		    .name = name_of(synth, name), .value = member,
		    .bit = bit});
}

void
kldsim_synth_ctf_enumerator(struct kldsim_synth *synth, int type,
    const char *name, int32_t value)
{
	struct kldsim__synth_ctf_parts *parts = parts_of(synth, type,
	    KLDSIM__SYNTH_CTF_ENUMERATORS, "constant");

	if (parts != NULL)
		add_part(synth, parts, &(struct kldsim__synth_ctf_part){
		    .name = name_of(synth, name), .value = value});
}

void
kldsim_synth_ctf_argument(struct kldsim_synth *synth, int type, int argument)
{
	struct kldsim__synth_ctf_parts *parts = parts_of(synth, type,
	    KLDSIM__SYNTH_CTF_ARGUMENTS, "argument");

	if (parts != NULL)
		add_part(synth, parts, &(struct kldsim__synth_ctf_part){
		    .value = argument});
}

static void
change_parts(struct kldsim__synth_ctf *ctf,
    const struct kldsim__synth_ctf_parts *parts,
    int32_t (*change)(const void *arg, int32_t type), const void *arg)
{
	uint32_t i;

	for (i = parts->first; i != 0; i = ctf->parts[i].next)
		ctf->parts[i].value = change(arg, ctf->parts[i].value);
}

/* Change each reference to a type into what a function makes of it. */
void
kldsim__synth_ctf_change(struct kldsim_synth *synth,
    int32_t (*change)(const void *arg, int32_t type), const void *arg)
{
	struct kldsim__synth_ctf *ctf = synth->ctf;
	struct kldsim__synth_ctf_type *type;
	struct kldsim__synth_ctf_symbol *symbol;
	size_t i;

	for (i = 1; i < ctf->ntypes; i++) {
		type = &ctf->types[i];
		type->type = change(arg, type->type);
		type->index = change(arg, type->index);
		if (type->kind != KLDSIM_SYNTH_CTF_ENUM)
			change_parts(ctf, &type->parts, change, arg);
	}
	for (i = 0; i < ctf->nsymbols; i++) {
		symbol = &ctf->symbols[i];
		symbol->type = change(arg, symbol->type);
		change_parts(ctf, &symbol->arguments, change, arg);
	}
}

/* Note what a symbol is; NULL is a mistake. */
static struct kldsim__synth_ctf_symbol *
add_symbol(struct kldsim_synth *synth, int symbol, int type, bool function)
{
	struct kldsim__synth_ctf *ctf = kldsim__synth_ctf_start(synth);
	struct kldsim__synth_ctf_symbol *added;

	if (ctf == NULL ||
	    kldsim__synth_get_symbol(synth, symbol, "type") == NULL ||
	    !kldsim__synth_grow(synth, &ctf->symbols, &ctf->symbols_cap,
	    ctf->nsymbols + 1, sizeof(*ctf->symbols)))
		return NULL;
	added = &ctf->symbols[ctf->nsymbols++];
	*added = (struct kldsim__synth_ctf_symbol){.symbol = (uint32_t)symbol,
	    .type = type, .function = function, .origin = synth->origin};
	return added;
}

void
kldsim_synth_ctf_object(struct kldsim_synth *synth, int object, int type)
{
	(void)add_symbol(synth, object, type, false);
}

void
kldsim_synth_ctf_func(struct kldsim_synth *synth, int function, int returns,
    const int *argument, size_t arguments)
{
	struct kldsim__synth_ctf_symbol *added =
	    add_symbol(synth, function, returns, true);
	size_t i;

	for (i = 0; added != NULL && i < arguments; i++)
		add_part(synth, &added->arguments,
		    &(struct kldsim__synth_ctf_part){.value = argument[i]});
}

void
kldsim_synth_ctf_label(struct kldsim_synth *synth, const char *name, int last)
{
	struct kldsim__synth_ctf *ctf = kldsim__synth_ctf_start(synth);

	if (ctf == NULL || !kldsim__synth_grow(synth, &ctf->labels,
	    &ctf->labels_cap, ctf->nlabels + 1, sizeof(*ctf->labels)))
		return;
	ctf->labels[ctf->nlabels++] = (struct kldsim__synth_ctf_label){
	    name_of(synth, name), (uint32_t)last};
}

void
kldsim_synth_ctf_parent(struct kldsim_synth *synth, const char *label,
    const char *name)
{
	struct kldsim__synth_ctf *ctf = kldsim__synth_ctf_start(synth);

	if (ctf == NULL)
		return;
	ctf->child = true;
	ctf->parent_label = name_of(synth, label);
	ctf->parent_name = name_of(synth, name);
}
