/* SPDX-License-Identifier: BSD-2-Clause */

/* Names that differ in a few letters or digits. */

#include "who_has/who_has.h"

#include <stdio.h>
#include <string.h>

/* Longer names are compared with nothing. */
#define LONGEST 120u
/* Letters that may differ in a long one. */
#define MOST 2u

/* Which letters a name has, so that most need no closer look. */
static uint64_t
letter(char c)
{
	return (UINT64_C(1) << ((unsigned char)c & 63));
}

static uint64_t
letters_of(const char *name)
{
	uint64_t letters = 0;

	for (; *name != '\0'; name++)
		letters |= letter(*name);
	return (letters);
}

size_t
kldsim__family(const char *name)
{
	const size_t lead = strspn(name, "_"), length = strcspn(name + lead,
	    "_");

	return (length >= 2 && name[lead + length] == '_' ?
	    lead + length + 1 : 0);
}

/* How many bits are set: of two, of four, of eight, and their sum. */
static unsigned
count_bits(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) +
	    (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return ((unsigned)(bits * UINT64_C(0x0101010101010101) >> 56));
}

/* One letter changed is one more and one less at most. */
static bool
differ_in_few(uint64_t a, uint64_t b, unsigned most)
{
	return (count_bits(a ^ b) <= 2 * most);
}

/* Of a longer name than any that is compared no more is read than says so. */
struct kldsim__sketch
kldsim__sketch_of(const char *name)
{
	struct kldsim__sketch sketch = { .letters = 0 };
	const size_t length = strnlen(name, LONGEST + MOST + 1);
	bool leading = true;
	uint32_t hash = 0;

	sketch.length = (uint32_t)length;
	for (size_t i = 0; i < length; i++) {
		hash = hash * 31 + (unsigned char)name[i];
		sketch.letters |= letter(name[i]);
		leading = leading && name[i] == '_';
		if (name[i] == '_' && !leading && sketch.family == 0)
			sketch.family = hash;
	}
	return (sketch);
}

bool
kldsim__may_be_like(const struct kldsim__near *near,
    const struct kldsim__sketch *sketch)
{
	return ((near->family != 0 &&
	    sketch->family == near->sketch.family) ||
	    (near->most != 0 && kldsim__may_be_near(near, sketch->length) &&
	    differ_in_few(sketch->letters, near->sketch.letters,
	    near->most)));
}

bool
kldsim__may_be_near(const struct kldsim__near *near, size_t length)
{
	return (length + near->most >= near->length &&
	    length <= near->length + near->most);
}

static unsigned
least(unsigned a, unsigned b)
{
	return (a < b ? a : b);
}

/* Row by row, each cell of three rows; see the header. */
static unsigned
distance(const char *a, unsigned na, const char *b, unsigned nb)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= nb; j++)
		above[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned *free_row = before;

		row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
			    least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = free_row;
	}
	return (above[nb]);
}

unsigned
kldsim__letters_apart(const char *a, const char *b, unsigned most)
{
	size_t na = strlen(a), nb = strlen(b);

	if (na > nb ? na - nb > most : nb - na > most)
		return (most + 1);
	while (na != 0 && nb != 0 && *a == *b) {
		a++, b++;
		na--, nb--;
	}
	while (na != 0 && nb != 0 && a[na - 1] == b[nb - 1])
		na--, nb--;
	if (na > LONGEST || nb > LONGEST)
		return (most + 1);
	return (distance(a, (unsigned)na, b, (unsigned)nb));
}

void
kldsim__near_init(struct kldsim__near *near, const char *name)
{
	const size_t length = strlen(name);

	memset(near, 0, sizeof(*near));
	near->name = name;
	near->length = length;
	near->sketch = kldsim__sketch_of(name);
	near->most = length > LONGEST || length < 3 ? 0 :
	    length < 6 ? 1 : MOST;
	near->family = length > LONGEST ? 0 : kldsim__family(name);
}

/* Among those that are there: the nearest first, of equals the first met. */
static void
keep(struct kldsim__near *near, const char *name, const char *where,
    unsigned letters)
{
	size_t at = near->count;

	while (at > 0 && near->names[at - 1].letters > letters)
		at--;
	if (at == KLDSIM__NEAR)
		return;
	if (near->count < KLDSIM__NEAR)
		near->count++;
	memmove(&near->names[at + 1], &near->names[at],
	    (near->count - 1 - at) * sizeof(near->names[0]));
	near->names[at].letters = letters;
	(void)snprintf(near->names[at].name, sizeof(near->names[at].name),
	    "%s", name);
	(void)snprintf(near->names[at].where, sizeof(near->names[at].where),
	    "%s", where);
}

static bool
is_known(const struct kldsim__near *near, const char *name)
{
	for (size_t i = 0; i < near->count; i++)
		if (strcmp(near->names[i].name, name) == 0)
			return (true);
	return (false);
}

/* More of them than can be shown would say nothing. */
static void
compare_family(struct kldsim__near *near, const char *name)
{
	if (near->family == 0 ||
	    strncmp(name, near->name, near->family) != 0)
		return;
	if (near->nrelatives < KLDSIM__NEAR)
		near->relatives[near->nrelatives] = name;
	near->nrelatives++;
}

bool
kldsim__near_can_be(const struct kldsim__near *near)
{
	return (near->most != 0 || near->family != 0);
}

void
kldsim__near_merge(struct kldsim__near *near,
    const struct kldsim__near *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (!is_known(near, found->names[i].name))
			keep(near, found->names[i].name,
			    found->names[i].where, found->names[i].letters);
	memcpy(near->relatives, found->relatives, sizeof(near->relatives));
	near->nrelatives = found->nrelatives;
}

void
kldsim__near_keep(struct kldsim__near *near, const char *name,
    const char *where)
{
	if (!is_known(near, name))
		keep(near, name, where, 0);
}

void
kldsim__near_compare(struct kldsim__near *near, const char *name,
    const char *where)
{
	unsigned letters;

	if (*where == '\0')
		compare_family(near, name);
	if (near->most == 0 || !kldsim__may_be_near(near, strnlen(name,
	    near->length + near->most + 1)) || !differ_in_few(
	    letters_of(name), near->sketch.letters, near->most))
		return;
	letters = kldsim__letters_apart(near->name, name, near->most);
	if (letters != 0 && letters <= near->most && !is_known(near, name))
		keep(near, name, where, letters);
}

/* Only where they are few do names that begin alike say something. */
static bool
relatives_text(const struct kldsim__near *near, char *text, size_t size)
{
	size_t n;

	if (near->nrelatives == 0 || near->nrelatives > KLDSIM__NEAR)
		return (false);
	n = (size_t)snprintf(text, size, "near names in the kernel: ");
	for (size_t i = 0; i < near->nrelatives && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%.100s",
		    i == 0 ? "" : ", ", near->relatives[i]);
	return (true);
}

bool
kldsim__near_text(const struct kldsim__near *near, char *text, size_t size)
{
	size_t n;

	if (near->count == 0)
		return (relatives_text(near, text, size));
	n = (size_t)snprintf(text, size, "near names: ");
	for (size_t i = 0; i < near->count && n < size; i++) {
		const struct kldsim__near_name *one = &near->names[i];

		n += (size_t)snprintf(text + n, size - n, "%s%s (in %s)",
		    i == 0 ? "" : ", ", one->name, *one->where == '\0' ?
		    "the kernel" : one->where);
	}
	return (true);
}
