/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: what is written in loader.conf and rc.conf (P-30, P-31).  The
 * first byte chooses a release; the rest is the text of one file after the
 * other, a NUL between them.  Whatever they say, the next boot is the same when
 * it is asked for again, and what is told of it is told in whole sentences.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const files[] = { "/boot/loader.conf", "/etc/rc.conf",
	"/boot/loader.conf.local", "/boot/loader.conf.d/a.conf",
	"/etc/defaults/rc.conf" };

#define FILES (sizeof(files) / sizeof(files[0]))
#define TEXT_MAX 0x4000u /* so that no input takes long */

static char root[FUZZ_FOLDER]; /* an empty one: the host has such files, too */

static void
remove_root(void)
{
	(void)rmdir(root);
}

FUZZ_WITH_KERNELS

static void
add(struct kldsim_source *source, const char *path,
    struct kldsim_image *image)
{
	FUZZ_CHECK(kldsim_source_add(source, path, image, NULL) == KLDSIM_OK,
	    "%s cannot be added", path);
	kldsim_image_unref(image);
}

/* A kernel, a module, and the texts. */
static struct kldsim_source *
make_source(const struct fuzz_kernel *kernel, const struct fuzz_bytes *bytes)
{
	const uint8_t *at = bytes->at, *end = bytes->at + bytes->left;
	struct kldsim_source_options options;
	struct kldsim_source *source;

	kldsim_source_options_init(&options, sizeof(options));
	options.root = root;
	FUZZ_CHECK(kldsim_source_new(&options, &source, NULL) == KLDSIM_OK,
	    "no source");
	add(source, "/boot/kernel/kernel", kldsim_image_ref(kernel->image));
	add(source, "/boot/modules/m.ko", fuzz_made(fuzz_module(kernel),
	    "/boot/modules/m.ko"));
	for (size_t i = 0; i < FILES && at < end; i++) {
		const uint8_t *nul = memchr(at, '\0', (size_t)(end - at));
		const struct fuzz_bytes text = { at,
			(size_t)((nul == NULL ? end : nul) - at) };

		add(source, files[i], fuzz_image(&text, files[i]));
		at += text.left + 1;
	}
	return (source);
}

static uint64_t digest;

static void
add_text(const char *text)
{
	for (; *text != '\0'; text++)
		digest = (digest ^ (unsigned char)*text) *
		    0x9e3779b97f4a7c15u + 1;
}

/* What the next boot is, as a number; 0: there is none. */
static uint64_t
ask(struct kldsim_source *source)
{
	const struct kldsim_next_boot_file *file;
	struct kldsim_next_boot *next;
	struct kldsim_options options;
	struct kldsim_error error;
	const char *remark;

	fuzz_options(&options);
	error.text[0] = '\0';
	if (kldsim_next_boot(source, &options, &next, &error) != KLDSIM_OK) {
		FUZZ_CHECK(error.text[0] != '\0', "refused, and nothing said");
		return (0);
	}
	digest = 1;
	add_text(kldsim_next_boot_kernel_path(next));
	add_text(kldsim_next_boot_module_path(next));
	for (size_t i = 0; (file = kldsim_next_boot_file_at(next, i)) != NULL;
	    i++) {
		FUZZ_CHECK(*file->where == '/', "from %s", file->where);
		add_text(file->name);
		add_text(file->where);
		digest += file->preload;
	}
	for (size_t i = 0; (remark = kldsim_next_boot_remark(next, i)) != NULL;
	    i++) {
		FUZZ_CHECK(*remark != '\0', "an empty remark");
		add_text(remark);
	}
	kldsim_next_boot_free(next);
	return (digest | 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size > TEXT_MAX ? TEXT_MAX : size };
	const struct fuzz_kernel *kernel = fuzz_kernel_of("amd64",
	    fuzz_choose(&bytes, FUZZ_RELEASES));
	struct kldsim_source *source;
	uint64_t first;

	if (root[0] == '\0') {
		fuzz_folder(root);
		(void)atexit(remove_root);
	}
	source = make_source(kernel, &bytes);
	first = ask(source);
	FUZZ_CHECK(ask(source) == first, "another boot the second time");
	kldsim_source_unref(source);
	return (0);
}
