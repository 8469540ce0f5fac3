/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "core/script.h"
#include "kern/bad_news.h"

const struct kldsim__script_set kldsim__script_sets[2] = {
	[KLDSIM_SET_DPCPU] = { "pcpu_entry_", "CPU", "PCPU", "dprint" },
	[KLDSIM_SET_VNET] = { "vnet_entry_", "vnet", "V", "vprint" },
};

const struct kldsim__set *
kldsim__script_set(const struct kldsim *sim, enum kldsim_set which)
{
	return (which == KLDSIM_SET_DPCPU ? &sim->dpcpu : &sim->vnet);
}

static bool
all_of(const char *text, const char *besides)
{
	for (; *text != '\0'; text++) {
		const char c = *text;

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && strchr(besides, c) == NULL)
			return (false);
	}
	return (true);
}

bool
kldsim__script_path_fits(const char *path)
{
	return (path[0] != '\0' && all_of(path, "/._-+,:=@%~ ()"));
}

const char *
kldsim__script_leaves_out(const struct kldsim__file *file, const char *path)
{
	if (kldsim__image_is_packed(file->image))
		return ("it is packed");
	return (kldsim__script_path_fits(path) ? NULL :
	    "its name has characters that do not fit here");
}

bool
kldsim__script_word_fits(const char *word)
{
	return (word[0] != '\0' && word[0] != '-' && all_of(word, "._$-"));
}

int
kldsim__script_each_module(struct kldsim__core *core,
    struct kldsim__text *text, kldsim__script_module_fn *told)
{
	struct kldsim *sim = core->sim;
	int error = 0;

	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__FILE(l);
		struct kldsim__placed placed = { .alloc = NULL };
		const char *path, *why;

		if (file == sim->linker.kernel || error != 0)
			continue;
		path = kldsim__overlay_path(&core->overlay, file);
		error = path == NULL ? KLDSIM__ABORT :
		    kldsim__placed_init(&placed, sim, file);
		why = error == 0 ? kldsim__script_leaves_out(file, path) : NULL;
		if (why != NULL)
			kldsim__text_printf(text, "# File %d is left out: "
			    "%s.\n", file->id, why);
		else if (error == 0)
			error = told(core, text, path, &placed);
		kldsim__placed_fini(&placed);
	}
	return (error);
}

static bool
is_variable(const char *name)
{
	const size_t length = strlen(kldsim__script_sets[0].prefix);

	/* Both prefixes are of one length. */
	return (strncmp(name, kldsim__script_sets[0].prefix, length) == 0 ||
	    strncmp(name, kldsim__script_sets[1].prefix, length) == 0);
}

static void
walk(const struct kldsim__symview *view, struct kldsim__text *text,
    kldsim__script_variable_fn *told)
{
	for (uint32_t i = 0; i < view->count; i++) {
		struct kldsim__sym sym;
		const char *name = kldsim__sym_name(view,
		    kldsim__sym_name_offset(view, i));

		if (name == NULL || !is_variable(name))
			continue;
		kldsim__sym_get(view, i, &sym);
		if (sym.shndx != SHN_UNDEF && kldsim__script_word_fits(name))
			told(text, name, sym.size);
	}
}

/* A table and its strings, if all of both is in the file. */
static bool
view_table(const struct kldsim__headers *headers, const GElf_Shdr *table,
    struct kldsim__symview *view)
{
	const struct kldsim__elf *elf = &headers->elf;
	const GElf_Shdr *strings;

	if (table->sh_link >= headers->count)
		return (false);
	strings = &headers->shdr[table->sh_link];
	if (!kldsim__in_range(table->sh_offset, table->sh_size, elf->size) ||
	    !kldsim__in_range(strings->sh_offset, strings->sh_size, elf->size))
		return (false);
	view->is64 = elf->is64;
	view->big = elf->big;
	view->syms = elf->bytes + table->sh_offset;
	view->count = (uint32_t)(table->sh_size / (elf->is64 ? 24 : 16));
	kldsim__symview_set_strings(view, elf->bytes + strings->sh_offset,
	    strings->sh_size);
	return (true);
}

/* Its full table, or what a stripped file has left. */
static void
walk_file(const struct kldsim__headers *headers, struct kldsim__text *text,
    kldsim__script_variable_fn *told)
{
	static const uint32_t types[] = { SHT_SYMTAB, SHT_DYNSYM };
	struct kldsim__symview view;

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < headers->count; i++)
			if (headers->shdr[i].sh_type == types[t] &&
			    view_table(headers, &headers->shdr[i], &view)) {
				walk(&view, text, told);
				return;
			}
}

int
kldsim__script_each_variable(struct kldsim__core *core,
    struct kldsim__text *text, kldsim__script_variable_fn *told)
{
	struct kldsim__headers headers;
	int error = 0;

	KLDSIM__FOREACH(l, &core->sim->linker.files) {
		if (error != 0)
			break;
		error = kldsim__headers_read(&headers, core->sim,
		    KLDSIM__FILE(l));
		if (error == 0)
			walk_file(&headers, text, told);
		kldsim__free(&core->sim->alloc, headers.shdr);
	}
	return (error);
}

int
kldsim__script_end(struct kldsim__core *core, struct kldsim__text *text,
    int error)
{
	if (error == 0 && text->failed)
		error = kldsim__nomem(core->sim);
	if (error == 0)
		error = kldsim__core_put(core, text->bytes, text->size);
	kldsim__text_fini(text);
	return (error);
}
