/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The list of modules as gdb asks for it: each section at its final place,
 * which is the reference copy for one of a set (E-53).
 */

#include <inttypes.h>

#include "core/placed.h"
#include "gdb/gdb.h"

/* Characters that mean something else in a value of XML. */
static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return ("&amp;");
	case '<':
		return ("&lt;");
	case '>':
		return ("&gt;");
	case '"':
		return ("&quot;");
	default:
		return (NULL);
	}
}

/* XML has no way to write control characters. */
static bool
can_write(const char *path)
{
	for (; *path != '\0'; path++)
		if ((unsigned char)*path < ' ' || *path == 0x7f)
			return (false);
	return (true);
}

static void
put_path(struct kldsim__text *text, const char *path)
{
	for (; *path != '\0'; path++) {
		const char *name = entity(*path);

		if (name != NULL)
			kldsim__text_puts(text, name);
		else
			kldsim__text_add(text, path, 1);
	}
}

static void
put_file(struct kldsim_gdb *gdb, const char *path,
    const struct kldsim__placed *placed)
{
	const uint64_t mask = kldsim__arch_ptrsz(gdb->sim->arch) == 8 ?
	    UINT64_MAX : UINT32_MAX;
	struct kldsim__text *text = &gdb->libraries;

	kldsim__text_puts(text, "<library name=\"");
	put_path(text, path);
	kldsim__text_puts(text, "\">");
	for (size_t i = 0; i < placed->nsections; i++)
		kldsim__text_printf(text, "<section address=\"0x%" PRIx64
		    "\"/>", (placed->sections[i].address -
		    placed->sections[i].sh_addr) & mask);
	kldsim__text_puts(text, "</library>\n");
}

void
kldsim__gdb_list_libraries(struct kldsim_gdb *gdb)
{
	struct kldsim *sim = gdb->sim;
	struct kldsim__text *text = &gdb->libraries;

	kldsim__text_puts(text, "<library-list version=\"1.0\">\n");
	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__FILE(l);
		struct kldsim__placed placed;
		const char *path;

		if (file == sim->linker.kernel)
			continue;
		path = kldsim__overlay_path(&gdb->overlay, file);
		if (path == NULL ||
		    kldsim__placed_init(&placed, sim, file) != 0)
			text->failed = true;
		else if (placed.nsections != 0 && can_write(path))
			put_file(gdb, path, &placed);
		if (path != NULL)
			kldsim__placed_fini(&placed);
	}
	kldsim__text_puts(text, "</library-list>\n");
}
