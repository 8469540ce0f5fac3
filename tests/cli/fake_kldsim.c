/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A library that only pretends.  The command is linked to it so that its
 * reports can be compared byte for byte, whatever the real linker does, and so
 * that it meets what is hard to come by: hostile names, a panic, a failing
 * host, a 32-bit kernel.  What a kernel or module does is in its base name.
 */

#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>

#include "cmd_load.h"
#include "command.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))
#define MAX_FILES 16
#define MODSPACE 0x2000 /* offset of modspace in each set */
#define SET_BYTES 0x2800

struct kldsim_image {
	const char *name;
};

struct file {
	const char *path;
	const char *name;
	const struct kind *kind;
};

struct kldsim {
	struct kldsim_options options;
	bool narrow;   /* a 32-bit kernel */
	bool vimage;
	bool stripped; /* modspace is not known */
	bool dead;
	struct file files[MAX_FILES]; /* ids count from 1 */
	int nfiles;
	const char *console[64];
	size_t nconsole;
	struct kldsim_finding findings[64];
	size_t nfindings;
};

/* Sections with addresses relative to the file, or to modspace for sets. */
static const struct kldsim_section plain[] = {
	{ ".text", 1, 1, 0x6, 0, 0x1400, KLDSIM_REGION_MAPPING, 0 },
	{ "set_pcpu", 3, 1, 0x3, 0, 56, KLDSIM_REGION_DPCPU, 0x1400 },
	{ "set_vnet", 5, 1, 0x3, 0, 22, KLDSIM_REGION_VNET, 0x1440 },
	{ ".empty", 6, 1, 0x3, 0x1480, 0, KLDSIM_REGION_MAPPING, 0 },
	{ ".bss", 112, 8, 0x3, 0x1480, 0x3c0, KLDSIM_REGION_MAPPING, 0 },
};
static const struct kldsim_section hostile[] = {
	{ "a/b%\xff\x1b[2J", 1, 1, 0x6, 0, 8, KLDSIM_REGION_MAPPING, 0 },
	{ "", 2, 1, 0x6, 8, 8, KLDSIM_REGION_MAPPING, 0 },
	{ "..", 3, 1, 0x6, 16, 8, KLDSIM_REGION_MAPPING, 0 },
	{ "\xc3\xa9\xe2\x80\xae\\", 4, 1, 0x6, 24, 8, KLDSIM_REGION_MAPPING, 0 },
	{ "none", 5, 1, 0x0, 0, 8, KLDSIM_REGION_NONE, 0 },
};
static const struct kldsim_section huge[] = {
	{ ".bss", 1, 8, 0x3, 0, 0x10000001, KLDSIM_REGION_MAPPING, 0 },
};
static const struct kldsim_section unmapped[] = {
	{ ".text", 1, 1, 0x6, 0x70000000, 8, KLDSIM_REGION_MAPPING, 0 },
};

static const char *const no_lines[] = { NULL };
static const char *const refused_lines[] = {
	"link_elf_obj: symbol no_such\x07 undefined",
	"linker_load_file: /x/refused.ko - unsupported file type", NULL,
};
static const char *const panic_lines[] = {
	"Fatal trap 12: page fault while in kernel mode", NULL,
};

static const struct kldsim_finding refused_finding = {
	"undefined-symbol", KLDSIM_WARNING, "O-46,O-53", "refused.ko", ".text",
	1, true, 0x1c, "no_such", "nothing defines it", "refused_init", true,
};
static const struct kldsim_finding panic_finding = {
	"modspace-free", KLDSIM_PANIC, "A-12", "panic.ko", NULL, 4, false, 0,
	NULL, "NULL dereference in vnet_data_free", NULL, false,
};
static const struct kldsim_finding many_finding = {
	"pointer-not-propagated", KLDSIM_WARNING, "O-22", "many.ko",
	"set_vnet", 5, true, 8, "hz", "vnets keep the file's bytes", NULL, false,
};
static const struct kldsim_finding note_finding = {
	"ifunc-unanswered", KLDSIM_NOTE, "", NULL, NULL, -1, false, 0,
	"memcpy", "stands for its resolver", NULL, false,
};

/* What the first word of a base name makes of a module. */
static const struct kind {
	const char *name;
	const char *class_name;
	const struct kldsim_section *sections;
	size_t nsections;
	int error;
	bool panicked;
	enum kldsim_status status;
	const char *const *lines;
	const struct kldsim_finding *finding;
	size_t copies; /* of the finding, 8 bytes apart; 0 is 1 */
} kinds[] = {
	{ "good", "elf64_obj", plain, LENGTH(plain), 0, false, KLDSIM_OK,
	    no_lines, NULL, 0 },
	{ "many", "elf64_obj", plain, LENGTH(plain), 0, false, KLDSIM_OK,
	    no_lines, &many_finding, 6 },
	{ "noted", "elf64_obj", plain, 1, 0, false, KLDSIM_OK, no_lines,
	    &note_finding, 0 },
	{ "hostile", "elf64_obj", hostile, LENGTH(hostile), 0, false,
	    KLDSIM_OK, no_lines, NULL, 0 },
	{ "huge", "elf64_obj", huge, LENGTH(huge), 0, false, KLDSIM_OK,
	    no_lines, NULL, 0 },
	{ "shared", "elf64", plain + 1, 2, 0, false, KLDSIM_OK, no_lines,
	    NULL, 0 },
	{ "unmapped", "elf64_obj", unmapped, LENGTH(unmapped), 0, false,
	    KLDSIM_OK, no_lines, NULL, 0 },
	{ "refused", NULL, NULL, 0, 8, false, KLDSIM_OK, refused_lines,
	    &refused_finding, 0 },
	{ "panic", NULL, NULL, 0, 0, true, KLDSIM_OK, panic_lines,
	    &panic_finding, 0 },
	{ "hostfail", NULL, NULL, 0, 0, false, KLDSIM_LIMIT, no_lines, NULL, 0 },
	{ "", "elf64_obj", plain, 1, 0, false, KLDSIM_OK, no_lines, NULL, 0 },
};

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash == NULL ? path : slash + 1);
}

static enum kldsim_status
fail(struct kldsim_error *error, enum kldsim_status status, const char *text)
{
	error->status = status;
	error->sys_errno = 0;
	memset(error->text, 0, sizeof(error->text));
	strncpy(error->text, text, sizeof(error->text) - 1);
	return (status);
}

/* Words for numbers. */

const char *
kldsim_status_name(enum kldsim_status status)
{
	return (status == KLDSIM_LIMIT ? "limit reached" : "?");
}

const char *
kldsim_version_string(void)
{
	return ("9.8.7");
}

const char *
kldsim_severity_name(enum kldsim_severity severity)
{
	static const char *const names[] = { "note", "warning", "panic" };

	return (names[severity]);
}

const char *
kldsim_errno_name(int error)
{
	return (error == 8 ? "ENOEXEC" : "E?");
}

const char *
kldsim_errno_text(int error)
{
	return (error == 8 ? "Exec format error" : "Unknown error");
}

enum kldsim_status
kldsim_errno_parse(const char *text, int *error_ret)
{
	*error_ret = 8;
	return (strcmp(text, "ENOEXEC") == 0 ? KLDSIM_OK : KLDSIM_ARG);
}

void
kldsim_options_init(struct kldsim_options *options, size_t size)
{
	memset(options, 0, size);
	options->size = size;
	options->cpus = 2;
	options->vnets = 1;
	options->leak_locals = 1;
}

enum kldsim_status
kldsim_release_parse(const char *text, uint32_t *osreldate_ret)
{
	*osreldate_ret = strcmp(text, "13.0") == 0 ? 1300139 : 0;
	return (*osreldate_ret != 0 || strcmp(text, "auto") == 0 ?
	    KLDSIM_OK : KLDSIM_ARG);
}

enum kldsim_status
kldsim_limit_set(struct kldsim_limits *limits, const char *name,
    uint64_t value)
{
	limits->sections = value;
	return (strcmp(name, "sections") == 0 ? KLDSIM_OK : KLDSIM_ARG);
}

const char *
kldsim_release_name(uint32_t osreldate)
{
	return (osreldate == 1300139 ? "13.0" : "12.1");
}

/* Images and boot. */

enum kldsim_status
kldsim_image_open(const char *path, struct kldsim_image **image_ret,
    struct kldsim_error *error_ret)
{
	*image_ret = NULL;
	if (strstr(path, "missing") != NULL)
		return (fail(error_ret, KLDSIM_SYS,
		    "/k/missing: No such file or directory"));
	*image_ret = calloc(1, sizeof(**image_ret));
	(*image_ret)->name = path;
	return (KLDSIM_OK);
}

void
kldsim_image_unref(struct kldsim_image *image)
{
	free(image);
}

void
kldsim_image_info(const struct kldsim_image *image,
    struct kldsim_image_info *info_ret)
{
	bool narrow = strstr(image->name, "i386") != NULL;

	memset(info_ret, 0, sizeof(*info_ret));
	info_ret->name = image->name;
	info_ret->elf = true;
	info_ret->word_bits = narrow ? 32 : 64;
	info_ret->machine = narrow ? 3 : 62;
}

enum kldsim_status
kldsim_boot(struct kldsim_image *image, const struct kldsim_options *options,
    struct kldsim **sim_ret, struct kldsim_error *error_ret)
{
	struct kldsim *sim;

	*sim_ret = NULL;
	if (strstr(image->name, "broken") != NULL)
		return (fail(error_ret, KLDSIM_MALFORMED, "it is broken"));
	if (options->cpus > 4)
		return (fail(error_ret, KLDSIM_ARG, "too many CPUs"));
	sim = calloc(1, sizeof(*sim));
	sim->options = *options;
	sim->narrow = strstr(image->name, "i386") != NULL;
	sim->vimage = strstr(image->name, "novimage") == NULL;
	sim->stripped = strstr(image->name, "stripped") != NULL;
	sim->dead = strstr(image->name, "dead") != NULL;
	sim->files[0].path = "/boot/kernel/kernel";
	sim->files[0].name = "kernel";
	sim->nfiles = 1;
	*sim_ret = sim;
	return (KLDSIM_OK);
}

void
kldsim_destroy(struct kldsim *sim)
{
	free(sim);
}

bool
kldsim_is_dead(const struct kldsim *sim)
{
	return (sim->dead);
}

uint32_t
kldsim_osreldate(const struct kldsim *sim)
{
	return (sim->options.osreldate ? sim->options.osreldate : 1201000);
}

/* Loading. */

static const struct kind *
find_kind(const char *name)
{
	const struct kind *kind = kinds;

	while (strncmp(name, kind->name, strlen(kind->name)) != 0)
		kind++;
	return (kind);
}

enum kldsim_status
kldsim_kldload_path(struct kldsim *sim, const char *path,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	const struct kind *kind = find_kind(base_name(path));

	if (kind->status != KLDSIM_OK)
		return (fail(error_ret, kind->status, "a limit\n was reached"));
	memset(result_ret, 0, sizeof(*result_ret));
	result_ret->error = kind->error;
	result_ret->fileid = -1;
	result_ret->panicked = sim->dead = kind->panicked;
	result_ret->first_console = sim->nconsole;
	for (size_t i = 0; kind->lines[i] != NULL; i++)
		sim->console[sim->nconsole++] = kind->lines[i];
	result_ret->nconsole = sim->nconsole - result_ret->first_console;
	result_ret->first_finding = sim->nfindings;
	result_ret->nfindings = kind->finding == NULL ? 0 :
	    kind->copies == 0 ? 1 : kind->copies;
	for (size_t i = 0; i < result_ret->nfindings; i++) {
		sim->findings[sim->nfindings] = *kind->finding;
		sim->findings[sim->nfindings++].offset += 8 * i;
	}
	if (kind->class_name == NULL || sim->nfiles == MAX_FILES)
		return (KLDSIM_OK);
	sim->files[sim->nfiles++] =
	    (struct file){ path, base_name(path), kind };
	result_ret->fileid = sim->nfiles;
	return (KLDSIM_OK);
}

/* Files. */

static kldsim_addr
address_of(const struct kldsim *sim, int id)
{
	return ((sim->narrow ? 0x1a00000 : 0xffffffff81a00000) +
	    0x10000 * (unsigned)id);
}

static const struct kind *
kind_of(const struct kldsim *sim, int id)
{
	return (id > 1 && id <= sim->nfiles ? sim->files[id - 1].kind : NULL);
}

enum kldsim_status
kldsim_kldnext(const struct kldsim *sim, int fileid, int *next_ret)
{
	*next_ret = fileid < sim->nfiles ? fileid + 1 : 0;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kldstat(const struct kldsim *sim, int fileid,
    struct kldsim_filestat *stat_ret)
{
	const struct kind *kind = kind_of(sim, fileid);

	memset(stat_ret, 0, sizeof(*stat_ret));
	if (fileid < 1 || fileid > sim->nfiles)
		return (KLDSIM_NOENT);
	stat_ret->id = fileid;
	stat_ret->linked = true;
	stat_ret->name = sim->files[fileid - 1].name;
	stat_ret->path = sim->files[fileid - 1].path;
	stat_ret->refs = kind == NULL ? sim->nfiles : 1;
	stat_ret->userrefs = kind != NULL;
	stat_ret->class_name = kind == NULL ? "elf64" : kind->class_name;
	stat_ret->address = kind != NULL ? address_of(sim, fileid) :
	    sim->narrow ? 0x800000 : 0xffffffff80000000;
	stat_ret->size = kind != NULL ? 0x1840 :
	    sim->narrow ? 0xff800000 : 0x80000000;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_dep(const struct kldsim *sim, int fileid, size_t index,
    int *depid_ret)
{
	*depid_ret = 1;
	return (kind_of(sim, fileid) != NULL && index < 2 ? KLDSIM_OK :
	    KLDSIM_NOENT);
}

enum kldsim_status
kldsim_file_interface(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_interface *interface_ret)
{
	interface_ret->name = kind_of(sim, fileid) != NULL ? "good" : "kernel";
	interface_ret->version = 3;
	return (index < 1 ? KLDSIM_OK : KLDSIM_NOENT);
}

enum kldsim_status
kldsim_file_module(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_modinfo *module_ret)
{
	module_ret->name = "good_mod";
	module_ret->id = fileid + 40;
	module_ret->refs = 1;
	module_ret->fileid = fileid;
	return (kind_of(sim, fileid) != NULL && index < 1 ? KLDSIM_OK :
	    KLDSIM_NOENT);
}

enum kldsim_status
kldsim_file_section(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_section *section_ret)
{
	const struct kind *kind = kind_of(sim, fileid);
	kldsim_addr address = address_of(sim, fileid);
	enum kldsim_set set;

	if (kind == NULL || index >= kind->nsections)
		return (KLDSIM_NOENT);
	*section_ret = kind->sections[index];
	section_ret->hole += address;
	if (section_ret->region == KLDSIM_REGION_MAPPING) {
		section_ret->address += address;
	} else if (section_ret->region != KLDSIM_REGION_NONE) {
		struct kldsim_set_info info;

		set = section_ret->region == KLDSIM_REGION_DPCPU ?
		    KLDSIM_SET_DPCPU : KLDSIM_SET_VNET;
		kldsim_set_info(sim, set, &info);
		section_ret->address += info.start + MODSPACE +
		    64 * ((unsigned)fileid - 2);
	}
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_layout(const struct kldsim *sim, int fileid,
    kldsim_section_fn told, void *user)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(sim, fileid, i, &section) ==
	    KLDSIM_OK && told(user, &section) == 0; i++)
		;
	return (kind_of(sim, fileid) != NULL ? KLDSIM_OK : KLDSIM_NOENT);
}

enum kldsim_status
kldsim_file_protection(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_protection *protection_ret)
{
	protection_ret->start = address_of(sim, fileid) + 0x1000 * index;
	protection_ret->size = 0x1000;
	protection_ret->prot = index == 0 ?
	    KLDSIM_PROT_READ | KLDSIM_PROT_EXEC :
	    KLDSIM_PROT_READ | KLDSIM_PROT_WRITE;
	return (kind_of(sim, fileid) != NULL && index < 2 ? KLDSIM_OK :
	    KLDSIM_NOENT);
}

enum kldsim_status
kldsim_file_constructor(const struct kldsim *sim, int fileid, size_t index,
    kldsim_addr *address_ret)
{
	*address_ret = address_of(sim, fileid) + 16;
	return (kind_of(sim, fileid) != NULL && index < 1 ? KLDSIM_OK :
	    KLDSIM_NOENT);
}

/* Memory: a byte is its address's lowest and 1; huge is 0 but for its last. */

enum kldsim_status
kldsim_read(const struct kldsim *sim, kldsim_addr address, void *buffer,
    size_t size)
{
	kldsim_addr last = address_of(sim, 2) + huge[0].size - 1;
	unsigned char *bytes = buffer;

	if (address >= 0xfffffffff0000000)
		return (KLDSIM_FAULT);
	if (sim->nfiles > 1 && kind_of(sim, 2)->sections == huge) {
		memset(bytes, 0, size);
		if (last - address < size)
			bytes[last - address] = 1;
		return (KLDSIM_OK);
	}
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(address + i + 1);
	return (KLDSIM_OK);
}

/* Sets. */

void
kldsim_set_info(const struct kldsim *sim, enum kldsim_set set,
    struct kldsim_set_info *info_ret)
{
	memset(info_ret, 0, sizeof(*info_ret));
	if (set == KLDSIM_SET_VNET && !sim->vimage)
		return;
	info_ret->present = true;
	info_ret->start = (sim->narrow ? 0x1600000 : 0xffffffff81600000) +
	    0x4000 * (unsigned)set;
	info_ret->stop = info_ret->start + SET_BYTES;
	info_ret->ninstances = set == KLDSIM_SET_DPCPU ? sim->options.cpus :
	    sim->options.vnets;
	if (sim->stripped)
		return;
	info_ret->has_modspace = true;
	info_ret->modspace_start = info_ret->start + MODSPACE;
	info_ret->modspace_size = 2048;
	info_ret->modspace_free = 0x500;
	info_ret->nfree = 2;
}

enum kldsim_status
kldsim_set_free_extent(const struct kldsim *sim, enum kldsim_set set,
    size_t index, struct kldsim_extent_info *extent_ret)
{
	struct kldsim_set_info info;

	kldsim_set_info(sim, set, &info);
	extent_ret->start = info.modspace_start + 0x300 + 0x180 * index;
	extent_ret->size = index == 0 ? 0x100 : 0x400;
	return (index < info.nfree ? KLDSIM_OK : KLDSIM_NOENT);
}

enum kldsim_status
kldsim_set_part(const struct kldsim *sim, enum kldsim_set set, size_t index,
    struct kldsim_set_part *part_ret)
{
	enum kldsim_region region = set == KLDSIM_SET_DPCPU ?
	    KLDSIM_REGION_DPCPU : KLDSIM_REGION_VNET;
	struct kldsim_section section;

	for (int id = 2; id <= sim->nfiles; id++) {
		for (size_t i = 0; kldsim_file_section(sim, id, i, &section) ==
		    KLDSIM_OK; i++) {
			if (section.region != region || index-- > 0)
				continue;
			part_ret->fileid = id;
			part_ret->section_index = strcmp(kind_of(sim,
			    id)->class_name, "elf64") == 0 ? 0 : section.index;
			part_ret->start = section.address;
			part_ret->size = section.size;
			return (KLDSIM_OK);
		}
	}
	return (KLDSIM_NOENT);
}

/* CPUs are listed ascending, vnets newest first. */
enum kldsim_status
kldsim_set_instance(const struct kldsim *sim, enum kldsim_set set,
    size_t index, struct kldsim_instance *instance_ret)
{
	struct kldsim_set_info info;

	kldsim_set_info(sim, set, &info);
	if (index >= info.ninstances)
		return (KLDSIM_NOENT);
	instance_ret->id = (unsigned)(set == KLDSIM_SET_DPCPU ? index :
	    info.ninstances - 1 - index);
	instance_ret->area = (sim->narrow ? 0x2000000 : 0xfffffe0000010000) +
	    0x100000 * (unsigned)set + 0x4000 * instance_ret->id;
	instance_ret->base = instance_ret->area - info.start;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_set_translate(const struct kldsim *sim, enum kldsim_set set,
    unsigned id, kldsim_addr symbol, kldsim_addr *address_ret)
{
	struct kldsim_instance instance;

	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		*address_ret = symbol + instance.base;
		if (instance.id == id)
			return (KLDSIM_OK);
	}
	return (KLDSIM_NOENT);
}

/* Reports. */

size_t
kldsim_console_count(const struct kldsim *sim)
{
	return (sim->nconsole);
}

const char *
kldsim_console_line(const struct kldsim *sim, size_t index)
{
	return (index < sim->nconsole ? sim->console[index] : NULL);
}

size_t
kldsim_finding_count(const struct kldsim *sim)
{
	return (sim->nfindings);
}

const struct kldsim_finding *
kldsim_finding_at(const struct kldsim *sim, size_t index)
{
	return (index < sim->nfindings ? &sim->findings[index] : NULL);
}

/* A name that is no file: here it is the same as a path. */
enum kldsim_status
kldsim_kldload(struct kldsim *sim, const char *name,
    struct kldsim_result *result_ret, struct kldsim_error *error_ret)
{
	return (kldsim_kldload_path(sim, name, result_ret, error_ret));
}

enum kldsim_status
kldsim_modfind(const struct kldsim *sim, const char *name, int *modid_ret)
{
	(void)sim;
	(void)name;
	*modid_ret = 1;
	return (KLDSIM_OK);
}

size_t
kldsim_event_count(const struct kldsim *sim)
{
	(void)sim;
	return (0);
}

const struct kldsim_event *
kldsim_event_at(struct kldsim *sim, size_t index)
{
	(void)sim;
	(void)index;
	return (NULL);
}

const char *
kldsim_event_name(enum kldsim_event_kind kind)
{
	(void)kind;
	return ("?");
}

enum kldsim_status
kldsim_preload_result(const struct kldsim *sim, size_t index,
    struct kldsim_result *result_ret)
{
	(void)sim;
	(void)index;
	(void)result_ret;
	return (KLDSIM_NOENT);
}

/* The other commands are tested where they are built. */
const struct command *const all_commands[] = { &load_command, NULL };

/* Nobody asks for a core here. */
void
kldsim_core_options_init(struct kldsim_core_options *options, size_t size)
{
	memset(options, 0, size);
}

#define NO_CORE(name)                                                     \
	enum kldsim_status                                                \
	name(struct kldsim *sim, const struct kldsim_core_options *options, \
	    kldsim_write_fn write, void *user, struct kldsim_error *error) \
	{                                                                 \
		(void)sim;                                                \
		(void)options;                                            \
		(void)write;                                              \
		(void)user;                                               \
		(void)error;                                              \
		return (KLDSIM_UNSUPPORTED);                              \
	}

NO_CORE(kldsim_core_write)
NO_CORE(kldsim_core_write_gdb)
NO_CORE(kldsim_core_write_lldb)
NO_CORE(kldsim_core_write_minidump)

/* Nor for types: load_kbi.c is left out. */
void
load_run_compare(struct load_run *run)
{
	(void)run;
}

void
load_run_will_compare(void)
{
}

/* The table of findings has one row; nobody completes words. */
size_t
kldsim_finding_info_count(void)
{
	return (1);
}

const struct kldsim_finding_info *
kldsim_finding_info_at(size_t index)
{
	static const struct kldsim_finding_info info = { "undefined-symbol",
		KLDSIM_WARNING, "O-46", "Meaning.", "Kernel.", "Remedy." };

	return (index == 0 ? &info : NULL);
}

int
complete(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return (0);
}

/* Nor for pages. */
int
load_run_html(const struct load_run *run)
{
	return (run->options->html != NULL);
}

/* Whatever is asked for is there. */
enum kldsim_status
kldsim_kldsym(struct kldsim *sim, int fileid, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret)
{
	(void)sim;
	(void)fileid;
	(void)name;
	*value_ret = 0;
	*size_ret = 0;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kldfind(const struct kldsim *sim, const char *name, int *fileid_ret)
{
	(void)sim;
	(void)name;
	*fileid_ret = 1;
	return (KLDSIM_OK);
}
