/* SPDX-License-Identifier: BSD-2-Clause */

/* Everything that can be observed, compared with the model. */

#include "support_model.h"

void
model_same(const struct model_check *check, const char *what, uint64_t have,
    uint64_t want)
{
	if (have != want)
		fail_msg("%s\n%s: library %#llx, model %#llx", check->label,
		    what, (unsigned long long)have, (unsigned long long)want);
}

void
model_same_text(const struct model_check *check, const char *what,
    const char *have, const char *want)
{
	if (strcmp(have != NULL ? have : "", want) != 0)
		fail_msg("%s\n%s: library '%s', model '%s'", check->label,
		    what, have != NULL ? have : "(null)", want);
}

static void
same_bytes(const struct model_check *check, const struct kldsim *sim,
    const char *what, uint64_t address, const unsigned char *want,
    size_t size)
{
	static unsigned char have[MODEL_SET * 4];
	size_t done, part, i;

	for (done = 0; done < size; done += part) {
		part = size - done < sizeof(have) ? size - done : sizeof(have);
		if (kldsim_read(sim, address + done, have, part) != KLDSIM_OK)
			fail_msg("%s\n%s: %#llx cannot be read", check->label,
			    what, (unsigned long long)(address + done));
		if (memcmp(have, want + done, part) == 0)
			continue;
		for (i = 0; have[i] == want[done + i]; )
			i++;
		fail_msg("%s\n%s: %#llx (byte %zu): library %#x, model %#x",
		    check->label, what,
		    (unsigned long long)(address + done + i), done + i,
		    have[i], want[done + i]);
	}
}

/* A mapping; the middle of a large one is somebody's .bss. */
static void
same_mapping(const struct model_check *check, const struct kldsim *sim,
    const struct model_file *file)
{
	size_t end = 16384;

	if (file->preloaded) { /* its tables lie behind */
		same_bytes(check, sim, file->name, file->address, file->mem,
		    file->known);
		return;
	}
	if (file->size <= 2 * end) {
		same_bytes(check, sim, file->name, file->address, file->mem,
		    file->size);
		return;
	}
	same_bytes(check, sim, file->name, file->address, file->mem, end);
	same_bytes(check, sim, file->name, file->address + file->size - end,
	    file->mem + file->size - end, end);
}

static void
compare_interfaces(const struct model_check *check, struct kldsim *sim,
    const struct model *model, int slot)
{
	const struct model_file *file = &model->files[slot];
	struct kldsim_interface have;
	size_t i, n = 0;

	for (i = 0; i < model->nifaces; i++) {
		if (model->ifaces[i].file != slot)
			continue;
		if (kldsim_file_interface(sim, file->id, n++, &have) !=
		    KLDSIM_OK)
			fail_msg("%s\n%s: interface %s is missing",
			    check->label, file->name, model->ifaces[i].name);
		model_same_text(check, "interface", have.name,
		    model->ifaces[i].name);
		model_same(check, "version", (uint64_t)have.version,
		    (uint64_t)model->ifaces[i].version);
	}
	model_same(check, "end of interfaces", (uint64_t)
	    kldsim_file_interface(sim, file->id, n, &have), KLDSIM_NOENT);
}

static void
compare_modules(const struct model_check *check, struct kldsim *sim,
    const struct model *model, const struct model_file *file)
{
	struct kldsim_modinfo have;
	size_t i;

	for (i = 0; i < file->nmodules; i++) {
		const struct model_module *want =
		    &model->modules[file->modules[i]];

		if (kldsim_file_module(sim, file->id, i, &have) != KLDSIM_OK)
			fail_msg("%s\n%s: module %s is missing", check->label,
			    file->name, want->name);
		model_same_text(check, "module", have.name, want->name);
		model_same(check, "module's id", (uint64_t)have.id,
		    (uint64_t)want->id);
		model_same(check, "module's refs", (uint64_t)have.refs, 1);
		model_same(check, "module's file", (uint64_t)have.fileid,
		    (uint64_t)file->id);
	}
}

static void
compare_deps(const struct model_check *check, struct kldsim *sim,
    const struct model *model, const struct model_file *file)
{
	size_t i;
	int id;

	for (i = 0; i < file->ndeps; i++) {
		if (kldsim_file_dep(sim, file->id, i, &id) != KLDSIM_OK)
			id = -1;
		model_same(check, "dependency", (uint64_t)id,
		    (uint64_t)model->files[file->deps[i]].id);
	}
}

static void
compare_sections(const struct model_check *check, struct kldsim *sim,
    const struct model_file *file, bool shared)
{
	struct kldsim_section have;
	size_t i, n = 0;

	for (i = 0; i < file->image->nsections; i++) {
		const struct model_section *want = &file->image->sections[i];

		if (shared ? !model_dyn_section(want) :
		    !model_section_loaded(want))
			continue;
		if (kldsim_file_section(sim, file->id, n++, &have) !=
		    KLDSIM_OK)
			fail_msg("%s\n%s: section %s is missing",
			    check->label, file->name, want->name);
		model_same_text(check, "section", have.name, want->name);
		model_same(check, "section's index", have.index, i);
		model_same(check, want->name, have.address, file->at[i]);
		model_same(check, "section's size", have.size, want->size);
	}
	model_same(check, "end of sections", (uint64_t)
	    kldsim_file_section(sim, file->id, n, &have), KLDSIM_NOENT);
}

static void
compare_file(const struct model_check *check, struct kldsim *sim,
    const struct model *model, int slot)
{
	const struct model_file *file = &model->files[slot];
	struct kldsim_filestat have;
	char what[2 * MODEL_NAME];

	if (kldsim_kldstat(sim, file->id, &have) != KLDSIM_OK)
		fail_msg("%s\n%s: no file %d", check->label, file->name,
		    file->id);
	(void)snprintf(what, sizeof(what), "%s: refs", file->name);
	model_same(check, what, (uint64_t)have.refs, (uint64_t)file->refs);
	(void)snprintf(what, sizeof(what), "%s: userrefs", file->name);
	model_same(check, what, (uint64_t)have.userrefs,
	    (uint64_t)file->userrefs);
	model_same(check, "id", (uint64_t)have.id, (uint64_t)file->id);
	model_same(check, "linked", have.linked, true);
	model_same_text(check, "name", have.name, file->name);
	model_same_text(check, "path", have.path, file->path);
	model_same(check, "ndeps", have.ndeps, file->ndeps);
	model_same(check, "nmodules", have.nmodules, file->nmodules);
	compare_interfaces(check, sim, model, slot);
	compare_modules(check, sim, model, file);
	compare_deps(check, sim, model, file);
	if (file->mem == NULL)
		return;
	model_same(check, "address", have.address, file->address);
	model_same(check, "size", have.size, file->size);
	compare_sections(check, sim, file, model_is_shared(model, slot));
	if (!check->dead)
		same_mapping(check, sim, file);
}

/* The list, linked files in order; those that are not are found by name. */
static void
compare_files(const struct model_check *check, struct kldsim *sim,
    const struct model *model)
{
	int id = 0, found;
	size_t i;

	for (i = 0; i < model->nfiles; i++) {
		const struct model_file *file = &model->files[model->list[i]];

		if (kldsim_kldfind(sim, file->name, &found) != KLDSIM_OK)
			found = -1;
		model_same(check, file->name, (uint64_t)found, (uint64_t)
		    model->files[model_by_name(model, file->name)].id);
		if (!file->linked) {
			model_same(check, "next of a zombie", (uint64_t)
			    kldsim_kldnext(sim, file->id, &found),
			    KLDSIM_NOENT);
			continue;
		}
		if (kldsim_kldnext(sim, id, &id) != KLDSIM_OK)
			id = -1;
		model_same(check, "next file", (uint64_t)id,
		    (uint64_t)file->id);
		compare_file(check, sim, model, model->list[i]);
	}
	model_same(check, "end of files", (uint64_t)
	    kldsim_kldnext(sim, id, &id), KLDSIM_OK);
	model_same(check, "last file", (uint64_t)id, 0);
}

static void
compare_names(const struct model_check *check, struct kldsim *sim,
    const struct model *model)
{
	size_t i;
	int id;

	for (i = 0; i < model->graph->nimages; i++) {
		const char *name = model->graph->images[i].name;

		if (model_by_name(model, name) < 0)
			model_same(check, name, (uint64_t)
			    kldsim_kldfind(sim, name, &id), KLDSIM_NOENT);
	}
}

/* K-46, O-61: the first file that has a symbol of the name, zombies too. */
static bool
find_symbol(const struct model *model, const char *name, uint64_t *value_ret)
{
	size_t i, j;

	for (i = 0; i < model->nfiles; i++) {
		const struct model_file *file = &model->files[model->list[i]];

		if (model_is_shared(model, model->list[i])) {
			*value_ret = model_dyn_own(model, model->list[i],
			    name);
			if (*value_ret != 0)
				return true;
			continue;
		}
		for (j = 0; file->mem != NULL && j < file->image->nsymbols;
		    j++) {
			*value_ret = file->symbols[j].value;
			if (file->symbols[j].shndx != 0 &&
			    strcmp(file->symbols[j].name, name) == 0)
				return true;
		}
	}
	return false;
}

/* kldsym of one name, another one each time. */
static void
compare_symbol(const struct model_check *check, struct kldsim *sim,
    const struct model *model)
{
	static const char *const forms[] = { "m%zu_f0", "m%zu_f1", "m%zu_f2",
	    "m%zu_f3", "pcpu_entry_m%zu_v", "vnet_entry_m%zu_v", "m%zu_mod" };
	size_t turn = check->lines + check->events;
	enum kldsim_status status;
	uint64_t want = 0;
	kldsim_size size;
	kldsim_addr have;
	char name[MODEL_NAME];
	bool found;

	(void)snprintf(name, sizeof(name), forms[turn % 7],
	    turn / 7 % model->graph->nhonest);
	found = find_symbol(model, name, &want);
	status = kldsim_kldsym(sim, 0, name, &have, &size);
	model_same(check, name, (uint64_t)status,
	    found ? KLDSIM_OK : KLDSIM_NOENT);
	if (found)
		model_same(check, name, have, want);
}

static void
compare_part(const struct model_check *check, struct kldsim *sim,
    enum kldsim_set kind, size_t n, const struct model_file *file,
    const struct kldsim_set_part *want)
{
	struct kldsim_set_part have;

	if (kldsim_set_part(sim, kind, n, &have) != KLDSIM_OK)
		fail_msg("%s\n%s: no part %zu", check->label, file->name, n);
	model_same(check, "part's file", (uint64_t)have.fileid,
	    (uint64_t)file->id);
	model_same(check, "part's section", have.section_index,
	    want->section_index);
	model_same(check, "part", have.start, want->start);
	model_same(check, "part's size", have.size, want->size);
}

/* Parts given to files, in file list order. */
static void
compare_parts(const struct model_check *check, struct kldsim *sim,
    const struct model *model, enum kldsim_set kind)
{
	const char *name = kind == KLDSIM_SET_VNET ? "set_vnet" : "set_pcpu";
	struct kldsim_set_part want = { .section_index = 0 };
	size_t i, j, n = 0;

	/* without VIMAGE a set_vnet is no part of anything. */
	for (i = 1; i < model->nfiles && (kind != KLDSIM_SET_VNET ||
	    model->graph->vimage); i++) {
		const struct model_file *file = &model->files[model->list[i]];
		const struct model_dyn *dyn = &file->dyn;

		if (dyn->base[kind] != 0) {
			want.section_index = 0;
			want.start = dyn->base[kind];
			want.size = dyn->stop[kind] - dyn->start[kind];
			compare_part(check, sim, kind, n++, file, &want);
		}
		for (j = 0; !model->graph->machine->shared &&
		    j < file->image->nsections; j++) {
			const struct model_section *section =
			    &file->image->sections[j];

			if (!model_section_loaded(section) ||
			    strcmp(section->name, name) != 0)
				continue;
			want.section_index = (unsigned)j;
			want.start = file->at[j];
			want.size = section->size;
			compare_part(check, sim, kind, n++, file, &want);
		}
	}
	model_same(check, "end of parts", (uint64_t)
	    kldsim_set_part(sim, kind, n, &want), KLDSIM_NOENT);
}

static void
compare_extents(const struct model_check *check, struct kldsim *sim,
    const struct model_set *want, enum kldsim_set kind)
{
	struct kldsim_extent_info have;
	size_t i;

	for (i = 0; i < want->nextents; i++) {
		if (kldsim_set_free_extent(sim, kind, i, &have) != KLDSIM_OK)
			have.start = 0;
		model_same(check, "free extent", have.start,
		    want->extents[i].start);
		model_same(check, "free extent's size", have.size,
		    want->extents[i].size);
	}
	model_same(check, "end of extents", (uint64_t)
	    kldsim_set_free_extent(sim, kind, i, &have), KLDSIM_NOENT);
}

static void
compare_set(const struct model_check *check, struct kldsim *sim,
    const struct model *model, enum kldsim_set kind)
{
	const struct model_set *want = &model->sets[kind];
	struct kldsim_instance instance;
	struct kldsim_set_info have;
	char what[64];
	size_t i;

	kldsim_set_info(sim, kind, &have);
	model_same(check, "set's start", have.start, want->start);
	model_same(check, "set's stop", have.stop, want->start + want->size);
	model_same(check, "modspace", have.modspace_size,
	    model->graph->modspace[kind]);
	model_same(check, "instances", have.ninstances, want->ninstances);
	compare_extents(check, sim, want, kind);
	compare_parts(check, sim, model, kind);
	same_bytes(check, sim, kind == KLDSIM_SET_VNET ? "VNET reference" :
	    "DPCPU reference", want->start, want->reference, want->size);
	for (i = 0; i < want->ninstances; i++) {
		if (kldsim_set_instance(sim, kind, i, &instance) != KLDSIM_OK)
			fail_msg("%s\nno instance %zu", check->label, i);
		model_same(check, "CPU or vnet", instance.id, want->ids[i]);
		model_same(check, "its base", instance.base,
		    instance.area - want->start);
		(void)snprintf(what, sizeof(what), "%s %u",
		    kind == KLDSIM_SET_VNET ? "vnet" : "CPU", instance.id);
		same_bytes(check, sim, what, instance.area, want->copies[i],
		    want->size);
	}
}

static void
compare_event(const struct model_check *check,
    const struct kldsim_event *have, const struct model_event *want)
{
	model_same_text(check, "event", kldsim_event_name(have->kind),
	    kldsim_event_name(want->kind));
	model_same_text(check, "event's file", have->file, want->file);
	model_same_text(check, "event's module", have->module, want->module);
	model_same_text(check, "event's function", have->symbol,
	    want->symbol);
	model_same(check, "event's address", have->func, want->func);
	model_same(check, "event's argument", have->arg, want->arg);
	model_same(check, "event's subsystem", have->subsystem,
	    want->subsystem);
	model_same(check, "event's order", have->order, want->order);
	model_same(check, "event's vnet", have->vnet, want->vnet);
	model_same(check, "event's answer", (uint64_t)have->error,
	    (uint64_t)want->error);
}

static void
compare_log(struct model_check *check, struct kldsim *sim,
    const struct model_log *log)
{
	size_t have = kldsim_event_count(sim);

	for (; check->lines < log->nlines; check->lines++)
		model_same_text(check, "console",
		    kldsim_console_line(sim, check->lines),
		    log->lines[check->lines]);
	if (kldsim_console_line(sim, check->lines) != NULL)
		fail_msg("%s\nconsole: library goes on with '%s'",
		    check->label, kldsim_console_line(sim, check->lines));
	for (; check->events < log->nevents && check->events < have;
	    check->events++)
		compare_event(check, kldsim_event_at(sim, check->events),
		    &log->events[check->events]);
	model_same(check, "events", have, log->nevents);
	if (have != 0) { /* and an old one again */
		size_t old = check->events * 7919 % have;

		compare_event(check, kldsim_event_at(sim, old),
		    &log->events[old]);
	}
}

void
model_compare(struct model_check *check, struct kldsim *sim,
    struct model *model)
{
	if (!check->dead)
		compare_log(check, sim, model->log);
	compare_files(check, sim, model);
	compare_names(check, sim, model);
	if (!check->dead)
		compare_symbol(check, sim, model);
	compare_set(check, sim, model, KLDSIM_SET_DPCPU);
	compare_set(check, sim, model, KLDSIM_SET_VNET);
	model_same(check, "dead", kldsim_is_dead(sim), check->dead);
}
