/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of kern_linker.c: files, dependencies, load and unload. */

#include "support_model.h"

/* L-14: event handlers are told of the file. */
static void
kld_event(struct model *model, int slot, enum kldsim_event_kind kind)
{
	model_event_add(model, kind, slot)->arg = model->files[slot].address;
}

bool
model_eexist_stops(const struct model *model)
{
	return model->graph->osreldate >= 1401000;
}

bool
model_unload_busy(const struct model *model)
{
	return model->graph->osreldate >= 1401000;
}

bool
model_kernel_userref(const struct model *model)
{
	return model->graph->osreldate < 1401000;
}

/* V-09, L-14. */
static bool
model_events_of_linked(const struct model *model)
{
	return model->graph->osreldate >= 1501000;
}

bool
model_propagates_late(const struct model *model)
{
	return model->graph->osreldate >= 1500001;
}

bool
model_superpages(const struct model *model)
{
	return model->graph->osreldate >= 1300139;
}

bool
model_sysinit_link(uint32_t osreldate)
{
	return osreldate >= 1400094;
}

bool
model_set_padding(uint32_t osreldate)
{
	return osreldate >= 1300031;
}

bool
model_full_lookup(const struct model *model)
{
	return model->graph->osreldate >= 1400044;
}

bool
model_wide_hash(const struct model *model)
{
	return model->graph->machine->word == 8 &&
	    model->graph->osreldate < 1400087;
}

bool
model_this_linker_file(uint32_t osreldate)
{
	return osreldate >= 1500068;
}

uint64_t
model_linker_file(const struct model_graph *graph, const char *name)
{
	size_t i = 0;

	while (i < graph->nimages && strcmp(graph->images[i].name, name) != 0)
		i++;
	return UINT64_C(0x12340000) + i * 0x100;
}

/* L-02; the kernel's own file is neither. */
bool
model_is_shared(const struct model *model, int file)
{
	return model->files[file].mem != NULL && model->graph->machine->shared;
}

static uint64_t
own_symbol(const struct model *model, int index, const char *name)
{
	const struct model_file *file = &model->files[index];
	const struct model_symbol *symbol;

	if (file->mem != NULL)
		return model_is_shared(model, index) ?
		    model_dyn_own(model, index, name) :
		    model_obj_own(model, index, name);
	symbol = model_image_symbol(file->image, name); /* the kernel */
	/* The options say that its resolvers answer 0 (O-60, of 15 on). */
	return symbol != NULL && symbol->type != MODEL_IFUNC ?
	    symbol->value : 0;
}

/* O-60. */
uint64_t
model_lookup(const struct model *model, int index, const char *name,
    bool deps)
{
	const struct model_file *file = &model->files[index];
	uint64_t value = own_symbol(model, index, name);
	size_t i;

	if (strcmp(name, "__this_linker_file") == 0 &&
	    model_this_linker_file(model->graph->osreldate))
		return model_linker_file(model->graph, file->name);
	for (i = 0; value == 0 && deps && i < file->ndeps; i++)
		value = own_symbol(model, file->deps[i], name);
	return value;
}

/* A linker set, its section's name: O-65, D-64. */
bool
model_lookup_set(const struct model *model, int file, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret)
{
	return (model_is_shared(model, file) ? model_dyn_set :
	    model_obj_set)(model, file, name, start_ret, stop_ret);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* L-09: a slot, or -1. */
int
model_by_name(const struct model *model, const char *name)
{
	char with[MODEL_PATH + 8];
	size_t i;

	(void)snprintf(with, sizeof(with), "%s.ko", name);
	for (i = 0; i < model->nfiles; i++) {
		const char *have = model->files[model->list[i]].name;

		if (strcmp(have, with) == 0 || strcmp(have, name) == 0)
			return model->list[i];
	}
	return -1;
}

/* L-10: a slot, or -1. */
int
model_by_id(const struct model *model, int id)
{
	size_t i;

	for (i = 0; i < model->nfiles; i++)
		if (model->files[model->list[i]].id == id &&
		    model->files[model->list[i]].linked)
			return model->list[i];
	return -1;
}

/* L-06. */
static int
allocate_id(struct model *model)
{
	size_t i = 0;

	while (i < model->nfiles)
		if (model->files[model->list[i++]].id == model->next_id) {
			model->next_id++;
			i = 0;
		}
	return model->next_id;
}

/* L-05: a slot. */
static int
make_file(struct model *model, const struct model_image *image,
    const char *path)
{
	struct model_file *file;
	int slot = 0;

	while (model->files[slot].used)
		assert_true(++slot < MODEL_FILES);
	file = &model->files[slot];
	memset(file, 0, sizeof(*file));
	file->used = true;
	file->refs = 1;
	file->image = image;
	file->id = allocate_id(model);
	(void)snprintf(file->path, sizeof(file->path), "%s", path);
	(void)snprintf(file->name, sizeof(file->name), "%s", base_name(path));
	model->list[model->nfiles++] = slot;
	return slot;
}

/* L-13: lookup2; a slot or -1. */
static int
find_interface(const struct model *model, const char *name,
    const struct model_range *range)
{
	int found = -1, best = 0;
	size_t i;

	for (i = 0; i < model->nifaces; i++) {
		const struct model_iface *iface = &model->ifaces[i];

		if (strcmp(iface->name, name) != 0)
			continue;
		if (range == NULL || iface->version == range->preferred)
			return iface->file;
		if (iface->version < range->minimum ||
		    iface->version > range->maximum ||
		    (found >= 0 && iface->version <= best))
			continue;
		best = iface->version;
		found = iface->file;
	}
	return found;
}

/* L-13: lookup; a slot or -1. */
static int
find_version(const struct model *model, const char *name, int version)
{
	size_t i;

	for (i = 0; i < model->nifaces; i++)
		if (strcmp(model->ifaces[i].name, name) == 0 &&
		    (version == 0 || model->ifaces[i].version == version))
			return model->ifaces[i].file;
	return -1;
}

static void
add_interface(struct model *model, int file, const char *name, int version)
{
	struct model_iface *iface = &model->ifaces[model->nifaces++];

	assert_true(model->nifaces <= MODEL_IFACES);
	iface->file = file;
	iface->version = version;
	(void)snprintf(iface->name, sizeof(iface->name), "%s", name);
}

static void
remove_interfaces(struct model *model, int file)
{
	size_t i, n = 0;

	for (i = 0; i < model->nifaces; i++)
		if (model->ifaces[i].file != file)
			model->ifaces[n++] = model->ifaces[i];
	model->nifaces = n;
}

static void
add_dependency(struct model_file *file, int slot)
{
	assert_true(file->ndeps < MODEL_DEPS);
	file->deps[file->ndeps++] = slot;
}

/* M-01, M-02: an entry of modmetadata_set. */
struct metadata {
	int type;
	uint64_t data;
	const char *name;
};

static struct metadata
metadata(struct model *model, uint64_t entry)
{
	uint64_t at = model_pointer(model, entry);
	struct metadata meta;

	meta.type = (int)model_word(model, at + 4, 4);
	meta.data = model_pointer(model, at + 8);
	meta.name = model_string(model, model_pointer(model,
	    at + 8 + model_ptrsz(model)));
	return meta;
}

static int
read_int(struct model *model, uint64_t at)
{
	return (int)(uint32_t)model_word(model, at, 4);
}

/* K-20, from the file on: 0 with the slot, or an errno. */
static int load_file(struct model *model, const struct model_image *image,
    const char *path, int *slot_ret);

/* K-05 to K-09 for a dependency. */
static int
load_dependency(struct model *model, int parent, const char *name,
    const struct model_range *range)
{
	const struct model_image *image;
	char path[MODEL_PATH];
	int slot, error;

	image = model_search(model, name, range, path, sizeof(path));
	if (image == NULL) /* K-33: /boot/kernel/kernel is always found */
		return strcmp(name, "kernel") == 0 ? MODEL_EEXIST :
		    MODEL_ENOENT;
	if (model_by_name(model, base_name(path)) >= 0)
		return MODEL_EEXIST;
	error = load_file(model, image, path, &slot);
	if (error != 0)
		return error;
	if (find_interface(model, name, range) < 0) {
		(void)model_unload(model, slot, KLDSIM_UNLOAD_FORCE);
		return MODEL_ENOENT;
	}
	add_dependency(&model->files[parent], slot);
	return 0;
}

/* K-30, step 4, one entry. */
static int
depend(struct model *model, int file, const struct metadata *need,
    uint64_t start, uint64_t stop)
{
	struct model_range range = { read_int(model, need->data),
	    read_int(model, need->data + 4), read_int(model, need->data + 8) };
	uint64_t entry;
	int slot, error;

	for (entry = start; entry < stop; entry += model_ptrsz(model)) {
		struct metadata other = metadata(model, entry);

		if (other.type == 3 && strcmp(other.name, need->name) == 0)
			return 0;
	}
	slot = find_interface(model, need->name, &range);
	if (slot >= 0) {
		model->files[slot].refs++;
		add_dependency(&model->files[file], slot);
		return 0;
	}
	error = load_dependency(model, file, need->name, &range);
	if (error != 0)
		model_print(model, "KLD %s: depends on %s - not available or "
		    "version mismatch", model->files[file].name, need->name);
	return error;
}

/* K-30, step 3. */
static int
check_interfaces(struct model *model, uint64_t start, uint64_t stop)
{
	for (; start < stop; start += model_ptrsz(model)) {
		struct metadata meta = metadata(model, start);
		int version, slot;

		if (meta.type != 3)
			continue;
		version = read_int(model, meta.data);
		slot = find_version(model, meta.name, version);
		if (slot < 0)
			continue;
		model_print(model,
		    "interface %s.%d already present in the KLD '%s'!",
		    meta.name, version, model->files[slot].name);
		return MODEL_EEXIST;
	}
	return 0;
}

/* K-30, step 5. */
static void
add_interfaces(struct model *model, int file, uint64_t start, uint64_t stop)
{
	for (; start < stop; start += model_ptrsz(model)) {
		struct metadata meta = metadata(model, start);
		int version;

		if (meta.type != 3)
			continue;
		version = read_int(model, meta.data);
		if (find_version(model, meta.name, version) >= 0)
			model_print(model, "module %s already present!",
			    meta.name);
		else
			add_interface(model, file, meta.name, version);
	}
}

/* K-30. */
int
model_dependencies(struct model *model, int file)
{
	uint64_t start, stop, entry;
	int error;

	model->files[0].refs++;
	add_dependency(&model->files[file], 0);
	if (!model_lookup_set(model, file, "set_modmetadata_set", &start,
	    &stop))
		return 0;
	error = check_interfaces(model, start, stop);
	for (entry = start; error == 0 && entry < stop; entry += model_ptrsz(model)) {
		struct metadata meta = metadata(model, entry);

		if (meta.type == 1)
			error = depend(model, file, &meta, start, stop);
	}
	if (error == 0)
		add_interfaces(model, file, start, stop);
	return error;
}

/* K-22. */
static int
post_load(struct model *model, int slot)
{
	struct model_file *file = &model->files[slot];
	bool modules;

	if (model_register_modules(model, slot) != 0) {
		(void)model_unload(model, slot, KLDSIM_UNLOAD_FORCE);
		return MODEL_EEXIST;
	}
	modules = file->nmodules != 0;
	model_sysctls_register(model, slot);
	if (model->panicked)
		return 0;
	if (model_propagates_late(model))
		(model_is_shared(model, slot) ? model_dyn_propagate :
		    model_obj_propagate)(model, slot);
	model_sysinits(model, slot, false);
	file->linked = true;
	if (modules && file->nmodules == 0) {
		(void)model_unload(model, slot, KLDSIM_UNLOAD_FORCE);
		return MODEL_ENOEXEC;
	}
	kld_event(model, slot, KLDSIM_EVENT_KLD_LOAD);
	return 0;
}

/*
 * What the elf class makes of a file that the class of relocatable files has
 * refused (K-21, D-01): a short file leaves the rest of the page as it was.
 */
static int
elf_class(struct model *model, const struct model_image *image,
    const char *path)
{
	const size_t size = sizeof(model->page);
	const unsigned char *page = model->page;

	memcpy(model->page, image->bytes, image->size < size ? image->size :
	    size);
	if (memcmp(page, "\177ELF", 4) != 0)
		return MODEL_ENOEXEC;
	if (page[6] != 1 || model_get(image->machine, page + 20, 4) != 1) {
		model_print(model, "kldload: %s: Unsupported file version",
		    path);
		return MODEL_ENOEXEC;
	}
	model_print(model, "linker_load_file: %s - unsupported file type",
	    path);
	return MODEL_ENOEXEC;
}

/*
 * K-20, K-21: with both classes the elf class is asked last, and takes no
 * ET_REL; where it is the only one, its ENOENT is as if there were no file.
 */
static int
load_file(struct model *model, const struct model_image *image,
    const char *path, int *slot_ret)
{
	int error;

	if (image == NULL)
		return MODEL_ENOENT;
	if (!image->magic)
		return model->graph->machine->shared ? MODEL_ENOEXEC :
		    elf_class(model, image, path);
	*slot_ret = make_file(model, image, path);
	error = (model->graph->machine->shared ? model_dyn_load :
	    model_obj_load)(model, *slot_ret);
	if (error == 0)
		return post_load(model, *slot_ret);
	(void)model_unload(model, *slot_ret, KLDSIM_UNLOAD_FORCE);
	if (model->graph->machine->shared)
		return error == MODEL_EEXIST || error == MODEL_ENOENT ?
		    error : MODEL_ENOEXEC;
	if (error == MODEL_EEXIST && model_eexist_stops(model))
		return MODEL_EEXIST;
	return model->panicked ? 0 : elf_class(model, image, path);
}

/* K-07, K-08, K-09 without a parent. */
static int
load_top(struct model *model, const struct model_image *image,
    const char *path, int *id_ret)
{
	int slot, error;

	if (model_by_name(model, base_name(path)) >= 0)
		return MODEL_EEXIST;
	error = load_file(model, image, path, &slot);
	if (error != 0)
		return error;
	model->files[slot].userrefs++;
	*id_ret = model->files[slot].id;
	return 0;
}

int
model_kldload_image(struct model *model, const struct model_image *image,
    const char *path, int *id_ret)
{
	return load_top(model, image, path, id_ret);
}

/* K-03 to K-06. */
int
model_kldload(struct model *model, const char *name, int *id_ret)
{
	const struct model_image *image;
	char path[MODEL_PATH];

	path[0] = '\0';
	if (strchr(name, '/') != NULL || strchr(name, '.') != NULL) {
		image = model_find_path(model, name, path, sizeof(path));
	} else {
		if (find_interface(model, name, NULL) >= 0)
			return MODEL_EEXIST;
		image = model_search(model, name, NULL, path, sizeof(path));
	}
	if (path[0] == '\0')
		return MODEL_ENOENT;
	return load_top(model, image, path, id_ret);
}

/* U-10, step 4. */
static int
quiesce(struct model *model, const struct model_file *file, int flags)
{
	size_t i;

	for (i = 0; i < file->nmodules; i++) {
		int error = model_module_event(model,
		    &model->modules[file->modules[i]], KLDSIM_MOD_QUIESCE);

		if (error == MODEL_EOPNOTSUPP || error == MODEL_EINVAL)
			error = 0;
		if (error != 0 && flags != KLDSIM_UNLOAD_FORCE)
			return error;
	}
	return 0;
}

/* U-10, step 8. */
static void
unlist(struct model *model, int slot)
{
	size_t i, n = 0;

	for (i = 0; i < model->nfiles; i++)
		if (model->list[i] != slot)
			model->list[n++] = model->list[i];
	model->nfiles = n;
}

/* What the kernel's own file answers, once its modules are quiesced. */
static int
kernel_refuses(struct model *model, int error)
{
	const struct model_file *kernel = &model->files[0];

	if (error == 0 && kernel->nmodules != 0)
		error = model_module_event(model,
		    &model->modules[kernel->modules[0]], KLDSIM_MOD_UNLOAD);
	return error != 0 ? error : MODEL_EBUSY;
}

/* U-10. */
int
model_unload(struct model *model, int slot, int flags)
{
	struct model_file *file = &model->files[slot];
	size_t i;
	int error;

	if (file->refs > 1) {
		file->refs--;
		return 0;
	}
	if (file->linked || !model_events_of_linked(model))
		kld_event(model, slot, KLDSIM_EVENT_KLD_UNLOAD_TRY);
	if (!model_events_of_linked(model))
		model_sdt_unload_try(model, slot);
	if (model->panicked)
		return 0;
	error = quiesce(model, file, flags);
	if (slot == 0) /* V-12: its first module is taken to refuse */
		return kernel_refuses(model, error);
	while (error == 0 && file->nmodules != 0) {
		error = model_module_event(model,
		    &model->modules[file->modules[0]], KLDSIM_MOD_UNLOAD);
		if (error == 0)
			model_release_module(model, file->modules[0]);
	}
	if (error != 0)
		return error;
	remove_interfaces(model, slot);
	if (file->linked) {
		file->linked = false;
		model_sysctls_unregister(model, slot);
		model_sysinits(model, slot, true);
		if (model_events_of_linked(model))
			kld_event(model, slot, KLDSIM_EVENT_KLD_UNLOAD);
	}
	unlist(model, slot);
	for (i = 0; i < file->ndeps; i++)
		(void)model_unload(model, file->deps[i], flags);
	(model_is_shared(model, slot) ? model_dyn_unload :
	    model_obj_unload)(model, slot);
	if (!model_events_of_linked(model))
		kld_event(model, slot, KLDSIM_EVENT_KLD_UNLOAD);
	file->used = false;
	return 0;
}

/* U-01 to U-04. */
int
model_kldunload(struct model *model, int id, int flags)
{
	struct model_file *file;
	int slot, error;

	if (flags != KLDSIM_UNLOAD_NORMAL && flags != KLDSIM_UNLOAD_FORCE)
		return MODEL_EINVAL;
	slot = model_by_id(model, id);
	if (slot < 0)
		return MODEL_ENOENT;
	file = &model->files[slot];
	if (file->userrefs == 0) {
		model_print(model, "kldunload: attempt to unload file that "
		    "was loaded by the kernel");
		return MODEL_EBUSY;
	}
	if (file->refs > 1 && model_unload_busy(model))
		return MODEL_EBUSY;
	file->userrefs--;
	error = model_unload(model, slot, flags);
	if (error != 0)
		file->userrefs++;
	return error;
}

/* p_vaddr of the first PT_LOAD. */
static uint64_t
first_segment(const struct model_image *image)
{
	const struct model_machine *m = image->machine;
	const unsigned char *phdr = image->bytes + (m->word == 8 ? 64 : 52);

	while (model_get(m, phdr, 4) != 1)
		phdr += m->word == 8 ? 56 : 32;
	return model_get(m, phdr + (m->word == 8 ? 16 : 8), m->word);
}

/*
 * P-20 to P-27, of one file that needs nobody and is refused by nobody; it is
 * the first that is registered.
 */
static void
preload(struct model *model, const struct model_place *place)
{
	const int slot = make_file(model, &model->graph->preload,
	    MODEL_PRELOAD);
	struct model_file *file = &model->files[slot];

	file->preloaded = true;
	file->address = place->address;
	file->size = place->size;
	/* Nothing else comes here, even when it is gone. */
	model->floor = (place->address + place->size + 4095) &
	    ~UINT64_C(4095);
	model->preloading = true;
	assert_int_equal((model->graph->machine->shared ? model_dyn_load :
	    model_obj_load)(model, slot), 0);
	model->preloading = false;
	assert_int_equal(model_register_modules(model, slot), 0);
	model_sysctls_register(model, slot);
	file->linked = true;
}

/* What is left to do once all CPUs and vnet0 are there (M-34, P-28). */
static void
finish_preload(struct model *model)
{
	const int slot = model->list[1];

	model_sysinits(model, slot, false);
	model->files[slot].userrefs++;
}

/* L-17, L-20, M-10, A-03; addresses come from the file. */
static void
boot_kernel(struct model *model, const struct model_graph *graph,
    struct model_log *log)
{
	int slot;

	memset(model, 0, sizeof(*model));
	model->graph = graph;
	model->log = log;
	model->floor = graph->machine->base;
	model->next_id = 1;
	model->next_module = 1;
	slot = make_file(model, &graph->kernel, "/boot/kernel/kernel");
	assert_int_equal(slot, 0);
	model->files[0].linked = true;
	model->files[0].address = first_segment(&graph->kernel); /* L-18 */
	model->files[0].userrefs = model_kernel_userref(model);
	model_boot_sets(model);
	model_boot_sysctls(model);
	add_interface(model, 0, "kern0", 3); /* in the order of its set */
	add_interface(model, 0, "kernel", (int)graph->osreldate);
}

/*
 * L-01, A-20, A-32; A-23: CPU 0 has its area before preloaded files are
 * linked, the others and vnet0 come after.
 */
void
model_boot(struct model *model, const struct model_graph *graph,
    struct model_log *log, unsigned cpus, unsigned vnets,
    const struct model_place *place)
{
	boot_kernel(model, graph, log);
	(void)model_cpu_add(model);
	if (place != NULL)
		preload(model, place);
	(void)model_register_modules(model, 0);
	while (model->sets[0].ninstances < cpus)
		(void)model_cpu_add(model);
	if (graph->vimage)
		(void)model_vnet_alloc(model);
	if (place != NULL)
		finish_preload(model);
	while (graph->vimage && model->sets[1].ninstances < vnets)
		(void)model_vnet_alloc(model);
}
