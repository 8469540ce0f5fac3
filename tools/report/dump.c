/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The dump: one file for each stretch of memory, and a manifest of them.
 * Paths in here are relative to the dump's folder.
 */

#include "report/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/escape.h"
#include "report/json.h"
#include "report/names.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

#define CHUNK 65536    /* bytes read and written at a time */
#define NAME_LIMIT 200 /* bytes of a name that a path keeps */

struct dump {
	const struct kldsim *sim;
	const char *folder;
	int root;       /* the folder, open */
	json_t *listed; /* the manifest's array */
	char **names;   /* folders under files/ that are taken */
	size_t nnames;
};

/* A stretch of memory and all that the manifest says of it. */
struct stretch {
	kldsim_addr address;
	kldsim_size size;
	const char *file;    /* NULL, 0: of no linker file */
	int fileid;
	const char *section; /* NULL, -1: no section */
	int index;
	const char *set;     /* NULL: not of a set */
	int instance;        /* CPU or vnet; -1: none */
};

#define STRETCH_NONE \
	{ .index = -1, .instance = -1 }

/* Names that mean something else as a folder's, or nothing. */
static const struct {
	const char *name;
	const char *safe;
} no_names[] = {
	{ "", "%00" },
	{ ".", "%2E" },
	{ "..", "%2E%2E" },
};

/* What differs between the two sets. */
static const struct {
	enum kldsim_set set;
	const char *name;     /* of its folder */
	const char *section;
	const char *instance; /* one copy's file begins so */
} sets[] = {
	{ KLDSIM_SET_DPCPU, "dpcpu", "set_pcpu", "cpu" },
	{ KLDSIM_SET_VNET, "vnet", "set_vnet", "vnet" },
};

#define NSETS (sizeof(sets) / sizeof(*sets))

/* printf into memory of its own. */
static char *make(const char *format, ...) PRINTF_LIKE(1, 2);

static char *
make(const char *format, ...)
{
	char text[3 * NAME_LIMIT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return (need(strdup(text)));
}

static int
fail(const struct dump *d, const char *path)
{
	complain("%s/%s: %s", d->folder, path, strerror(errno));
	return (-1);
}

static int
make_folder(const struct dump *d, const char *path)
{
	if (mkdirat(d->root, path, 0777) == 0 || errno == EEXIST)
		return (0);
	return (fail(d, path));
}

/* A name as one component of a path: '/', '%', unprintable bytes are %XX. */
static void
safe_name(const char *name, char safe[NAME_LIMIT + 1])
{
	size_t used = 0;

	for (size_t n; *name != '\0'; name += n) {
		bool plain = *name != '/' && *name != '%';
		size_t width;

		n = plain ? escape_printable(name) : 0;
		plain = n > 0;
		n = plain ? n : 1;
		width = plain ? n : 3;
		if (used + width > NAME_LIMIT)
			break;
		if (plain)
			memcpy(safe + used, name, n);
		else
			(void)snprintf(safe + used, 4, "%%%02X",
			    (unsigned char)*name);
		used += width;
	}
	safe[used] = '\0';
}

static bool
taken(const struct dump *d, const char *name)
{
	for (size_t i = 0; i < d->nnames; i++)
		if (strcmp(d->names[i], name) == 0)
			return (true);
	return (false);
}

/* A folder name for a file that no other has; it is remembered. */
static const char *
claim_name(struct dump *d, const char *name)
{
	char buffer[NAME_LIMIT + 1];
	const char *safe = buffer;
	char *claimed;

	safe_name(name, buffer);
	for (size_t i = 0; i < sizeof(no_names) / sizeof(*no_names); i++)
		if (strcmp(buffer, no_names[i].name) == 0)
			safe = no_names[i].safe;
	claimed = make("%s", safe);
	for (unsigned n = 2; taken(d, claimed); n++) {
		free(claimed);
		claimed = make("%s#%u", safe, n);
	}
	d->names = need(realloc(d->names, (d->nnames + 1) * sizeof(char *)));
	d->names[d->nnames++] = claimed;
	return (claimed);
}

static int
write_all(int fd, const char *bytes, size_t size, off_t offset)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, bytes, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (-1);
		bytes += n;
		size -= (size_t)n;
		offset += n;
	}
	return (0);
}

static bool
all_zero(const char *bytes, size_t size)
{
	return (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* Copy target memory into an empty file; chunks of zeros become holes. */
static int
copy(const struct dump *d, int fd, const struct stretch *stretch)
{
	char chunk[CHUNK];
	kldsim_size left;
	size_t n;

	for (kldsim_size done = 0; done < stretch->size; done += n) {
		left = stretch->size - done;
		n = left < CHUNK ? (size_t)left : CHUNK;
		if (kldsim_read(d->sim, stretch->address + done, chunk, n) !=
		    KLDSIM_OK) {
			errno = EFAULT;
			return (-1);
		}
		if (!all_zero(chunk, n) &&
		    write_all(fd, chunk, n, (off_t)done) != 0)
			return (-1);
	}
	return (ftruncate(fd, (off_t)stretch->size));
}

static void
list(struct dump *d, const char *path, const struct stretch *s)
{
	json_append(d->listed, json_make(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "path", json_text(path),
	    "address", json_address(s->address),
	    "size", json_size(s->size),
	    "file", json_text(s->file),
	    "file_id", s->file ? json_integer(s->fileid) : json_null(),
	    "section", json_text(s->section),
	    "section_index", s->index < 0 ? json_null() :
	    json_integer(s->index),
	    "set", json_text(s->set),
	    "instance", s->instance < 0 ? json_null() :
	    json_integer(s->instance)));
}

/* Write one stretch and list it.  The path is freed. */
static int
save(struct dump *d, char *path, const struct stretch *stretch)
{
	int fd = openat(d->root, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	int failed = fd < 0 || copy(d, fd, stretch) != 0;

	if (failed)
		(void)fail(d, path);
	if (fd >= 0 && close(fd) != 0 && !failed)
		failed = fail(d, path) != 0;
	if (!failed)
		list(d, path, stretch);
	free(path);
	return (failed ? -1 : 0);
}

static int
save_section(struct dump *d, const char *folder, const char *file, int id,
    const struct kldsim_section *section)
{
	struct stretch stretch = STRETCH_NONE;
	char safe[NAME_LIMIT + 1];

	if (section->region == KLDSIM_REGION_NONE || section->size == 0)
		return (0);
	safe_name(section->name, safe);
	stretch.address = section->address;
	stretch.size = section->size;
	stretch.file = file;
	stretch.fileid = id;
	stretch.section = section->name;
	stretch.index = (int)section->index;
	return (save(d, make("files/%s/%02u.%s.bin", folder, section->index,
	    safe), &stretch));
}

/* A relocatable file: each section at its final place. */
static int
save_sections(struct dump *d, const char *folder,
    const struct kldsim_filestat *stat)
{
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(d->sim, stat->id, i, &section)
	    == KLDSIM_OK; i++)
		if (save_section(d, folder, stat->name, stat->id,
		    &section) != 0)
			return (-1);
	return (0);
}

/* A shared object: its mapping, and its parts of the reference copies. */
static int
save_image(struct dump *d, const char *folder,
    const struct kldsim_filestat *stat)
{
	struct stretch stretch = STRETCH_NONE;
	struct kldsim_set_part part;
	int failed;

	stretch.address = stat->address;
	stretch.size = stat->size;
	stretch.file = stat->name;
	stretch.fileid = stat->id;
	failed = save(d, make("files/%s/image.bin", folder), &stretch);
	for (size_t s = 0; s < NSETS; s++) {
		for (size_t i = 0; !failed && kldsim_set_part(d->sim,
		    sets[s].set, i, &part) == KLDSIM_OK; i++) {
			if (part.fileid != stat->id)
				continue;
			stretch.address = part.start;
			stretch.size = part.size;
			stretch.section = sets[s].section;
			stretch.set = sets[s].name;
			failed = save(d, make("files/%s/%s.bin", folder,
			    sets[s].section), &stretch);
		}
	}
	return (failed);
}

/* Class names of relocatable files end in "_obj" (rule L-02). */
static bool
is_relocatable(const char *class_name)
{
	const char *last = strrchr(class_name, '_');

	return (last != NULL && strcmp(last, "_obj") == 0);
}

/* All files but the first, which is the kernel. */
static int
save_files(struct dump *d)
{
	struct kldsim_filestat stat;
	int id = 0;

	if (make_folder(d, "files") != 0)
		return (-1);
	for ((void)next_file(d->sim, &id); next_file(d->sim, &id);) {
		if (kldsim_kldstat(d->sim, id, &stat) != KLDSIM_OK)
			continue;
		const char *folder = claim_name(d, stat.name);
		char *path = make("files/%s", folder);
		int failed = make_folder(d, path);

		free(path);
		if (failed || (is_relocatable(stat.class_name) ? save_sections :
		    save_image)(d, folder, &stat) != 0)
			return (-1);
	}
	return (0);
}

/* The reference copy of a set, and every CPU's or vnet's. */
static int
save_set(struct dump *d, size_t row)
{
	const char *name = sets[row].name;
	struct stretch stretch = STRETCH_NONE;
	struct kldsim_instance instance;
	struct kldsim_set_info info;
	int failed;

	kldsim_set_info(d->sim, sets[row].set, &info);
	if (!info.present)
		return (0);
	stretch.address = info.start;
	stretch.size = info.stop - info.start;
	stretch.set = name;
	failed = make_folder(d, name) != 0 ||
	    save(d, make("%s/reference.bin", name), &stretch) != 0;
	for (size_t i = 0; !failed && kldsim_set_instance(d->sim,
	    sets[row].set, i, &instance) == KLDSIM_OK; i++) {
		stretch.address = instance.area;
		stretch.instance = (int)instance.id;
		failed = save(d, make("%s/%s%u.bin", name, sets[row].instance,
		    instance.id), &stretch);
	}
	return (failed ? -1 : 0);
}

static int
save_manifest(struct dump *d)
{
	int fd = openat(d->root, "manifest.json",
	    O_WRONLY | O_CREAT | O_TRUNC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int failed;

	if (out == NULL)
		return (fail(d, "manifest.json"));
	json_write(json_make("{s:s, s:O}", "schema", "kldsim.dump/1",
	    "files", d->listed), out);
	failed = put_finish(out, "manifest.json");
	return (fclose(out) == 0 ? failed : -1);
}

static int
save_all(struct dump *d)
{
	int failed = save_files(d);

	for (size_t row = 0; row < NSETS && !failed; row++)
		failed = save_set(d, row);
	return (failed ? failed : save_manifest(d));
}

int
dump(const struct kldsim *sim, const char *folder)
{
	struct dump d = { .sim = sim, .folder = folder,
		.root = sandbox_make_folder(folder) };
	int failed = -1;

	if (d.root < 0) {
		complain("%s: %s", folder, strerror(errno));
		return (-1);
	}
	(void)unlinkat(d.root, "manifest.json", 0); /* of an older dump */
	d.listed = json_make("[]");
	failed = save_all(&d);
	for (size_t i = 0; i < d.nnames; i++)
		free(d.names[i]);
	free(d.names);
	json_decref(d.listed);
	(void)close(d.root);
	return (failed);
}
