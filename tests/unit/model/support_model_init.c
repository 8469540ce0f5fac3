/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of kern_module.c, of SYSINITs and of vnet.c's. */

#include "support_model.h"

static void *
grown(void *array, size_t count, size_t *max, size_t size)
{
	if (count < *max)
		return array;
	*max = *max * 2 + 64;
	array = realloc(array, *max * size);
	assert_non_null(array);
	return array;
}

void
model_print(struct model *model, const char *format, ...)
{
	struct model_log *log = model->log;
	va_list arguments;

	log->lines = grown(log->lines, log->nlines, &log->maxlines,
	    sizeof(*log->lines));
	va_start(arguments, format);
	(void)vsnprintf(log->lines[log->nlines++], sizeof(*log->lines),
	    format, arguments);
	va_end(arguments);
}

/* Zeroed memory for as long as the sequence. */
void *
model_keep(struct model *model, size_t size)
{
	struct model_log *log = model->log;
	void *memory = calloc(1, size + 1);

	assert_non_null(memory);
	log->blocks = grown(log->blocks, log->nblocks, &log->maxblocks,
	    sizeof(*log->blocks));
	log->blocks[log->nblocks++] = memory;
	return memory;
}

void
model_log_free(struct model_log *log)
{
	while (log->nblocks != 0)
		free(log->blocks[--log->nblocks]);
	free(log->blocks);
	free(log->lines);
	free(log->events);
	memset(log, 0, sizeof(*log));
}

/* The file that an address is in; the kernel, which is the first, otherwise. */
static const struct model_file *
file_of(const struct model *model, uint64_t address)
{
	size_t i;

	for (i = 0; i < model->nfiles; i++) {
		const struct model_file *file = &model->files[model->list[i]];

		if (i != 0 && address - file->address < file->size)
			return file;
	}
	return &model->files[model->list[0]];
}

/*
 * The first of the file's symbols that is exactly there (O-64).  The end of one
 * file, which a symbol may be at, is the start of the next.
 */
static const char *
symbol_at(const struct model *model, uint64_t address)
{
	const struct model_file *file = file_of(model, address);
	const struct model_symbol *symbol = file->mem == NULL ?
	    file->image->symbols : file->symbols;
	size_t i;

	for (i = 0; i < file->image->nsymbols; i++, symbol++)
		if (symbol->shndx != 0 && symbol->value == address &&
		    symbol->name[0] != '\0')
			return symbol->name;
	return "";
}

struct model_event *
model_event_add(struct model *model, enum kldsim_event_kind kind, int file)
{
	struct model_log *log = model->log;
	struct model_event *event;

	log->events = grown(log->events, log->nevents, &log->maxevents,
	    sizeof(*log->events));
	event = &log->events[log->nevents++];
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	(void)snprintf(event->file, sizeof(event->file), "%s",
	    model->files[file].name);
	return event;
}

static void
event_calls(struct model *model, struct model_event *event, uint64_t func,
    uint64_t arg)
{
	event->func = func;
	event->arg = arg;
	(void)snprintf(event->symbol, sizeof(event->symbol), "%s",
	    func != 0 ? symbol_at(model, func) : "");
}

void
model_answer(struct model *model, const char *module, int event, int error)
{
	struct model_answer *answer = model->answers;
	size_t i;

	for (i = 0; i < model->nanswers; i++, answer++)
		if (answer->event == event &&
		    strcmp(answer->module, module) == 0)
			break;
	if (i == model->nanswers)
		assert_true(++model->nanswers <= MODEL_ANSWERS);
	(void)snprintf(answer->module, sizeof(answer->module), "%s", module);
	answer->event = event;
	answer->error = error;
}

/* M-20: what a module without a handler answers. */
static int
default_answer(const struct model_module *module, int event)
{
	if (module->handler != 0 || event == KLDSIM_MOD_LOAD)
		return 0;
	return event == KLDSIM_MOD_UNLOAD ? MODEL_EBUSY : MODEL_EOPNOTSUPP;
}

int
model_module_event(struct model *model, const struct model_module *module,
    int event)
{
	static const enum kldsim_event_kind kinds[] = {
		[KLDSIM_MOD_LOAD] = KLDSIM_EVENT_MOD_LOAD,
		[KLDSIM_MOD_UNLOAD] = KLDSIM_EVENT_MOD_UNLOAD,
		[KLDSIM_MOD_QUIESCE] = KLDSIM_EVENT_MOD_QUIESCE
	};
	struct model_event *record =
	    model_event_add(model, kinds[event], module->file);
	size_t i;

	event_calls(model, record, module->handler, module->priv);
	(void)snprintf(record->module, sizeof(record->module), "%s",
	    module->name);
	record->error = default_answer(module, event);
	for (i = 0; i < model->nanswers; i++)
		if (model->answers[i].event == event &&
		    strcmp(model->answers[i].module, module->name) == 0)
			record->error = model->answers[i].error;
	return record->error;
}

static struct model_module *
find_module(struct model *model, const char *name)
{
	size_t i;

	for (i = 0; i < MODEL_MODULES; i++)
		if (model->modules[i].id != 0 &&
		    strcmp(model->modules[i].name, name) == 0)
			return &model->modules[i];
	return NULL;
}

/* L-12: ids are never reused, names never twice in the list. */
static void
add_module(struct model *model, int slot, const char *name, uint64_t handler,
    uint64_t priv)
{
	struct model_file *file = &model->files[slot];
	size_t i = 0;

	while (model->modules[i].id != 0)
		assert_true(++i < MODEL_MODULES);
	model->modules[i].id = model->next_module++;
	model->modules[i].file = slot;
	model->modules[i].handler = handler;
	model->modules[i].priv = priv;
	(void)snprintf(model->modules[i].name, MODEL_NAME, "%s", name);
	file->modules[file->nmodules++] = (int)i;
}

static void
unlink_module(struct model_file *file, int index)
{
	size_t i, n = 0;

	for (i = 0; i < file->nmodules; i++)
		if (file->modules[i] != index)
			file->modules[n++] = file->modules[i];
	file->nmodules = n;
}

void
model_release_module(struct model *model, int index)
{
	unlink_module(&model->files[model->modules[index].file], index);
	model->modules[index].id = 0;
}

/* What the generator gives it, in set order; the last one loaded is first. */
static void
register_own_modules(struct model *model)
{
	struct model_file *kernel = &model->files[0];
	int first;

	add_module(model, 0, "kernmod", 0, 0);
	add_module(model, 0, "kernlate", 0, 0);
	add_module(model, 0, "kernearly", 0, 0);
	first = kernel->modules[0];
	kernel->modules[0] = kernel->modules[1];
	kernel->modules[1] = kernel->modules[2];
	kernel->modules[2] = first;
}

/* K-22, step 1; M-20. */
int
model_register_modules(struct model *model, int slot)
{
	unsigned w = model_ptrsz(model);
	uint64_t start, stop;
	int first = 0;

	if (slot == 0) {
		register_own_modules(model);
		return 0;
	}
	if (!model_lookup_set(model, slot, "set_modmetadata_set", &start,
	    &stop))
		return 0;
	for (; start < stop; start += w) {
		uint64_t at = model_pointer(model, start), data;
		const struct model_module *other;
		const char *name;

		if (model_word(model, at + 4, 4) != 2)
			continue;
		data = model_pointer(model, at + 8);
		name = model_string(model, model_pointer(model, data));
		other = find_module(model, name);
		if (other == NULL) {
			add_module(model, slot, name,
			    model_pointer(model, data + w),
			    model_pointer(model, data + 2 * w));
			continue;
		}
		model_print(model, "module_register: cannot register %s from "
		    "%s; already loaded from %s", name,
		    model->files[slot].name, model->files[other->file].name);
		model_print(model, "Module %s failed to register: %d", name,
		    MODEL_EEXIST);
		first = MODEL_EEXIST;
	}
	return first;
}

/* printf(9) of %p: NULL is 0. */
static const char *
pointer(uint64_t address, char *out, size_t size)
{
	(void)snprintf(out, size, address == 0 ? "0" : "0x%llx",
	    (unsigned long long)address);
	return out;
}

/* M-21. */
static void
module_register_init(struct model *model, uint64_t data)
{
	const char *name =
	    model_string(model, model_pointer(model, data));
	unsigned w = model_ptrsz(model);
	struct model_module *module = find_module(model, name);
	struct model_file *file;
	char handler[32], priv[32];
	int error, index, i;

	if (module == NULL) {
		model->panicked = true;
		return;
	}
	error = model_module_event(model, module, KLDSIM_MOD_LOAD);
	index = (int)(module - model->modules);
	if (error != 0) {
		(void)model_module_event(model, module, KLDSIM_MOD_UNLOAD);
		model_release_module(model, index);
		model_print(model,
		    "module_register_init: MOD_LOAD (%s, %s, %s) error %d",
		    name, pointer(model_pointer(model, data + w), handler,
		    sizeof(handler)), pointer(model_pointer(model,
		    data + 2 * w), priv, sizeof(priv)), error);
		return;
	}
	file = &model->files[module->file];
	unlink_module(file, index);
	for (i = (int)file->nmodules++; i > 0; i--)
		file->modules[i] = file->modules[i - 1];
	file->modules[0] = index;
}

static void
vnet_call(struct model *model, const struct model_record *record,
    bool un, unsigned vnet)
{
	struct model_event *event = model_event_add(model,
	    un ? KLDSIM_EVENT_VNET_SYSUNINIT : KLDSIM_EVENT_VNET_SYSINIT,
	    record->file);

	event_calls(model, event, record->func, record->arg);
	event->subsystem = record->subsystem;
	event->order = record->order;
	event->vnet = vnet;
}

static void
vnet_call_all(struct model *model, const struct model_record *record, bool un)
{
	const struct model_set *vnets = &model->sets[1];
	size_t i;

	for (i = 0; i < vnets->ninstances; i++)
		vnet_call(model, record, un, vnets->ids[i]);
}

/* */
static void
vnet_register(struct model *model, int file, uint64_t at, bool un)
{
	struct model_record *records = model->records[un];
	struct model_record new = { at, model_pointer(model, at + 8),
	    model_pointer(model, at + 8 + model_ptrsz(model)),
	    (uint32_t)model_word(model, at, 4),
	    (uint32_t)model_word(model, at + 4, 4), file };
	size_t i, j;

	assert_true(model->nrecords[un] < MODEL_RECORDS);
	for (i = 0; i < model->nrecords[un]; i++)
		if (records[i].subsystem > new.subsystem ||
		    (records[i].subsystem == new.subsystem &&
		    records[i].order > new.order))
			break;
	for (j = model->nrecords[un]++; j > i; j--)
		records[j] = records[j - 1];
	records[i] = new;
	if (!un)
		vnet_call_all(model, &new, false);
}

static void
vnet_deregister(struct model *model, uint64_t at, bool un)
{
	struct model_record *records = model->records[un];
	size_t i, n = 0;

	for (i = 0; i < model->nrecords[un]; i++)
		if (records[i].address == at) {
			if (un)
				vnet_call_all(model, &records[i], true);
		} else {
			records[n++] = records[i];
		}
	model->nrecords[un] = n;
}

/* J-22: on a kernel without VIMAGE the function runs now, or not at all. */
static void
shim(struct model *model, int file, const char *name, uint64_t at)
{
	const bool un = strstr(name, "_sysuninit") != NULL;
	const bool removes = strncmp(name, "deregister", 10) == 0;
	struct model_event *event;

	if (model->graph->vimage && removes)
		vnet_deregister(model, at, un);
	else if (model->graph->vimage)
		vnet_register(model, file, at, un);
	else if (un == removes) {
		event = model_event_add(model, un ? KLDSIM_EVENT_SYSUNINIT :
		    KLDSIM_EVENT_SYSINIT, file);
		event_calls(model, event, model_pointer(model, at + 8),
		    model_pointer(model, at + 8 + model_ptrsz(model)));
		event->subsystem = (uint32_t)model_word(model, at, 4);
		event->order = (uint32_t)model_word(model, at + 4, 4);
	}
}

static void
call(struct model *model, int file, uint64_t func, uint64_t arg)
{
	const char *name = symbol_at(model, func);

	if (strcmp(name, "module_register_init") == 0)
		module_register_init(model, arg);
	else if (strcmp(name, "malloc_init") == 0)
		model_malloc_init(model, arg);
	else if (strncmp(name, "vnet_dynamic_", 13) == 0)
		shim(model, file, name + 13, arg);
	else if (strcmp(name, "vnet_register_sysinit") == 0)
		vnet_register(model, file, arg, false);
	else if (strcmp(name, "vnet_register_sysuninit") == 0)
		vnet_register(model, file, arg, true);
	else if (strcmp(name, "vnet_deregister_sysinit") == 0)
		vnet_deregister(model, arg, false);
	else if (strcmp(name, "vnet_deregister_sysuninit") == 0)
		vnet_deregister(model, arg, true);
}

static uint64_t
sysinit_key(struct model *model, uint64_t entry)
{
	uint64_t at = model_pointer(model, entry);

	return model_word(model, at, 4) << 32 | model_word(model, at + 4, 4);
}

/* M-30, M-32: in the module's memory; not stable. */
static void
exchange_sort(struct model *model, uint64_t start, uint64_t stop, bool un)
{
	const struct model_machine *machine = model->graph->machine;
	unsigned w = machine->word;
	uint64_t i, j;

	for (i = start; i < stop; i += w)
		for (j = i + w; j < stop; j += w) {
			uint64_t a = sysinit_key(model, i);
			uint64_t b = sysinit_key(model, j);
			uint64_t word;

			if (un ? a >= b : a <= b)
				continue;
			word = model_pointer(model, i);
			model_put(machine, model_at(model, i), w,
			    model_pointer(model, j));
			model_put(machine, model_at(model, j), w, word);
		}
}

/* M-31, M-32. */
void
model_sysinits(struct model *model, int file, bool un)
{
	unsigned w = model_ptrsz(model), at_func = 8 +
	    (model_sysinit_link(model->graph->osreldate) ? w : 0);
	uint64_t start, stop;

	if (!model_lookup_set(model, file,
	    un ? "set_sysuninit_set" : "set_sysinit_set", &start, &stop))
		return;
	exchange_sort(model, start, stop, un);
	for (; start < stop; start += w) {
		uint64_t at = model_pointer(model, start);
		uint64_t func = model_pointer(model, at + at_func);
		uint64_t arg = model_pointer(model, at + at_func + w);
		struct model_event *event;

		if (model_word(model, at, 4) == 0)
			continue;
		if (func == 0) /* an undefined weak symbol: Z-74 */
			model->panicked = true;
		event = model_event_add(model, un ? KLDSIM_EVENT_SYSUNINIT :
		    KLDSIM_EVENT_SYSINIT, file);
		event->subsystem = (uint32_t)model_word(model, at, 4);
		event->order = (uint32_t)model_word(model, at + 4, 4);
		event_calls(model, event, func, arg);
		call(model, file, func, arg);
	}
}

/* a copy of the reference copy, SYSINITs, then the list's head. */
unsigned
model_vnet_alloc(struct model *model)
{
	struct model_set *vnets = &model->sets[1];
	unsigned id = model->vnets++;
	size_t i;

	for (i = 0; i < model->nrecords[0]; i++)
		vnet_call(model, &model->records[0][i], false, id);
	assert_true(vnets->ninstances < MODEL_INSTANCES);
	for (i = vnets->ninstances++; i > 0; i--) {
		vnets->ids[i] = vnets->ids[i - 1];
		memcpy(vnets->copies[i], vnets->copies[i - 1], MODEL_SET);
	}
	vnets->ids[0] = id;
	memcpy(vnets->copies[0], vnets->reference, MODEL_SET);
	return id;
}

/* the reference copy as it is now, at the end of the list. */
unsigned
model_cpu_add(struct model *model)
{
	struct model_set *cpus = &model->sets[0];
	unsigned id = (unsigned)cpus->ninstances;

	assert_true(cpus->ninstances < MODEL_INSTANCES);
	cpus->ids[id] = id;
	memcpy(cpus->copies[id], cpus->reference, MODEL_SET);
	cpus->ninstances++;
	return id;
}

/* A-33; false if there is no such vnet. */
bool
model_vnet_destroy(struct model *model, unsigned vnet)
{
	struct model_set *vnets = &model->sets[1];
	size_t i = 0, j;

	while (i < vnets->ninstances && vnets->ids[i] != vnet)
		i++;
	if (i == vnets->ninstances)
		return false;
	vnets->ninstances--;
	for (j = i; j < vnets->ninstances; j++) {
		vnets->ids[j] = vnets->ids[j + 1];
		memcpy(vnets->copies[j], vnets->copies[j + 1], MODEL_SET);
	}
	for (i = model->nrecords[1]; i > 0; i--)
		vnet_call(model, &model->records[1][i - 1], true, vnet);
	return true;
}
