/* SPDX-License-Identifier: BSD-2-Clause */

/* Changes in words (I-52). */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compare/compare.h"

struct place {
	char text[32];
};

/* Bytes in hexadecimal; of bit-fields the bit, too. */
static const char *
place_text(uint64_t bit, uint32_t bits, struct place *place)
{
	if (bits != 0 || bit % 8 != 0)
		(void)snprintf(place->text, sizeof(place->text),
		    "0x%" PRIx64 ":%u", bit / 8, (unsigned)(bit % 8));
	else
		(void)snprintf(place->text, sizeof(place->text),
		    "0x%" PRIx64, bit / 8);
	return (place->text);
}

struct sides {
	const char *module;
	const char *kernel;
};

static void
members_text(const struct kldsim_kbi_change *c, const struct sides *s,
    char *text, size_t size)
{
	struct place at, now;

	(void)place_text(c->module_bit, c->module_bits, &at);
	(void)place_text(c->kernel_bit, c->kernel_bits, &now);
	if (c->kind == KLDSIM_KBI_MOVED && c->more != 0)
		(void)snprintf(text, size, "%s at %s in the %s, at %s in the "
		    "%s, and %u member%s behind it as far", c->member, at.text,
		    s->module, now.text, s->kernel, (unsigned)c->more,
		    c->more == 1 ? "" : "s");
	else if (c->kind == KLDSIM_KBI_MOVED)
		(void)snprintf(text, size, "%s at %s in the %s, at %s in the "
		    "%s", c->member, at.text, s->module, now.text, s->kernel);
	else if (c->kind == KLDSIM_KBI_ADDED)
		(void)snprintf(text, size, "%s (%s) at %s in the %s alone",
		    c->member, c->kernel_type, now.text, s->kernel);
	else if (c->kind == KLDSIM_KBI_REMOVED)
		(void)snprintf(text, size, "%s (%s) at %s in the %s alone",
		    c->member, c->module_type, at.text, s->module);
	else if (c->kind == KLDSIM_KBI_RENAMED)
		(void)snprintf(text, size, "%s at %s is called %s in the %s",
		    c->member, at.text, c->kernel_member, s->kernel);
	else if (c->kernel_member != NULL)
		(void)snprintf(text, size, "%s at %s, which is spare, is %s "
		    "at %s in the %s", c->member, at.text, c->kernel_member,
		    now.text, s->kernel);
	else
		(void)snprintf(text, size, "%s is spare, and another part of "
		    "it is in use", c->member);
}

/* Of a bit-field, how many bits; else how it, or a variable, is declared. */
static void
types_text(const struct kldsim_kbi_change *c, const struct sides *s,
    char *text, size_t size)
{
	if (c->module_bits != c->kernel_bits && c->module_bits != 0 &&
	    c->kernel_bits != 0)
		(void)snprintf(text, size, "%s has %u bits in the %s, %u in "
		    "the %s", c->member, (unsigned)c->module_bits, s->module,
		    (unsigned)c->kernel_bits, s->kernel);
	else
		(void)snprintf(text, size, "%s is %s in the %s, %s in the %s",
		    *c->member != '\0' ? c->member : "it", c->module_type,
		    s->module, c->kernel_type, s->kernel);
}

void
kldsim_kbi_change_text(const struct kldsim_kbi_change *c,
    enum kldsim_kbi_mode mode, char *text, size_t size)
{
	static const struct sides one = { "module", "kernel" };
	static const struct sides two = { "old kernel", "new one" };
	static const struct sides linked = { "module", "other module" };
	const struct sides *s = mode == KLDSIM_KBI_AGAINST ? &two :
	    mode == KLDSIM_KBI_LINKED ? &linked : &one;

	switch (c->kind) {
	case KLDSIM_KBI_RESIZED:
	case KLDSIM_KBI_RETYPED:
	case KLDSIM_KBI_SIGN:
		types_text(c, s, text, size);
		return;
	case KLDSIM_KBI_VALUE:
		(void)snprintf(text, size, "%s is %" PRId64 " in the %s, %"
		    PRId64 " in the %s", c->member, c->module_value,
		    s->module, c->kernel_value, s->kernel);
		return;
	case KLDSIM_KBI_ARGUMENTS:
		(void)snprintf(text, size, "%" PRId64 " arguments in the %s, "
		    "%" PRId64 " in the %s", c->module_value, s->module,
		    c->kernel_value, s->kernel);
		return;
	case KLDSIM_KBI_ARGUMENT:
		(void)snprintf(text, size, "argument %" PRId64 " is %s in the "
		    "%s, %s in the %s", c->module_value, c->module_type,
		    s->module, c->kernel_type, s->kernel);
		return;
	case KLDSIM_KBI_RESULT:
		(void)snprintf(text, size, "it returns %s in the %s, %s in "
		    "the %s", c->module_type, s->module, c->kernel_type,
		    s->kernel);
		return;
	default:
		members_text(c, s, text, size);
		return;
	}
}
