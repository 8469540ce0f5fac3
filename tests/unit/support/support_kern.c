/* SPDX-License-Identifier: BSD-2-Clause */

/* A simulated kernel for tests; see support_kern.h. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

void
kern_init_machine(struct kern *kern, const char *machine, uint32_t osreldate)
{
	memset(kern, 0, sizeof(*kern));
	kern->osreldate = osreldate;
	kern->synth = kldsim_synth_new(machine, KLDSIM_SYNTH_KERNEL);
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_OSRELDATE, osreldate);
	(void)kldsim_synth_func(kern->synth, "printf");
	kldsim_options_init(&kern->options, sizeof(kern->options));
}

void
kern_init(struct kern *kern, uint32_t osreldate)
{
	kern_init_machine(kern, "amd64", osreldate);
	kern->options.kernel_end = KERN_BASE;
}

static void
free_bytes(void *user, const void *bytes)
{
	(void)user;
	kldsim_synth_free_bytes((void *)(uintptr_t)bytes);
}

static struct kldsim_image *
finish(struct kldsim_synth *synth, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	void *bytes;
	size_t size;

	if (kldsim_synth_finish(synth, &bytes, &size, &error) != KLDSIM_OK)
		fail_msg("synth: %s", error.text);
	if (kldsim_image_open_memory(bytes, size, name, free_bytes, NULL,
	    &image, &error) != KLDSIM_OK)
		fail_msg("image: %s", error.text);
	return image;
}

struct kldsim_image *
kern_image(struct kldsim_synth *synth, const char *name)
{
	struct kldsim_image *image = finish(synth, name);

	kldsim_synth_free(synth);
	return image;
}

struct kldsim_image *
kern_spec(const char *spec, const char *name)
{
	struct kldsim_synth *synth = NULL;
	struct kldsim_error error;

	if (kldsim_synth_spec_bytes(spec, strlen(spec), name, &synth,
	    &error) != KLDSIM_OK)
		fail_msg("%s: %s", name, error.text);
	return kern_image(synth, name);
}

struct kldsim_kbi_file *
kern_kbi_file(struct kldsim_image *image, uint64_t work)
{
	struct kldsim_kbi_options options;
	struct kldsim_kbi_file *file;
	struct kldsim_error error;

	kldsim_kbi_options_init(&options, sizeof(options));
	options.limits.work = work;
	if (kldsim_kbi_file_new(image, &options, &file, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(image);
	return (file);
}

struct kldsim_kbi_file *
kern_kbi_spec(const char *spec, const char *name, uint64_t work)
{
	return (kern_kbi_file(kern_spec(spec, name), work));
}

enum kldsim_status
kern_try_boot(struct kern *kern)
{
	if (kern->image == NULL)
		kern->image = finish(kern->synth, "kernel");
	return kldsim_boot(kern->image, &kern->options, &kern->sim,
	    &kern->error);
}

void
kern_boot(struct kern *kern)
{
	if (kern_try_boot(kern) != KLDSIM_OK)
		fail_msg("boot: %s", kern->error.text);
}

void
kern_start(struct kern *kern, uint32_t osreldate)
{
	kern_init(kern, osreldate);
	kern_boot(kern);
}

void
kern_start_sets(struct kern *kern, uint32_t osreldate)
{
	kern_init(kern, osreldate);
	kern->options.cpus = 3;
	kern->options.vnets = 2;
	kern_boot(kern);
}

void
kern_fini(struct kern *kern)
{
	kldsim_destroy(kern->sim);
	kldsim_image_unref(kern->image);
	kldsim_synth_free(kern->synth);
}

uint64_t
kern_symbol(const struct kern *kern, const char *name)
{
	int symbol = kldsim_synth_find_symbol(kern->synth, name);

	if (symbol == 0)
		fail_msg("the kernel has no %s", name);
	return kldsim_synth_symbol_value(kern->synth, symbol);
}

struct kldsim_synth *
module_new(uint32_t osreldate)
{
	struct kldsim_synth *module =
	    kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);

	kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, osreldate);
	/* V-51: 14.0 has a list link in struct sysinit. */
	kldsim_synth_option(module, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
	return module;
}

uint64_t
module_slot(struct kldsim_synth *module, int symbol, int64_t addend)
{
	int data = kldsim_synth_section_named(module, ".data");
	uint64_t at = kldsim_synth_append(module, data, NULL, 8);

	(void)kldsim_synth_reloc(module, data, at, "R_X86_64_64", symbol,
	    addend);
	return at;
}

int
module_undefined(struct kldsim_synth *module, const char *name, int bind)
{
	return kldsim_synth_symbol(module, name, bind, KLDSIM_SYNTH_NOTYPE,
	    KLDSIM_SYNTH_UNDEF, 0, 0);
}

int
module_absolute(struct kldsim_synth *module, const char *name, int bind,
    uint64_t value, uint64_t size)
{
	return kldsim_synth_symbol(module, name, bind, KLDSIM_SYNTH_OBJECT,
	    KLDSIM_SYNTH_ABS, value, size);
}

int
module_section(struct kldsim_synth *module, const char *name, uint32_t type,
    uint64_t flags, uint64_t align, uint64_t size)
{
	int section = kldsim_synth_section(module, name, type, flags, align);

	(void)kldsim_synth_append(module, section, NULL, size);
	return section;
}

struct kldsim_synth *
module_with_set(uint32_t osreldate, const char *set, uint64_t size,
    unsigned char fill)
{
	struct kldsim_synth *module = module_new(osreldate);
	int section = kldsim_synth_section_named(module, set);

	while (size-- != 0)
		(void)kldsim_synth_append(module, section, &fill, 1);
	return module;
}

enum kldsim_status
kern_try(struct kern *kern, struct kldsim_synth *module, const char *name)
{
	struct kldsim_image *image = kern_image(module, name);
	enum kldsim_status status;
	char path[256];

	(void)snprintf(path, sizeof(path), MODULE_PATH("%s"), name);
	status = kldsim_kldload_image(kern->sim, image, path, &kern->result,
	    &kern->error);
	kldsim_image_unref(image);
	return status;
}

/* What the kernel said, where a test is about to fail. */
static void
tell(const struct kern *kern)
{
	const struct kldsim_result *result = &kern->result;

	for (size_t i = 0; i < result->nconsole; i++)
		print_error("console: %s\n", kldsim_console_line(kern->sim,
		    result->first_console + i));
	for (size_t i = 0; i < result->nfindings; i++)
		print_error("finding: %s\n", kldsim_finding_at(kern->sim,
		    result->first_finding + i)->text);
}

static void
must(const struct kern *kern, enum kldsim_status status, const char *what,
    int error, bool panicked)
{
	if (status != KLDSIM_OK)
		fail_msg("%s: %s: %s", what, kldsim_status_name(status),
		    kern->error.text);
	if (kern->result.error == error && kern->result.panicked == panicked)
		return;
	tell(kern);
	fail_msg("%s: errno %d%s instead of %d%s", what, kern->result.error,
	    kern->result.panicked ? " and a panic" : "", error,
	    panicked ? " and a panic" : "");
}

int
kern_load(struct kern *kern, struct kldsim_synth *module, const char *name)
{
	must(kern, kern_try(kern, module, name), name, 0, false);
	assert_true(kern->result.fileid > 1);
	return kern->result.fileid;
}

/* No refusal goes without a finding that gives the reason. */
static void
must_say_why(const struct kern *kern)
{
	const struct kldsim_result *result = &kern->result;

	for (size_t i = 0; i < result->nfindings; i++)
		if (kldsim_finding_at(kern->sim,
		    result->first_finding + i)->refusal)
			return;
	tell(kern);
	fail_msg("%s, and nobody says why", kldsim_errno_name(result->error));
}

const struct kldsim_finding *
kern_reason(const struct kern *kern)
{
	const struct kldsim_result *result = &kern->result;

	for (size_t i = result->nfindings; i-- > 0;) {
		const struct kldsim_finding *finding = kldsim_finding_at(
		    kern->sim, result->first_finding + i);

		if (finding->refusal)
			return finding;
	}
	fail_msg("nobody says why");
	return NULL;
}

void
kern_refuse(struct kern *kern, struct kldsim_synth *module, const char *name,
    int error)
{
	must(kern, kern_try(kern, module, name), name, error, false);
	assert_int_equal(kern->result.fileid, -1);
	must_say_why(kern);
}

void
kern_panic(struct kern *kern, struct kldsim_synth *module, const char *name)
{
	const struct kldsim_finding *last;

	must(kern, kern_try(kern, module, name), name, 0, true);
	assert_int_equal(kern->result.fileid, -1);
	assert_true(kldsim_is_dead(kern->sim));
	assert_true(kern->result.nfindings != 0);
	last = kldsim_finding_at(kern->sim,
	    kldsim_finding_count(kern->sim) - 1);
	assert_int_equal(last->severity, KLDSIM_PANIC);
}

void
kern_unload(struct kern *kern, int fileid)
{
	must(kern, kldsim_kldunload(kern->sim, fileid, KLDSIM_UNLOAD_NORMAL,
	    &kern->result, &kern->error), "kldunload", 0, false);
}

void
kern_keep(struct kern *kern, int fileid, int flags, int error)
{
	must(kern, kldsim_kldunload(kern->sim, fileid, flags, &kern->result,
	    &kern->error), "kldunload", error, false);
	if (error != 0)
		must_say_why(kern);
}

int
kern_secure(struct kern *kern, int level)
{
	assert_int_equal(kldsim_set_securelevel(kern->sim, level,
	    &kern->result, &kern->error), KLDSIM_OK);
	return kern->result.error;
}

struct kldsim_filestat
kern_stat(const struct kern *kern, int fileid)
{
	struct kldsim_filestat stat;

	if (kldsim_kldstat(kern->sim, fileid, &stat) != KLDSIM_OK)
		fail_msg("no file %d", fileid);
	return stat;
}

struct kldsim_section
kern_section(const struct kern *kern, int fileid, const char *name)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(kern->sim, fileid, i,
	    &section) == KLDSIM_OK; i++)
		if (strcmp(section.name, name) == 0)
			return section;
	fail_msg("file %d has no section %s", fileid, name);
	return section;
}

struct kldsim_set_info
kern_set(const struct kern *kern, enum kldsim_set set)
{
	struct kldsim_set_info info;

	kldsim_set_info(kern->sim, set, &info);
	return info;
}

uint64_t
kern_read(const struct kern *kern, uint64_t address, unsigned width)
{
	unsigned char bytes[8] = { 0 };
	uint64_t value = 0;

	if (kldsim_read(kern->sim, address, bytes, width) != KLDSIM_OK)
		fail_msg("0x%llx cannot be read", (unsigned long long)address);
	while (width-- != 0)
		value = value << 8 | bytes[width];
	return value;
}

uint64_t
kern_copy(const struct kern *kern, enum kldsim_set set, unsigned id,
    uint64_t address, unsigned width)
{
	kldsim_addr copy;

	if (kldsim_set_translate(kern->sim, set, id, address, &copy) !=
	    KLDSIM_OK)
		fail_msg("0x%llx is in no set", (unsigned long long)address);
	return kern_read(kern, copy, width);
}

uint64_t
kern_slot(const struct kern *kern, int fileid, uint64_t offset)
{
	return kern_read(kern, kern_section(kern, fileid, ".data").address +
	    offset, 8);
}

bool
kern_has_sym(const struct kern *kern, int fileid, const char *name)
{
	kldsim_addr value;
	kldsim_size size;
	enum kldsim_status status = kldsim_kldsym(kern->sim, fileid, name,
	    &value, &size);

	assert_true(status == KLDSIM_OK || status == KLDSIM_NOENT);
	return status == KLDSIM_OK;
}

uint64_t
kern_sym(const struct kern *kern, int fileid, const char *name)
{
	kldsim_addr value = 0;
	kldsim_size size;

	if (kldsim_kldsym(kern->sim, fileid, name, &value, &size) !=
	    KLDSIM_OK)
		fail_msg("file %d has no %s", fileid, name);
	return value;
}

const struct kldsim_finding *
kern_finding(const struct kern *kern, const char *code)
{
	for (size_t i = 0; i < kern->result.nfindings; i++) {
		const struct kldsim_finding *finding = kldsim_finding_at(
		    kern->sim, kern->result.first_finding + i);

		if (strcmp(finding->code, code) == 0)
			return finding;
	}
	return NULL;
}

size_t
kern_findings(const struct kern *kern, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < kern->result.nfindings; i++)
		count += strcmp(kldsim_finding_at(kern->sim,
		    kern->result.first_finding + i)->code, code) == 0;
	return count;
}

const char *
kern_said(const struct kern *kern, const char *code)
{
	const struct kldsim_finding *finding = kern_finding(kern, code);

	assert_non_null(finding);
	return finding->text;
}

void
kern_free_list(const struct kern *kern, enum kldsim_set set,
    const struct kern_extent *extents, size_t count, const char *file,
    int line)
{
	struct kldsim_set_info info = kern_set(kern, set);
	struct kldsim_extent_info extent;

	_assert_int_equal(info.nfree, count, file, line);
	for (size_t i = 0; i < count; i++) {
		if (kldsim_set_free_extent(kern->sim, set, i, &extent) !=
		    KLDSIM_OK)
			_fail(file, line);
		_assert_int_equal(extent.start - info.modspace_start,
		    extents[i].start, file, line);
		_assert_int_equal(extent.size, extents[i].size, file, line);
	}
}

void
kern_console(const struct kern *kern, const char *file, int line, ...)
{
	const struct kldsim_result *result = &kern->result;
	const char *want;
	size_t i = 0;
	va_list args;

	va_start(args, line);
	while ((want = va_arg(args, const char *)) != NULL) {
		const char *have = i < result->nconsole ? kldsim_console_line(
		    kern->sim, result->first_console + i) : "(nothing)";

		_assert_string_equal(have, want, file, line);
		i++;
	}
	va_end(args);
	if (i < result->nconsole)
		tell(kern);
	_assert_int_equal(result->nconsole, i, file, line);
}

/* --- the digest --- */

struct text {
	char *bytes;
	size_t size, cap;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(struct text *text, const char *format, ...)
{
	char line[1024];
	va_list args;
	size_t length;

	va_start(args, format);
	length = (size_t)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length >= sizeof(line))
		length = sizeof(line) - 1;
	if (text->size + length + 1 > text->cap) {
		text->cap = (text->size + length + 1) * 2;
		text->bytes = realloc(text->bytes, text->cap);
		assert_non_null(text->bytes);
	}
	memcpy(text->bytes + text->size, line, length + 1);
	text->size += length;
}

/* FNV-1a of target memory, page by page; what is not mapped counts too. */
static uint64_t
hash_memory(const struct kern *kern, uint64_t address, uint64_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	unsigned char page[4096];

	while (size != 0) {
		size_t n = sizeof(page) - (size_t)(address % sizeof(page));

		if (n > size)
			n = (size_t)size;
		if (kldsim_read(kern->sim, address, page, n) != KLDSIM_OK)
			memset(page, 0xee, n);
		for (size_t i = 0; i < n; i++)
			hash = (hash ^ page[i]) * UINT64_C(0x100000001b3);
		address += n;
		size -= n;
	}
	return hash;
}

#define LL(x) ((unsigned long long)(x))

static void
say_lists(const struct kern *kern, struct text *text, int id)
{
	struct kldsim_interface interface;
	struct kldsim_modinfo module;
	struct kldsim_protection prot;
	kldsim_addr ctor;
	int dep;

	for (size_t i = 0; kldsim_file_dep(kern->sim, id, i, &dep) ==
	    KLDSIM_OK; i++)
		say(text, " dep %d\n", dep);
	for (size_t i = 0; kldsim_file_interface(kern->sim, id, i,
	    &interface) == KLDSIM_OK; i++)
		say(text, " interface %s %d\n", interface.name,
		    interface.version);
	for (size_t i = 0; kldsim_file_module(kern->sim, id, i, &module) ==
	    KLDSIM_OK; i++)
		say(text, " module %s %d %d %d\n", module.name, module.id,
		    module.refs, module.fileid);
	for (size_t i = 0; kldsim_file_protection(kern->sim, id, i, &prot) ==
	    KLDSIM_OK; i++)
		say(text, " prot %llx %llx %u\n", LL(prot.start),
		    LL(prot.size), prot.prot);
	for (size_t i = 0; kldsim_file_constructor(kern->sim, id, i, &ctor) ==
	    KLDSIM_OK; i++)
		say(text, " ctor %llx\n", LL(ctor));
}

static void
say_file(const struct kern *kern, struct text *text, int id)
{
	struct kldsim_filestat stat = kern_stat(kern, id);
	struct kldsim_section section;

	say(text, "file %d %s %s %s refs %d/%d linked %d\n", stat.id,
	    stat.name, stat.path, stat.class_name, stat.refs, stat.userrefs,
	    stat.linked);
	say(text, " at %llx size %llx: %llx\n", LL(stat.address),
	    LL(stat.size), LL(hash_memory(kern, stat.address, stat.size)));
	say(text, " counts %zu %zu %zu %zu %zu\n", stat.ndeps,
	    stat.ninterfaces, stat.nmodules, stat.nsections,
	    stat.nconstructors);
	say_lists(kern, text, id);
	for (size_t i = 0; kldsim_file_section(kern->sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		say(text, " section %u %s type %x flags %llx at %llx/%llx "
		    "size %llx in %d: %llx\n", section.index, section.name,
		    section.type, LL(section.flags), LL(section.address),
		    LL(section.hole), LL(section.size), section.region,
		    LL(hash_memory(kern, section.address, section.size)));
}

static void
say_set(const struct kern *kern, struct text *text, enum kldsim_set set)
{
	struct kldsim_set_info info = kern_set(kern, set);
	struct kldsim_extent_info extent;
	struct kldsim_set_part part;
	struct kldsim_instance instance;
	uint64_t bytes = info.stop - info.start;

	say(text, "set %d %d [%llx, %llx) modspace %llx %llx free %llx: "
	    "%llx\n", set, info.present, LL(info.start), LL(info.stop),
	    LL(info.modspace_start), LL(info.modspace_size),
	    LL(info.modspace_free),
	    LL(hash_memory(kern, info.start, bytes)));
	for (size_t i = 0; kldsim_set_free_extent(kern->sim, set, i,
	    &extent) == KLDSIM_OK; i++)
		say(text, " free %llx %llx\n", LL(extent.start),
		    LL(extent.size));
	for (size_t i = 0; kldsim_set_part(kern->sim, set, i, &part) ==
	    KLDSIM_OK; i++)
		say(text, " part %d %u %llx %llx\n", part.fileid,
		    part.section_index, LL(part.start), LL(part.size));
	for (size_t i = 0; kldsim_set_instance(kern->sim, set, i,
	    &instance) == KLDSIM_OK; i++)
		say(text, " instance %u %llx %llx: %llx\n", instance.id,
		    LL(instance.area), LL(instance.base),
		    LL(hash_memory(kern, instance.area, bytes)));
}

char *
kern_digest(const struct kern *kern)
{
	struct text text = { NULL, 0, 0 };
	int id = 0;

	say(&text, "dead %d osreldate %u\n", kldsim_is_dead(kern->sim),
	    kldsim_osreldate(kern->sim));
	while (kldsim_kldnext(kern->sim, id, &id) == KLDSIM_OK && id != 0)
		say_file(kern, &text, id);
	say_set(kern, &text, KLDSIM_SET_DPCPU);
	say_set(kern, &text, KLDSIM_SET_VNET);
	for (size_t i = 0; i < kldsim_event_count(kern->sim); i++) {
		const struct kldsim_event *event =
		    kldsim_event_at(kern->sim, i);

		say(&text, "event %s %s %s %llx %llx %x %x %u %d\n",
		    kldsim_event_name(event->kind), event->file,
		    event->module != NULL ? event->module : "-",
		    LL(event->func), LL(event->arg), event->subsystem,
		    event->order, event->vnet, event->error);
	}
	for (size_t i = 0; i < kldsim_console_count(kern->sim); i++)
		say(&text, "console %s\n", kldsim_console_line(kern->sim, i));
	for (size_t i = 0; i < kldsim_finding_count(kern->sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(kern->sim, i);

		say(&text, "finding %s %d %s %s %d %d %llx %s: %s\n",
		    finding->code, finding->severity,
		    finding->file != NULL ? finding->file : "-",
		    finding->section != NULL ? finding->section : "-",
		    finding->section_index, finding->has_offset,
		    LL(finding->offset),
		    finding->symbol != NULL ? finding->symbol : "-",
		    finding->text);
	}
	return text.bytes;
}
