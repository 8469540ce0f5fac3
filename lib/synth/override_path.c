/* SPDX-License-Identifier: BSD-2-Clause */
/* A field by its name: from the text to some bits of a record. */

#include <stdlib.h>
#include <string.h>

#include "synth/override.h"

bool
kldsim__synth_path_number(const char *text, uint64_t *value_ret)
{
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return false;
	*value_ret = strtoull(text, &end, 0);
	return *end == '\0';
}

/* Cut a key at its bracket; the answer is what follows. */
static char *
take_key(char *at, const char **key)
{
	char *end;

	if (*at != '[' || (end = strchr(at, ']')) == NULL)
		return at;
	*key = at + 1;
	*end = '\0';
	return end + 1;
}

/* Take a copy of the name apart, in place. */
static bool
parse(char *text, struct kldsim__synth_path *path)
{
	char *at = text + strcspn(text, "[."), *after, *field;
	char stop = *at;

	path->table = text;
	path->key = path->key2 = NULL;
	after = take_key(at, &path->key);
	if (after != at)
		after = take_key(after, &path->key2);
	if (after == at ? stop != '.' : *after != '.' && *after != '\0')
		return false;
	field = *after == '.' ? after + 1 : NULL;
	*at = '\0';
	path->field = field;
	if (field == NULL)
		return true;
	/* e_ident[4] is the one field that has an index. */
	after = field + strcspn(field, "[");
	if (*after == '[' && take_key(after, &path->key) != after)
		*after = '\0';
	return true;
}

static bool
fits(uint64_t value, unsigned bits)
{
	return bits >= 64 || value >> bits == 0 ||
	    value >> (bits - 1) == UINT64_MAX >> (bits - 1);
}

/* Store a value into some bits of an integer. */
static bool
store(const struct kldsim_synth *synth, unsigned char *at,
    const struct kldsim__synth_spot *spot, uint64_t value)
{
	unsigned bits = spot->bits != 0 ? spot->bits : spot->width * 8u;
	uint64_t mask = bits >= 64 ? UINT64_MAX : (1ull << bits) - 1, old;

	if (!fits(value, bits))
		return false;
	old = kldsim__synth_get(synth, at, spot->width);
	old &= ~(mask << spot->shift);
	kldsim__synth_put(synth, at, spot->width,
	    old | (value & mask) << spot->shift);
	return true;
}

static const struct kldsim__synth_spot *
spot_of(const struct kldsim__synth_path *path,
    const struct kldsim__synth_record *record, bool large,
    struct kldsim__synth_spot *room)
{
	const struct kldsim__synth_field *field = record->fields;

	if (field == NULL) {
		*room = (struct kldsim__synth_spot){
		    .width = (unsigned char)record->width};
		return room;
	}
	while (field->name != NULL && path->field != NULL &&
	    strcmp(field->name, path->field) != 0)
		field++;
	if (field->name == NULL || (path->field == NULL && !record->is_value))
		return NULL;
	return large ? &field->large : &field->small;
}

static const char *
apply(struct kldsim_synth *synth, const struct kldsim__synth_path *path,
    const struct kldsim__synth_target *target, uint64_t value)
{
	const struct kldsim__synth_finder *finder = target->finders;
	struct kldsim__synth_record record = {0, 0, NULL, false};
	const struct kldsim__synth_spot *spot;
	struct kldsim__synth_spot room;

	while (finder->name != NULL && strcmp(finder->name, path->table) != 0)
		finder++;
	if (finder->name == NULL)
		return "no such table";
	if (!finder->find(path, &record))
		return "no such thing in this file";
	spot = spot_of(path, &record, target->large, &room);
	if (spot == NULL)
		return "no such field";
	if (!store(synth, target->bytes + record.offset + spot->offset, spot,
	    value))
		return "the value is too large for the field";
	return NULL;
}

/* Its mistake is at the override; path says only where to look. */
void
kldsim__synth_apply(struct kldsim_synth *synth, struct kldsim__synth_path *path,
    const struct kldsim__synth_target *target,
    const struct kldsim__synth_override *override)
{
	const char *name = (const char *)synth->patches.data + override->name;
	char *copy = malloc(strlen(name) + 1);
	const char *wrong;

	if (copy == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory");
		return;
	}
	synth->origin = override->origin;
	memcpy(copy, name, strlen(name) + 1);
	wrong = parse(copy, path) ?
	    apply(synth, path, target, override->value) :
	    "not TABLE[KEY].FIELD";
	if (wrong != NULL)
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "override \"%.200s\": %s", name, wrong);
	free(copy);
}
