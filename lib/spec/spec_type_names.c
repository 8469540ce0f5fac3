/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types by name.  A spec may name a type before it makes it, so names are
 * looked up when all of it is read; what stands for them until then is a
 * number below those of a parent's types.
 */

#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"
#include "synth/ctf.h"

enum { PENDING_END = -KLDSIM__SYNTH_CTF_PARENTS };

static int32_t
pending(size_t ref)
{
	return (int32_t)(INT32_MIN + (int64_t)ref);
}

/* A copy of a value's text, for later; NULL if there is no memory. */
static char *
keep(struct kldsim__spec *spec, const struct kldsim__spec_value *value)
{
	char *copy = malloc(value->size + 1);

	if (copy == NULL)
		spec->error.status = KLDSIM_NOMEM;
	else
		memcpy(copy, value->text, value->size + 1);
	return copy;
}

/*
 * The type that a value tells of: by its id, negative for a parent's, or by
 * its name.  With bits it is the bit-field of so many that the type makes.
 */
int
kldsim__spec_type(struct kldsim__spec *spec,
    const struct kldsim__spec_value *value, uint32_t bits)
{
	struct kldsim__spec_type_ref ref = {.origin = value->origin,
	    .bits = bits};
	uint64_t number;

	if (!value->given || kldsim__spec_bad(spec))
		return 0;
	if (bits == 0 && kldsim__spec_number(value->text, &number)) {
		if ((int64_t)number <= PENDING_END ||
		    (int64_t)number > INT32_MAX)
			kldsim__spec_fail(spec, value->origin, "expected the "
			    "number of a type, found \"%.40s\"", value->text);
		return (int)(int64_t)number;
	}
	if (spec->nrefs == INT32_MAX / 2 ||
	    !kldsim__spec_account(spec, value, sizeof(ref) + value->size) ||
	    !kldsim__synth_grow(spec->synth, &spec->refs, &spec->refs_cap,
	    spec->nrefs + 1, sizeof(*spec->refs)) ||
	    (ref.name = keep(spec, value)) == NULL)
		return 0;
	spec->refs[spec->nrefs] = ref;
	return pending(spec->nrefs++);
}

/* C keeps tags and other names apart; what only declares a tag comes last. */
enum space { STRUCTS, UNIONS, ENUMS, OTHERS, FORWARDS, NAMELESS };

static const enum space space_of[] = {
	[KLDSIM_SYNTH_CTF_UNKNOWN] = NAMELESS,
	[KLDSIM_SYNTH_CTF_INTEGER] = OTHERS,
	[KLDSIM_SYNTH_CTF_FLOAT] = OTHERS,
	[KLDSIM_SYNTH_CTF_POINTER] = NAMELESS,
	[KLDSIM_SYNTH_CTF_ARRAY] = NAMELESS,
	[KLDSIM_SYNTH_CTF_FUNCTION] = NAMELESS,
	[KLDSIM_SYNTH_CTF_STRUCT] = STRUCTS,
	[KLDSIM_SYNTH_CTF_UNION] = UNIONS,
	[KLDSIM_SYNTH_CTF_ENUM] = ENUMS,
	[KLDSIM_SYNTH_CTF_FORWARD] = FORWARDS,
	[KLDSIM_SYNTH_CTF_TYPEDEF] = OTHERS,
	[KLDSIM_SYNTH_CTF_VOLATILE] = NAMELESS,
	[KLDSIM_SYNTH_CTF_CONST] = NAMELESS,
	[KLDSIM_SYNTH_CTF_RESTRICT] = NAMELESS,
};

static const char *const prefixes[] = {
	[STRUCTS] = "struct ", [UNIONS] = "union ", [ENUMS] = "enum ",
};

/* A type that can be found by its name. */
struct named {
	enum space space;
	const char *name;
	int32_t id;
};

/* What is made of a type when somebody first asks for it; 0: not yet. */
struct derived {
	int32_t pointer;
	int32_t clone; /* its first bit-field; they are chained by next */
	int32_t next;
};

struct names {
	struct kldsim__spec *spec;
	struct named *named; /* by space, name and id */
	size_t nnamed;
	struct derived *derived; /* by id */
	size_t nderived;
	size_t derived_cap;
};

static int
by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = a->space != b->space ? (a->space < b->space ? -1 : 1) :
	    strcmp(a->name, b->name);

	return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

static void
sort_names(struct names *names)
{
	const struct kldsim__synth_ctf *ctf = names->spec->synth->ctf;
	const struct kldsim__synth_ctf_type *type;
	size_t i;

	for (i = 1; i < ctf->ntypes; i++) {
		type = &ctf->types[i];
		if (!type->root || space_of[type->kind] == NAMELESS)
			continue;
		names->named[names->nnamed++] = (struct named){
		    space_of[type->kind], (const char *)ctf->text.data +
		    ctf->names[type->name], (int32_t)i};
	}
	if (names->nnamed != 0)
		qsort(names->named, names->nnamed, sizeof(*names->named),
		    by_name);
}

/* The first type of a name; 0 if there is none. */
static int32_t
find_in(const struct names *names, enum space space, const char *name)
{
	const struct named want = {space, name, 0};
	size_t low = 0, high = names->nnamed, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (by_name(&names->named[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->nnamed && names->named[low].space == space &&
	    strcmp(names->named[low].name, name) == 0 ?
	    names->named[low].id : 0;
}

/* "struct foo", "int", or a number, without what follows it. */
static int32_t
find_name(const struct names *names, const char *name)
{
	const struct kldsim__synth_ctf *ctf = names->spec->synth->ctf;
	enum space space = STRUCTS;
	uint64_t number;
	int32_t found;

	if (kldsim__spec_number(name, &number))
		return number < ctf->ntypes ? (int32_t)number : 0;
	while (space < OTHERS && strncmp(name, prefixes[space],
	    strlen(prefixes[space])) != 0)
		space++;
	if (space == OTHERS)
		return find_in(names, OTHERS, name);
	name += strlen(prefixes[space]);
	found = find_in(names, space, name);
	return found != 0 ? found : find_in(names, FORWARDS, name);
}

/* What is derived of a type; NULL if there is no memory. */
static struct derived *
derived_of(struct names *names, int32_t id)
{
	size_t n = names->nderived;

	if ((size_t)id >= n) {
		if (!kldsim__synth_grow(names->spec->synth, &names->derived,
		    &names->derived_cap, (size_t)id + 1,
		    sizeof(*names->derived)))
			return NULL;
		memset(names->derived + n, 0,
		    ((size_t)id + 1 - n) * sizeof(*names->derived));
		names->nderived = (size_t)id + 1;
	}
	return &names->derived[id];
}

/* A type, or 0 for what is yet to be derived of one. */
static int32_t
plain(const struct kldsim__spec *spec, int32_t type)
{
	const struct kldsim__spec_type_ref *ref;

	if (type > PENDING_END)
		return type;
	ref = &spec->refs[(int64_t)type - INT32_MIN];
	return ref->stars == 0 && ref->bits == 0 ? ref->type : 0;
}

/* Pointers that the spec makes itself are used where they are asked for. */
static void
note_pointers(struct names *names)
{
	const struct kldsim__synth_ctf *ctf = names->spec->synth->ctf;
	struct derived *derived;
	int32_t to;
	size_t i;

	for (i = 1; i < ctf->ntypes; i++) {
		to = plain(names->spec, ctf->types[i].type);
		if (ctf->types[i].kind != KLDSIM_SYNTH_CTF_POINTER ||
		    to <= 0 || (size_t)to >= ctf->ntypes)
			continue;
		derived = derived_of(names, to);
		if (derived != NULL && derived->pointer == 0)
			derived->pointer = (int32_t)i;
	}
}

static int32_t
pointer_to(struct names *names, int32_t type)
{
	struct derived *derived = derived_of(names, type);

	if (derived == NULL)
		return 0;
	if (derived->pointer == 0)
		derived->pointer = kldsim_synth_ctf_type(names->spec->synth,
		    &(struct kldsim_synth_ctf_type){
		    .kind = KLDSIM_SYNTH_CTF_POINTER, .type = type});
	return derived->pointer;
}

/* C-13: the clone of an integer, named as the tools of the version name it. */
static int32_t
make_clone(struct kldsim_synth *synth, int32_t type, uint32_t bits)
{
	const struct kldsim__synth_ctf *ctf = synth->ctf;
	const struct kldsim__synth_ctf_type *of = &ctf->types[type];
	const char *name = (const char *)ctf->text.data +
	    ctf->names[of->name];
	const char *suffix = synth->options[KLDSIM_SYNTH_CTF_VERSION] == 2 ?
	    "" : " bitfield";
	char *both = malloc(strlen(name) + strlen(suffix) + 1);
	int32_t clone = 0;

	if (both == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for types");
		return 0;
	}
	(void)strcpy(both, name);
	(void)strcat(both, suffix);
	clone = kldsim_synth_ctf_type(synth, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_INTEGER,
	    .root = KLDSIM_SYNTH_CTF_HIDDEN, .name = both, .size = of->size,
	    .encoding = of->word >> 24, .bits = bits});
	free(both);
	return clone;
}

/* A bit-field of an integer; one of an enum is the enum itself (C-13). */
static int32_t
bit_field_of(struct names *names, int32_t type, uint32_t bits)
{
	struct kldsim_synth *synth = names->spec->synth;
	struct derived *derived = derived_of(names, type);
	int32_t clone;

	if (derived == NULL ||
	    synth->ctf->types[type].kind == KLDSIM_SYNTH_CTF_ENUM)
		return type;
	if (synth->ctf->types[type].kind != KLDSIM_SYNTH_CTF_INTEGER)
		return 0;
	for (clone = derived->clone; clone != 0;
	    clone = names->derived[clone].next)
		if ((synth->ctf->types[clone].word & 0xffff) == bits)
			return clone;
	clone = make_clone(synth, type, bits);
	if (clone == 0 || derived_of(names, clone) == NULL)
		return 0;
	names->derived[clone].next = names->derived[type].clone;
	names->derived[type].clone = clone;
	return clone;
}

/* Cut the stars off a name, and count them. */
static uint32_t
take_stars(char *name)
{
	size_t length = strlen(name);
	uint32_t stars = 0;

	for (; length != 0; length--) {
		if (name[length - 1] == '*')
			stars++;
		else if (name[length - 1] != ' ')
			break;
	}
	name[length] = '\0';
	return stars;
}

/* Look the name up, without its stars. */
static void
resolve(const struct names *names, struct kldsim__spec_type_ref *ref)
{
	ref->stars = take_stars(ref->name);
	ref->type = find_name(names, ref->name);
	if (ref->type == 0)
		kldsim__spec_fail(names->spec, ref->origin,
		    "expected a type of this file, found \"%.60s\"",
		    ref->name);
}

/* From the type that has the name to the one that is meant. */
static void
derive(struct names *names, struct kldsim__spec_type_ref *ref)
{
	struct kldsim__spec *spec = names->spec;
	struct kldsim__spec_value where = {.origin = ref->origin};

	if ((ref->stars == 0 && ref->bits == 0) ||
	    !kldsim__spec_account(spec, &where, ((uint64_t)ref->stars + 1) *
	    sizeof(struct kldsim__synth_ctf_type)))
		return;
	spec->synth->origin = ref->origin;
	for (; ref->stars != 0 && ref->type != 0; ref->stars--)
		ref->type = pointer_to(names, ref->type);
	if (ref->bits != 0 && ref->type != 0)
		ref->type = bit_field_of(names, ref->type, ref->bits);
	if (ref->type == 0 && !kldsim__spec_bad(spec))
		kldsim__spec_fail(spec, ref->origin,
		    "bits: expected an integer or enum, found \"%.60s\"",
		    ref->name);
	spec->synth->origin = (struct kldsim__synth_origin){0, 0};
}

static int32_t
resolved(const void *arg, int32_t type)
{
	const struct kldsim__spec *spec = arg;

	return type > PENDING_END ? type :
	    spec->refs[(int64_t)type - INT32_MIN].type;
}

static void
resolve_all(struct names *names)
{
	struct kldsim__spec *spec = names->spec;
	size_t i;

	sort_names(names);
	for (i = 0; i < spec->nrefs && !kldsim__spec_bad(spec); i++)
		resolve(names, &spec->refs[i]);
	note_pointers(names);
	for (i = 0; i < spec->nrefs && !kldsim__spec_bad(spec); i++)
		derive(names, &spec->refs[i]);
	if (!kldsim__spec_bad(spec))
		kldsim__synth_ctf_change(spec->synth, resolved, spec);
}

/* All of the spec is read: look up what was told by name. */
void
kldsim__spec_resolve_types(struct kldsim__spec *spec)
{
	struct names names = {.spec = spec};

	if (kldsim__spec_bad(spec) || spec->nrefs == 0)
		return;
	if (spec->synth->ctf != NULL)
		names.named = calloc(spec->synth->ctf->ntypes,
		    sizeof(*names.named));
	if (names.named == NULL)
		spec->error.status = KLDSIM_NOMEM;
	else
		resolve_all(&names);
	free(names.named);
	free(names.derived);
}
