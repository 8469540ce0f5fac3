/* SPDX-License-Identifier: BSD-2-Clause */

/* What a file refers to: reading it, and what was read. */

#include "refs/refs.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/sized.h"

bool
kldsim__refs_fail(struct kldsim__refs_reader *reader,
    enum kldsim_status status, const char *format, ...)
{
	struct kldsim_error *error = reader->error;
	char what[256];
	va_list args;

	if (reader->status != KLDSIM_OK)
		return (false);
	reader->status = status;
	if (error == NULL)
		return (false);
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	(void)kldsim__error_set(error, status, "%s: %s", reader->name, what);
	return (false);
}

bool
kldsim__refs_nomem(struct kldsim__refs_reader *reader)
{
	return (kldsim__refs_fail(reader, KLDSIM_NOMEM, "no memory"));
}

bool
kldsim__refs_work(struct kldsim__refs_reader *reader, uint64_t steps)
{
	if (steps > reader->work)
		return (kldsim__refs_fail(reader, KLDSIM_LIMIT, "it takes more "
		    "steps than the limit work=%ju",
		    (uintmax_t)reader->limits.work));
	reader->work -= steps;
	return (true);
}

void
kldsim_refs_options_init(struct kldsim_refs_options *options, size_t size)
{
	static const struct kldsim_refs_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

const char *
kldsim__refs_options(const struct kldsim_refs_options *given,
    struct kldsim_refs_options *options)
{
	const char *wrong;

	kldsim_refs_options_init(options, sizeof(*options));
	wrong = kldsim__sized_take(options, sizeof(*options), given);
	kldsim__limits_defaults(&options->limits);
	return (wrong);
}

/* --- order --- */

static int
by_name(const void *one, const void *other)
{
	const struct kldsim__refs_variable *a = one, *b = other;

	if (a->told.prefix != b->told.prefix)
		return (a->told.prefix < b->told.prefix ? -1 : 1);
	return (strcmp(a->told.name, b->told.name));
}

/* Two symbols of one name are one import. */
static void
merge(struct kldsim__refs_variable *into,
    const struct kldsim__refs_variable *from)
{
	struct kldsim_refs_variable told = from->told;

	if (told.references == 0 || (into->told.references != 0 &&
	    into->first < from->first))
		told = into->told;
	else
		into->first = from->first;
	told.references = into->told.references + from->told.references;
	told.got = into->told.got + from->told.got;
	told.weak = into->told.weak && from->told.weak;
	into->told = told;
}

static void
sort_imports(struct kldsim__refs_list *imports)
{
	size_t n = 0;

	if (imports->count == 0)
		return;
	qsort(imports->all, imports->count, sizeof(*imports->all), by_name);
	for (size_t i = 1; i < imports->count; i++)
		if (by_name(&imports->all[n], &imports->all[i]) == 0)
			merge(&imports->all[n], &imports->all[i]);
		else
			imports->all[++n] = imports->all[i];
	imports->count = n + 1;
}

/* --- reading --- */

static bool
find_use(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs_info *info = &reader->refs->info;
	bool mentioned;

	if (info->imports != 0)
		info->use = KLDSIM_REFS_IMPORTS;
	else if (info->own != 0 || info->set[0] != 0 || info->set[1] != 0)
		info->use = KLDSIM_REFS_OWN;
	else if (reader->hooks)
		info->use = KLDSIM_REFS_HOOKS;
	else if (!kldsim__refs_mentioned(reader, &mentioned))
		return (false);
	else
		info->use = mentioned ? KLDSIM_REFS_MENTIONS :
		    KLDSIM_REFS_NOTHING;
	return (true);
}

static bool
tell(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs *refs = reader->refs;
	struct kldsim_refs_info *info = &refs->info;

	sort_imports(&refs->imports);
	for (size_t i = 0; i < refs->imports.count; i++)
		info->references += refs->imports.all[i].told.references;
	for (size_t i = 0; i < refs->own.count; i++)
		info->own_references += refs->own.all[i].told.references;
	info->imports = (uint32_t)refs->imports.count;
	info->own = (uint32_t)refs->own.count;
	return (find_use(reader));
}

/* And whether the kernels are for the same. */
static void
take_machine(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs *refs = reader->refs;

	refs->machine = reader->elf.ehdr.e_machine;
	refs->is64 = reader->elf.is64;
	refs->big = reader->elf.big;
	refs->info.foreign = reader->kernels != NULL &&
	    !kldsim__refs_same_machine(refs,
	    kldsim__refs_last(reader->kernels)->refs);
}

static bool
read_file(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs *refs = reader->refs;

	refs->info.file = kldsim__arena_strdup(&refs->arena, reader->name);
	if (refs->info.file == NULL)
		return (kldsim__refs_nomem(reader));
	if (!kldsim__refs_open(reader) || !kldsim__refs_names(reader))
		return (false);
	take_machine(reader);
	refs->info.relocatable = reader->elf.ehdr.e_type == ET_REL;
	refs->info.kernel = !refs->info.relocatable &&
	    kldsim_image_is_kernel(reader->image);
	/* A kernel is bound already, and asked for what it has alone. */
	if (!refs->info.kernel) {
		if (!kldsim__refs_scan(reader))
			return (false);
		kldsim__refs_modules(reader);
	}
	return (reader->status == KLDSIM_OK && tell(reader));
}

/* Of an image, or of parts. */
static enum kldsim_status
read_from(struct kldsim__refs_reader *reader,
    const struct kldsim_refs_options *given, struct kldsim_refs **refs_ret)
{
	struct kldsim_refs_options options;
	struct kldsim__alloc alloc;
	const char *wrong;

	wrong = kldsim__refs_options(given, &options);
	if (wrong != NULL) {
		(void)kldsim__refs_fail(reader, KLDSIM_ARG, "%s", wrong);
		return (reader->status);
	}
	kldsim__alloc_init(&alloc, &options.allocator);
	reader->limits = options.limits;
	reader->work = options.limits.work;
	reader->refs = kldsim__calloc(&alloc, 1, sizeof(*reader->refs));
	if (reader->refs == NULL) {
		(void)kldsim__refs_nomem(reader);
		return (reader->status);
	}
	reader->refs->alloc = alloc;
	kldsim__arena_init(&reader->refs->arena, &reader->refs->alloc);
	if (kldsim__refs_parts_init(reader) && read_file(reader))
		*refs_ret = reader->refs;
	else
		kldsim_refs_free(reader->refs);
	kldsim__refs_parts_fini(reader, &alloc);
	kldsim__free(&alloc, reader->shdr);
	kldsim__free(&alloc, reader->slots);
	return (reader->status);
}

enum kldsim_status
kldsim_refs_read(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *given, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim__refs_reader reader = { .image = image,
		.name = kldsim__image_name(image), .kernels = kernels,
		.error = error_ret };

	return (read_from(&reader, given, refs_ret));
}

enum kldsim_status
kldsim_refs_read_path(struct kldsim_source *source, const char *path,
    const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *given, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim__refs_reader reader = { .name = path,
		.kernels = kernels, .error = error_ret };
	struct kldsim__open_file file;
	struct kldsim_image *image;
	enum kldsim_status status = kldsim__source_open(source, path, true,
	    &file, error_ret);

	if (status == KLDSIM_OK && kldsim__refs_parts_open(&reader.parts,
	    &file)) {
		status = read_from(&reader, given, refs_ret);
		kldsim__source_close(&file);
		return (status);
	}
	if (status == KLDSIM_OK) {
		kldsim__source_close(&file);
		status = kldsim_source_image(source, path, &image, error_ret);
	}
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_refs_read(image, kernels, given, refs_ret, error_ret);
	kldsim_image_unref(image);
	return (status);
}

void
kldsim_refs_free(struct kldsim_refs *refs)
{
	struct kldsim__alloc alloc;

	if (refs == NULL)
		return;
	alloc = refs->alloc;
	kldsim__free(&alloc, refs->imports.all);
	kldsim__free(&alloc, refs->own.all);
	kldsim__free(&alloc, refs->needs.all);
	kldsim__free(&alloc, refs->provides.all);
	kldsim__arena_fini(&refs->arena);
	kldsim__free(&alloc, refs);
}

void
kldsim_refs_info(const struct kldsim_refs *refs,
    struct kldsim_refs_info *info_ret)
{
	*info_ret = refs->info;
}

enum kldsim_status
kldsim_refs_variable(const struct kldsim_refs *refs, uint32_t index,
    struct kldsim_refs_variable *variable_ret)
{
	memset(variable_ret, 0, sizeof(*variable_ret));
	if (index < refs->imports.count)
		*variable_ret = refs->imports.all[index].told;
	else if (index - refs->imports.count < refs->own.count)
		*variable_ret = refs->own.all[index -
		    refs->imports.count].told;
	else
		return (KLDSIM_NOENT);
	return (KLDSIM_OK);
}

const char *
kldsim_refs_use_name(enum kldsim_refs_use use)
{
	static const char *const names[] = {
		[KLDSIM_REFS_NOTHING] = "nothing",
		[KLDSIM_REFS_MENTIONS] = "mentions",
		[KLDSIM_REFS_HOOKS] = "hooks",
		[KLDSIM_REFS_OWN] = "own",
		[KLDSIM_REFS_IMPORTS] = "imports",
	};

	return ((unsigned)use < sizeof(names) / sizeof(names[0]) ? names[use] :
	    "?");
}
