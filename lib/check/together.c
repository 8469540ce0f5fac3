/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which modules cannot be loaded together, as modspace does not suffice.  It is
 * one piece when no module is loaded, of which each set takes a rounded part
 * from the front, so that sums say it.
 */

#include "check/guilt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/memory.h>

#include "util/path.h"
#include "util/strmap.h"

/* Of so many modules that do not fit it is said beside which they do not. */
#define MOST_PAIRS 64u

static const char *const names[2] = {
	[KLDSIM_SET_DPCPU] = "set_pcpu",
	[KLDSIM_SET_VNET] = "set_vnet",
};

struct room {
	struct kldsim_check *check;
	enum kldsim_set set;
	kldsim_size free;
	/* Modules that want something, those that need least first. */
	struct wish {
		size_t module;
		kldsim_size needed;
		const struct kldsim__check_kept *kept;
	} *wishes;
	size_t count;
	/* Files that are in, by name; each takes its part once. */
	struct kldsim__strmap in;
	kldsim_size taken;
};

static int
compare(const void *va, const void *vb)
{
	const struct wish *a = va, *b = vb;

	if (a->needed != b->needed)
		return (a->needed < b->needed ? -1 : 1);
	return (a->module < b->module ? -1 : a->module > b->module);
}

static bool
find_wishes(struct room *room)
{
	const struct kldsim_check *check = room->check;

	room->wishes = kldsim__calloc(&check->alloc, check->count + 1,
	    sizeof(*room->wishes));
	if (room->wishes == NULL)
		return (false);
	for (size_t i = 0; i < check->count; i++) {
		const struct kldsim__check_kept *kept =
		    &check->guilts->kept[i];

		if (kept->verdicts[0] == KLDSIM_CHECK_OK &&
		    kept->needed[room->set] != 0)
			room->wishes[room->count++] = (struct wish){ i,
			    kept->needed[room->set], kept };
	}
	qsort(room->wishes, room->count, sizeof(*room->wishes), compare);
	return (true);
}

/* What a module takes besides the files that are in. */
static kldsim_size
cost_of(const struct room *room, const struct wish *wish)
{
	kldsim_size cost = 0;
	uint32_t ignored;

	for (size_t i = 0; i < wish->kept->nparts; i++)
		if (!kldsim__strmap_get(&room->in, wish->kept->parts[i].name,
		    &ignored))
			cost += wish->kept->parts[i].modspace[room->set];
	return (cost);
}

static bool
put_in(struct room *room, const struct wish *wish)
{
	room->taken += cost_of(room, wish);
	for (size_t i = 0; i < wish->kept->nparts; i++)
		if (!kldsim__strmap_add(&room->in, wish->kept->parts[i].name,
		    0))
			return (false);
	return (true);
}

/* --- all of them --- */

/* Of files with one name the largest, so from the end. */
static bool
sum_up(struct room *room, kldsim_size *wanted_ret)
{
	bool good = true;

	kldsim__strmap_init(&room->in, &room->check->alloc);
	room->taken = 0;
	for (size_t i = room->count; i-- > 0 && good;)
		good = put_in(room, &room->wishes[i]);
	*wanted_ret = room->taken;
	kldsim__strmap_fini(&room->in);
	return (good);
}

/* Whether a file of its name is in: it is the same, or cannot be loaded. */
static bool
is_in(const struct room *room, const struct wish *wish)
{
	uint32_t ignored;

	return (kldsim__strmap_get(&room->in, kldsim__basename(
	    room->check->entries[wish->module].path), &ignored));
}

/* The smallest first: so most of them fit. */
static bool
find_left(struct room *room, size_t *left, size_t *nleft_ret)
{
	bool good = true;

	kldsim__strmap_init(&room->in, &room->check->alloc);
	room->taken = 0;
	for (size_t i = 0; i < room->count && good; i++) {
		const struct wish *wish = &room->wishes[i];

		if (is_in(room, wish))
			continue;
		if (cost_of(room, wish) > room->free - room->taken)
			left[(*nleft_ret)++] = i;
		else
			good = put_in(room, wish);
	}
	kldsim__strmap_fini(&room->in);
	return (good);
}

/* --- saying it --- */

static bool
same_file(const struct room *room, const struct wish *a, const struct wish *b)
{
	return (strcmp(kldsim__basename(room->check->entries[a->module].path),
	    kldsim__basename(room->check->entries[b->module].path)) == 0);
}

/* The smallest one beside which another does not fit; NULL: there is none. */
static bool
find_rival(struct room *room, const struct wish *wish,
    const struct wish **rival_ret)
{
	bool good;

	kldsim__strmap_init(&room->in, &room->check->alloc);
	room->taken = 0;
	good = put_in(room, wish);
	*rival_ret = NULL;
	for (size_t i = 0; i < room->count && good && *rival_ret == NULL; i++)
		if (!same_file(room, wish, &room->wishes[i]) &&
		    cost_of(room, &room->wishes[i]) > room->free -
		    room->taken)
			*rival_ret = &room->wishes[i];
	kldsim__strmap_fini(&room->in);
	return (good);
}

static bool
tell(struct room *room, const struct wish *wish, bool pairs)
{
	struct kldsim_check *check = room->check;
	const char *path = check->entries[wish->module].path;
	const struct wish *rival = NULL;

	if (pairs && !find_rival(room, wish, &rival))
		return (false);
	if (rival == NULL)
		return (kldsim__check_guilty(check,
		    KLDSIM__F_MODSPACE_TOGETHER, wish->module, path, NULL,
		    "needs %" PRIu64 " of the %" PRIu64 " bytes that %s has "
		    "for modules: no room is left where all that need less "
		    "are loaded", wish->needed, room->free,
		    names[room->set]) != NULL);
	return (kldsim__check_guilty(check, KLDSIM__F_MODSPACE_TOGETHER,
	    wish->module, path, NULL, "needs %" PRIu64 " of the %" PRIu64
	    " bytes that %s has for modules, and %.200s %" PRIu64 ": they "
	    "cannot be loaded together", wish->needed, room->free,
	    names[room->set], kldsim__basename(
	    check->entries[rival->module].path), rival->needed) != NULL);
}

static bool
check_room(struct room *room, struct kldsim_check_modspace *modspace)
{
	size_t *left, nleft = 0;

	if (!sum_up(room, &modspace->wanted))
		return (false);
	if (modspace->wanted <= modspace->free)
		return (true);
	left = kldsim__arena_calloc(&room->check->arena, room->count,
	    sizeof(*left));
	if (left == NULL || !find_left(room, left, &nleft))
		return (false);
	for (size_t i = nleft; i-- > 0;)
		if (!tell(room, &room->wishes[left[i]],
		    nleft - i <= MOST_PAIRS))
			return (false);
	for (size_t i = 0; i < nleft; i++)
		left[i] = room->wishes[left[i]].module;
	modspace->left = left;
	modspace->nleft = nleft;
	return (true);
}

bool
kldsim__check_modspaces(struct kldsim_check *check)
{
	bool good = true;

	for (int which = 0; which < 2 && good; which++) {
		struct kldsim_check_modspace *modspace =
		    &check->guilts->modspace[which];
		struct room room = { .check = check,
			.set = (enum kldsim_set)which };
		struct kldsim_set_info info;

		kldsim_set_info(check->sim, room.set, &info);
		modspace->present = info.present && info.has_modspace;
		if (!modspace->present)
			continue;
		modspace->size = info.modspace_size;
		modspace->free = room.free = info.modspace_free;
		good = find_wishes(&room) && check_room(&room, modspace);
		kldsim__free(&check->alloc, room.wishes);
	}
	return (good);
}
