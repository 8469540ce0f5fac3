/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The boot loader: module.c and modinfo.c of stand/common, as far as the
 * kernel linker meets what they do (P-01, P-05, P-10).
 *
 * What the loader tells the kernel's other parts (environment, boothowto,
 * memory maps) is not in the block: nobody here knows it, and the linker does
 * not ask.
 */

#include "loader/boot_loader.h"

#include <errno.h>
#include <string.h>

#include "kern/foreign_file.h"
#include "linker_class/refusal.h"
#include "loader/gzipfs.h"
#include "search/search.h"
#include "source/source.h"
#include "util/path.h"

/* file_formats[]. */
static const kldsim__file_format formats[] = {
	kldsim__load_elf_obj,
	kldsim__load_elf_module,
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

/* --- the kernel --- */

/*
 * Where the first file goes: behind the kernel and the symbols that are left
 * there (P-10, P-12), unless the options say otherwise.
 */
static kldsim_addr
first_free(const struct kldsim *sim, const struct kldsim__preloaded_file *kernel)
{
	return (sim->options.kernel_end != 0 ? sim->load_floor :
	    kernel->addr + kernel->size);
}

int
kldsim__boot_loader_begin(struct kldsim__boot_loader *loader,
    struct kldsim *sim, struct kldsim_image *kernel, const char *pathname,
    const struct kldsim__elf_headers *headers)
{
	const struct kldsim__load_elf from = { .headers = *headers };
	struct kldsim__preloaded_file *file = &loader->kernel.file;

	loader->sim = sim;
	kldsim__arena_init(&loader->arena, &sim->alloc);
	loader->kernel.image = kernel;
	file->name = pathname;
	file->type = KLDSIM__TYPE_KERNEL;
	kldsim__load_elf_records(&from, kldsim__arch_ptrsz(sim->arch), file);
	loader->loadaddr = first_free(sim, file);
	return (sim->options.preload_dependencies ?
	    kldsim__loader_kernel_modules(loader) : 0);
}

/* --- files --- */

/* No path, and no file that is just there, which is taken as it is. */
static int
is_module(struct kldsim *sim, const char *name, bool *module_ret)
{
	struct kldsim__source_stat st;
	bool there = true;
	int error = 0;

	if (strchr(name, '/') == NULL && kldsim__source_stat(
	    sim->search.source, name, true, &st, NULL) != KLDSIM_OK)
		error = kldsim__gzipfs_has(sim, name, &there);
	*module_ret = !there;
	return (error);
}

/* The loader searches along its path for what is no path. */
static int
find_file(struct kldsim__boot_loader *loader, const char *name,
    const char **path_ret)
{
	struct kldsim *sim = loader->sim;
	char *found = NULL;
	bool module;
	int error = is_module(sim, name, &module);

	if (error == 0 && module)
		error = kldsim__loader_search(sim, name, NULL, &found);
	if (error == 0) {
		*path_ret = kldsim__arena_strdup(&loader->arena,
		    found != NULL ? found : name);
		if (*path_ret == NULL)
			error = kldsim__nomem(sim);
	}
	kldsim__free(&sim->alloc, found);
	return (error);
}

static int
open_image(struct kldsim *sim, const char *path,
    struct kldsim_image **image_ret)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	bool packed;
	int failed;

	if (kldsim_source_image(sim->search.source, path, image_ret, &error) ==
	    KLDSIM_OK)
		return (0);
	if (error.status != KLDSIM_SYS)
		return (kldsim__fail(sim, error.status, "%s", error.text));
	failed = kldsim__gzipfs_has(sim, path, &packed);
	if (failed == 0 && packed)
		failed = kldsim__gzipfs_open(sim, path, image_ret);
	if (failed != 0 || *image_ret != NULL)
		return (failed);
	if (error.sys_errno == ENOENT)
		(void)kldsim__refuse_missing(sim, path, strchr(path, '/') ==
		    NULL ? KLDSIM__ASKED_MODULE : KLDSIM__ASKED_PATH);
	else
		kldsim__note_unopened(sim, path, &error);
	return (kldsim__errno_from_host(error.sys_errno));
}

/* The address that the options have for a file, 0 if they have none. */
static kldsim_addr
chosen_address(const struct kldsim *sim, const char *path)
{
	for (size_t i = 0; i < sim->options.nplacements; i++)
		if (strcmp(sim->options.placements[i].file,
		    kldsim__basename(path)) == 0)
			return (sim->options.placements[i].address);
	return (0);
}

/* file_insert_tail(). */
static int
insert_tail(struct kldsim__boot_loader *loader, struct kldsim__loaded *loaded)
{
	struct kldsim__loaded **files;
	size_t cap = loader->files_cap;

	if (loader->nfiles == cap) {
		cap = cap == 0 ? 8 : cap * 2;
		files = kldsim__arena_calloc(&loader->arena, cap,
		    sizeof(struct kldsim__loaded *));
		if (files == NULL)
			return (kldsim__nomem(loader->sim));
		for (size_t i = 0; i < loader->nfiles; i++)
			files[i] = loader->files[i];
		loader->files = files;
		loader->files_cap = cap;
	}
	loader->files[loader->nfiles++] = loaded;
	return (0);
}

/* file_load(): the first format that knows the file. */
static int
load_file(struct kldsim__boot_loader *loader, struct kldsim__loaded *loaded)
{
	const struct kldsim *sim = loader->sim;
	kldsim_addr dest = chosen_address(sim, loaded->file.name);
	int error = KLDSIM__EFTYPE;

	if (dest == 0)
		dest = kldsim__roundup2(loader->loadaddr,
		    sim->arch->page_size);
	loader->loadaddr = dest;
	for (size_t i = 0; i < NFORMATS && error == KLDSIM__EFTYPE; i++) {
		loaded->file.nmetadata = 0;
		error = formats[i](loader, loaded, dest);
	}
	if (error == 0)
		loader->loadaddr = loaded->file.addr + loaded->file.size;
	return (error);
}

/* No format knows the file: why? */
static void
explain(struct kldsim *sim, const struct kldsim__loaded *loaded, size_t kind)
{
	if (kind != KLDSIM__NO_FINDING)
		kldsim__report_refuses(&sim->report, kind);
	else
		kldsim__explain_refusal(sim, loaded->image,
		    loaded->file.name);
}

int
kldsim__boot_loader_file(struct kldsim__boot_loader *loader,
    struct kldsim_image *image, const char *path)
{
	const size_t refusals = loader->sim->report.nrefusals;
	struct kldsim__loaded *loaded;
	size_t kind;
	int error = 0;

	loaded = kldsim__arena_calloc(&loader->arena, 1, sizeof(*loaded));
	if (loaded == NULL)
		return (kldsim__nomem(loader->sim));
	loaded->file.name = path;
	if (image != NULL)
		loaded->image = kldsim_image_ref(image);
	else
		error = open_image(loader->sim, path, &loaded->image);
	if (error == 0) {
		kind = kldsim__note_kind(loader->sim, loaded->image, path);
		error = load_file(loader, loaded);
		if (error > 0 && loader->sim->report.nrefusals == refusals)
			explain(loader->sim, loaded, kind);
	}
	if (error == 0)
		error = insert_tail(loader, loaded);
	if (error != 0)
		kldsim_image_unref(loaded->image);
	return (error);
}

/*
 * Whoever names FILE.gz means the file that the loader sees in it: FILE, which
 * is what loader.conf calls it.
 */
static int
unpack(struct kldsim__boot_loader *loader, struct kldsim_preload *preload)
{
	struct kldsim *sim = loader->sim;
	struct kldsim_image *packed = preload->image, *image;
	struct kldsim_error error;
	const char *path;
	int failed;

	if (packed != NULL)
		packed = kldsim_image_ref(packed);
	else if (kldsim_source_image(sim->search.source, preload->path,
	    &packed, &error) != KLDSIM_OK)
		return (0); /* that is told when it is opened */
	path = kldsim__arena_strndup(&loader->arena, preload->path,
	    strlen(preload->path) - strlen(".gz"));
	failed = path == NULL ? kldsim__nomem(sim) :
	    kldsim__gzipfs_unpack(sim, packed, path, &image);
	kldsim_image_unref(packed);
	if (failed != 0 || image == NULL)
		return (failed);
	preload->path = path;
	preload->image = image;
	return (0);
}

static int
load_preload(struct kldsim__boot_loader *loader,
    const struct kldsim_preload *preload, size_t *which_ret)
{
	const bool dependencies = loader->sim->options.preload_dependencies;
	const char *path;
	bool module;
	int error = is_module(loader->sim, preload->path, &module);

	/* A module that is there is not loaded again (P-13). */
	if (error == 0 && dependencies && preload->image == NULL && module &&
	    kldsim__file_findmodule(loader, preload->path, NULL, which_ret))
		return (*which_ret != SIZE_MAX ? 0 :
		    kldsim__loader_has_it(loader, preload->path,
		    "the kernel has the module, compiled in"));
	if (error == 0)
		error = find_file(loader, preload->path, &path);
	if (error == 0 && dependencies)
		return (kldsim__mod_loadkld(loader, preload->image, path,
		    which_ret));
	if (error == 0)
		error = kldsim__boot_loader_file(loader, preload->image, path);
	if (error == 0)
		*which_ret = loader->nfiles - 1;
	return (error);
}

int
kldsim__boot_loader_load(struct kldsim__boot_loader *loader,
    const struct kldsim_preload *preload, size_t *which_ret)
{
	struct kldsim_preload given = *preload;
	int error = 0;

	if (kldsim__is_gz(given.path))
		error = unpack(loader, &given);
	if (error == 0)
		error = load_preload(loader, &given, which_ret);
	if (given.image != preload->image)
		kldsim_image_unref(given.image);
	return (error);
}

/* One extent, or two where the second is zeros; what follows is another's. */
bool
kldsim__boot_loader_unmap(struct kldsim__boot_loader *loader,
    const struct kldsim__preloaded_file *file)
{
	struct kldsim__aspace *space = &loader->sim->space;
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(space, file->addr);
	const kldsim_addr start = extent->start;
	const kldsim_addr end = start + extent->size;

	return ((end >= file->addr + file->size ||
	    kldsim__aspace_unmap(space, end)) &&
	    kldsim__aspace_unmap(space, start));
}

/* --- the block --- */

int
kldsim__boot_loader_finish(struct kldsim__boot_loader *loader,
    const struct kldsim__preloaded **preloaded_ret)
{
	struct kldsim *sim = loader->sim;
	struct kldsim__preload_metadata *md = &sim->booted.metadata;
	const struct kldsim__preloaded_file **files;
	struct kldsim__preloaded *preloaded;
	size_t mod;

	files = kldsim__arena_calloc(&loader->arena, loader->nfiles + 1,
	    sizeof(struct kldsim__preloaded_file *));
	preloaded = kldsim__arena_calloc(&loader->arena, loader->nfiles,
	    sizeof(*preloaded));
	if (files == NULL || preloaded == NULL)
		return (kldsim__nomem(sim));
	md->word = kldsim__arch_ptrsz(sim->arch);
	md->big = kldsim__arch_big(sim->arch);
	files[0] = &loader->kernel.file;
	for (size_t i = 0; i < loader->nfiles; i++)
		files[i + 1] = &loader->files[i]->file;
	if (!kldsim__md_copymodules(md, &sim->arena, files,
	    loader->nfiles + 1))
		return (kldsim__nomem(sim));
	/* Each file's record, for the kernel to begin at. */
	mod = kldsim__preload_search_next_name(md, KLDSIM__NO_MOD);
	for (size_t i = 0; i < loader->nfiles; i++) {
		mod = kldsim__preload_search_next_name(md, mod);
		preloaded[i].mod = mod;
		preloaded[i].image = loader->files[i]->image;
	}
	*preloaded_ret = preloaded;
	return (0);
}

void
kldsim__boot_loader_fini(struct kldsim__boot_loader *loader)
{
	for (size_t i = 0; i < loader->nfiles; i++)
		kldsim_image_unref(loader->files[i]->image);
	loader->nfiles = 0;
	if (loader->sim != NULL)
		kldsim__arena_fini(&loader->arena);
}
