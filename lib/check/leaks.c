/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a module has because local symbols leak (V-15).  Each of its imports is
 * looked up once more, as if they did not; where the answer is another one, the
 * module is loaded again, to see what the linker says with the switch off.
 */

#include "check/guilt.h"

#include <stdio.h>
#include <string.h>

#include <kldsim/snapshot.h>

#include "elf/image.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/trace.h"
#include "util/path.h"

/* Who has a symbol; NULL: nobody. */
struct found {
	const struct kldsim__file *file;
	kldsim_addr value;
};

struct leak {
	struct leak *next;
	const char *symbol;
	const char *owner;   /* base name of the file that has it */
	bool obj;            /* which is a relocatable one */
	const char *instead; /* who has it if they do not leak; NULL: nobody */
	bool asked;          /* a relocation asks for it */
};

struct search {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__arena *arena; /* NULL: whether there is any is enough */
	struct leak *leaks, **end;
	uint64_t count;
	bool any;
	bool failed; /* nothing more can be said of the file */
	bool nomem;
};

/* --- looking up --- */

static bool
ask_file(struct search *search, struct kldsim__file *file, const char *name,
    struct found *found)
{
	struct kldsim *sim = search->sim;

	found->file = NULL;
	if (kldsim__work(sim, search->file, 1) != 0 || kldsim__lookup(sim,
	    file, name, false, &found->value) != 0) {
		search->failed = true;
		search->nomem = !sim->abort.panic && sim->abort.error.status ==
		    KLDSIM_NOMEM;
	} else if (found->value != 0)
		found->file = file;
	return (search->failed || found->file != NULL);
}

/* In the linker's order, without what it does besides (O-60). */
static struct found
look_up(struct search *search, const char *name)
{
	struct kldsim__file *file = search->file;
	struct found found = { NULL, 0 };

	if (ask_file(search, file, name, &found))
		return (found);
	for (size_t i = 0; i < file->ndeps; i++)
		if (ask_file(search, file->deps[i], name, &found))
			break;
	return (found);
}

/*
 * The same while local symbols do not leak, as the later releases have it that
 * can be told so.
 */
static struct found
look_up_strictly(struct search *search, const char *name)
{
	struct kldsim *sim = search->sim;
	const struct kldsim__facts facts = sim->facts;
	const int leak_locals = sim->options.leak_locals;
	struct found found;

	sim->facts.leak_locals_knob_obj = true;
	sim->facts.leak_locals_knob_elf = true;
	sim->options.leak_locals = 0;
	found = look_up(search, name);
	sim->facts = facts;
	sim->options.leak_locals = leak_locals;
	return (found);
}

static void
note(struct search *search, const char *name, struct found loose,
    struct found strict)
{
	struct leak *leak;

	search->any = true;
	if (search->arena == NULL || search->count++ >=
	    search->sim->options.limits.findings)
		return;
	leak = kldsim__arena_calloc(search->arena, 1, sizeof(*leak));
	search->failed = search->nomem = leak == NULL || (leak->symbol =
	    kldsim__arena_strdup(search->arena, name)) == NULL ||
	    (leak->owner = kldsim__arena_strdup(search->arena,
	    loose.file->filename)) == NULL || (strict.file != NULL &&
	    (leak->instead = kldsim__arena_strdup(search->arena,
	    strict.file->filename)) == NULL);
	if (search->nomem)
		return;
	leak->obj = strcmp(loose.file->class_name,
	    search->sim->linker.kernel->class_name) != 0;
	*search->end = leak;
	search->end = &leak->next;
}

static void
compare(void *user, const struct kldsim__told_symbol *symbol)
{
	struct search *search = user;
	struct found strict, loose;

	if (search->failed || (search->any && search->arena == NULL))
		return;
	strict = look_up_strictly(search, symbol->name);
	/* Nobody is asked before the kernel but the file itself. */
	if (strict.file == search->sim->linker.kernel &&
	    search->file->ndeps != 0 && search->file->deps[0] == strict.file)
		return;
	loose = look_up(search, symbol->name);
	if (!search->failed && loose.file != NULL && loose.file != search->file &&
	    (loose.file != strict.file || loose.value != strict.value))
		note(search, symbol->name, loose, strict);
}

static void
search_file(struct search *search)
{
	search->end = &search->leaks;
	search->failed = false;
	search->file->class->each_symbol(search->file, KLDSIM__IMPORTS,
	    compare, search);
}

/* Whether one of those that it needs has such symbols. */
static void
search_others(struct search *others, const struct kldsim__file *file)
{
	struct kldsim *sim = others->sim;

	KLDSIM__FOREACH(l, &sim->linker.files) {
		others->file = KLDSIM__FILE(l);
		if (others->file != file && others->file->linked &&
		    others->file != sim->linker.kernel && !others->any &&
		    !others->nomem)
			search_file(others);
	}
}

/* --- which of the names a relocation asks for --- */

/* A table of symbols, and where one of them may be asked for. */
struct tables {
	struct kldsim__elf elf;
	GElf_Shdr *shdrs;
	struct kldsim__symview view;
};

/* Whether a name is that of an import. */
static bool
is_import(const struct kldsim__symview *view, uint32_t index,
    const char *name)
{
	const char *own = kldsim__sym_name(view, kldsim__sym_name_offset(view,
	    index));
	struct kldsim__sym sym;

	if (own == NULL || strcmp(own, name) != 0)
		return (false);
	kldsim__sym_get(view, index, &sym);
	return (sym.shndx == SHN_UNDEF);
}

static bool
has_symbol(const struct tables *tables, const GElf_Shdr *relocs,
    uint32_t symbol)
{
	const struct kldsim__elf *elf = &tables->elf;
	const bool rela = relocs->sh_type == SHT_RELA;
	const size_t size = elf->is64 ? rela ? 24 : 16 : rela ? 12 : 8;
	struct kldsim__rel rel;

	for (uint64_t i = 0; i < relocs->sh_size / size; i++) {
		kldsim__rel_get(elf, elf->bytes + relocs->sh_offset, rela, i,
		    &rel);
		if (rel.sym == symbol)
			return (true);
	}
	return (false);
}

/* Whether the linker reads it: relocations of what is loaded (O-41). */
static bool
is_read(const struct tables *tables, const GElf_Shdr *shdr)
{
	const GElf_Ehdr *ehdr = &tables->elf.ehdr;
	const bool rel = ehdr->e_type == ET_REL;

	if ((shdr->sh_type != SHT_REL && shdr->sh_type != SHT_RELA) ||
	    !kldsim__in_range(shdr->sh_offset, shdr->sh_size,
	    tables->elf.size) || (rel && shdr->sh_info >= ehdr->e_shnum))
		return (false);
	return (((rel ? &tables->shdrs[shdr->sh_info] : shdr)->sh_flags &
	    SHF_ALLOC) != 0);
}

/* A file whose tables are larger than any honest one's asks for nothing. */
static bool
is_asked(const struct search *search, const struct tables *tables,
    const char *name)
{
	struct kldsim *sim = search->sim;

	if (kldsim__work(sim, search->file, tables->view.count) != 0)
		return (false);
	for (uint32_t k = 1; k < tables->view.count; k++) {
		if (!is_import(&tables->view, k, name))
			continue;
		for (unsigned i = 1; i < tables->elf.ehdr.e_shnum; i++)
			if (is_read(tables, &tables->shdrs[i]) &&
			    kldsim__work(sim, search->file,
			    tables->shdrs[i].sh_size / 8) == 0 &&
			    has_symbol(tables, &tables->shdrs[i], k))
				return (true);
	}
	return (false);
}

/*
 * A table of symbols can have a name that nobody asks for.  Where a file has no
 * section headers the linker that made it has left in what is needed.
 */
static bool
ask(struct search *search)
{
	const struct kldsim__alloc *alloc = &search->sim->alloc;
	struct kldsim__provider file = { .path = NULL };
	struct tables tables;
	const GElf_Ehdr *ehdr = &tables.elf.ehdr;
	bool known, good = kldsim__provider_open(&file, search->file->image,
	    alloc);

	tables.elf = file.elf;
	tables.view = ehdr->e_type == ET_REL ? file.symtab : file.dynsym;
	tables.shdrs = kldsim__malloc(alloc, (size_t)(ehdr->e_shnum + 1) *
	    sizeof(*tables.shdrs));
	good = good && tables.shdrs != NULL;
	known = good && ehdr->e_shnum != 0 && tables.view.count != 0 &&
	    kldsim__elf_shdrs(&tables.elf, ehdr->e_shoff, ehdr->e_shnum,
	    tables.shdrs);
	for (struct leak *leak = search->leaks; leak != NULL && good;
	    leak = leak->next)
		leak->asked = !known || is_asked(search, &tables,
		    leak->symbol);
	kldsim__free(alloc, tables.shdrs);
	kldsim_image_unref(file.image);
	return (good);
}

/* --- loading once more --- */

/* What the kernel says with the switch off. */
static bool
switch_off(struct kldsim__check_bench *bench, struct kldsim__arena *arena,
    struct kldsim_check_module *module)
{
	const struct kldsim__check_asked asked = {
		.source = bench->check->source, .path = module->path };
	const int leak_locals = bench->sim->options.leak_locals;
	struct kldsim_check_answer answer;
	struct kldsim_result result;
	enum kldsim_status status;
	bool good;

	bench->sim->options.leak_locals = 0;
	status = kldsim__check_load(bench, module->path, &result, NULL);
	answer.verdict = KLDSIM_CHECK_FAILED;
	good = status != KLDSIM_NOMEM && (status != KLDSIM_OK ||
	    kldsim__check_answer(&asked, bench->sim, &result, arena,
	    &answer));
	bench->sim->options.leak_locals = leak_locals;
	(void)!kldsim_restore(bench->sim, bench->snapshot);
	module->unleaked = answer.verdict;
	return (good);
}

/* --- saying it --- */

static const char *
tail_of(const struct leak *leak, const struct kldsim *sim,
    enum kldsim_check_verdict unleaked, char *text, size_t size)
{
	const char *knob = leak->obj ? "debug.link_elf_obj_leak_locals" :
	    "debug.link_elf_leak_locals";
	const bool has = leak->obj ? sim->facts.leak_locals_knob_obj :
	    sim->facts.leak_locals_knob_elf;

	if (!has)
		(void)snprintf(text, size, "this release allows that, later "
		    "ones unless %s is 0", knob);
	else if (leak->instead != NULL)
		(void)snprintf(text, size, "with %s=0 it has that of %.200s",
		    knob, leak->instead);
	else
		(void)snprintf(text, size, "with %s=0 %s", knob, unleaked ==
		    KLDSIM_CHECK_OK ? "it has none, and is loaded" :
		    "it is refused");
	return (text);
}

/* A finding of the module; false: no memory. */
static bool
say(struct kldsim_check_module *module, const char *symbol, const char *text,
    struct kldsim__arena *arena, struct kldsim_finding *finding)
{
	memset(finding, 0, sizeof(*finding));
	finding->code = kldsim__finding_code(KLDSIM__F_LOCAL_SYMBOL_LEAKS);
	finding->rules = kldsim__finding_rules(KLDSIM__F_LOCAL_SYMBOL_LEAKS);
	finding->severity = kldsim_finding_info(finding->code)->severity;
	finding->file = kldsim__basename(module->path);
	finding->section_index = -1;
	finding->symbol = symbol;
	finding->text = kldsim__arena_strdup(arena, text);
	module->nleaks++;
	return (finding->text != NULL);
}

static bool
say_leak(const struct leak *leak, const struct kldsim *sim,
    struct kldsim__arena *arena, struct kldsim_check_module *module,
    struct kldsim_finding *finding)
{
	char tail[320], text[800];

	(void)tail_of(leak, sim, module->unleaked, tail, sizeof(tail));
	(void)snprintf(text, sizeof(text), "uses what is not global in %.300s; "
	    "%s", leak->owner, tail);
	return (say(module, leak->symbol, text, arena, finding));
}

static bool
say_all(struct kldsim__check_bench *bench, const struct search *search,
    struct kldsim__arena *arena, struct kldsim_check_module *module)
{
	struct kldsim_finding *findings;
	bool good = true;

	findings = kldsim__arena_calloc(arena, search->count + 1,
	    sizeof(*findings));
	if (findings == NULL)
		return (false);
	module->leaks = findings;
	for (const struct leak *leak = search->leaks; leak != NULL && good;
	    leak = leak->next)
		if (leak->asked)
			good = say_leak(leak, bench->sim, arena, module,
			    &findings[module->nleaks]);
	if (good && module->nleaks == 0 && module->unleaked !=
	    KLDSIM_CHECK_NOT_TRIED && module->unleaked != KLDSIM_CHECK_OK)
		good = say(module, NULL, "it is refused where local symbols do "
		    "not leak, as a file that it needs is", arena, findings);
	return (good);
}

bool
kldsim__check_leaks(struct kldsim__check_bench *bench, int fileid,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried)
{
	struct kldsim *sim = bench->sim;
	const struct kldsim__facts *facts = &sim->facts;
	const struct kldsim_trace *trace = kldsim__trace_hold(sim);
	struct search own = { .sim = sim, .arena = arena,
		.file = kldsim__find_file_by_id(&sim->linker, fileid) };
	struct search others = { .sim = sim };
	bool good;

	search_file(&own);
	if (!own.any)
		search_others(&others, own.file);
	good = !own.nomem && !others.nomem && (!own.any || ask(&own));
	(void)!kldsim_restore(sim, bench->snapshot);
	if (good && (own.any || others.any) && (facts->leak_locals_knob_obj ||
	    facts->leak_locals_knob_elf))
		good = switch_off(bench, arena, &tried->module);
	if (good && (own.any || others.any))
		good = say_all(bench, &own, arena, &tried->module);
	kldsim__trace_resume(sim, trace);
	return (good);
}
