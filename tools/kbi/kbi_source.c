/* SPDX-License-Identifier: BSD-2-Clause */

/* Types from CTF or DWARF for kldsim kbi; see kbi_source.h. */

#include "kbi/kbi_source.h"

#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "report/output.h"
#include "sandbox/sandbox.h"

/* W-23: the functions, by their types in the graph. */
static void
take_inlines(struct kbi_source *source)
{
	const struct dwarf_facts *facts = &source->found.facts;

	source->inlines = need(calloc(facts->ninlines + 1,
	    sizeof(*source->inlines)));
	for (size_t i = 0; i < facts->ninlines; i++) {
		const struct dwarf_inline *in = &facts->inlines[i];

		if (in->type == 0 || !kbi_source_is_header(in))
			continue;
		source->inlines[source->ninlines].name = in->name;
		source->inlines[source->ninlines++].type = in->type;
	}
}

enum kldsim_status
kbi_source_open(struct kldsim_image *image, const struct debug_options *where,
    const struct kldsim_kbi_options *options, struct kbi_source *source,
    struct kldsim_kbi_file **file_ret, struct kldsim_error *error)
{
	struct kldsim_kbi_options how = *options;
	struct kldsim_types_options types;
	enum kldsim_status status;

	memset(source, 0, sizeof(*source));
	kldsim_types_options_init(&types, sizeof(types));
	types.limits = options->limits;
	status = file_types_read(image, where, &types, &source->found);
	if (status == KLDSIM_NOMEM) {
		*error = source->found.error;
		return (status);
	}
	if (status == KLDSIM_OK)
		take_inlines(source);
	how.types = source->found.types;
	how.no_types = source->found.error.text;
	how.inlines = source->inlines;
	how.ninlines = source->ninlines;
	return (kldsim_kbi_file_new(image, &how, file_ret, error));
}

enum kldsim_status
kbi_source_open_path(const struct kldsim_options *boot, const char *path,
    const struct debug_options *where, struct kbi_source *source,
    struct kldsim_kbi_file **file_ret, struct kldsim_error *error)
{
	struct kldsim_kbi_options how;
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_image(boot->source, path,
	    &image, error);

	*file_ret = NULL;
	if (source != NULL)
		memset(source, 0, sizeof(*source));
	if (status != KLDSIM_OK)
		return (status);
	kldsim_kbi_options_init(&how, sizeof(how));
	how.limits = boot->limits;
	how.no_types = "nobody asks for them";
	status = source != NULL ?
	    kbi_source_open(image, where, &how, source, file_ret, error) :
	    kldsim_kbi_file_new(image, &how, file_ret, error);
	kldsim_image_unref(image);
	return (status);
}

void
kbi_source_sandbox(const struct debug_options *where)
{
	sandbox_will_search_folder(where->root != NULL ? where->root :
	    DEBUG_ROOT);
	for (size_t i = 0; i < where->nfiles; i++)
		sandbox_will_search(where->files[2 * i + 1]);
	sandbox_prepare(dwarf_prepare);
}

void
kbi_source_free(struct kbi_source *source)
{
	file_types_free(&source->found);
	free(source->inlines);
}

/* --- how it was built --- */

bool
kbi_source_configuration(const struct kbi_source *source, char *text,
    size_t size)
{
	const char *at = source->found.facts.directory, *end;

	for (; at != NULL && (at = strstr(at, "/sys/")) != NULL; at += 4) {
		end = strchr(at + 5, '/');
		if (end == NULL || strncmp(end, "/modules/", 9) != 0 ||
		    end == at + 5)
			continue;
		(void)snprintf(text, size, "%.*s", (int)(end - at - 5),
		    at + 5);
		return (true);
	}
	return (false);
}

static bool
is_flag(const char *word)
{
	return (strncmp(word, "-D", 2) == 0 || strncmp(word, "-U", 2) == 0 ||
	    strncmp(word, "-include ", 9) == 0);
}

/* "-DX", and "-D X" as clang records it. */
static size_t
flag_length(const char *word)
{
	const size_t length = strcspn(word, " ");
	const bool apart = length == 2 || strncmp(word, "-include", 8) == 0;

	return (apart && word[length] == ' ' ?
	    length + 1 + strcspn(word + length + 1, " ") : length);
}

bool
kbi_source_flag(const struct kbi_source *source, const char **at, char *text,
    size_t size)
{
	const char *word = *at != NULL ? *at : source->found.facts.producer;
	size_t length;

	while (word != NULL && (word = strchr(word, ' ')) != NULL &&
	    !is_flag(++word))
		continue;
	if (word == NULL)
		return (false);
	length = flag_length(word);
	if (word[2] == ' ')
		(void)snprintf(text, size, "%.2s%.*s", word, (int)length - 3,
		    word + 3);
	else
		(void)snprintf(text, size, "%.*s", (int)length, word);
	*at = word + length;
	return (true);
}

bool
kbi_source_is_header(const struct dwarf_inline *in)
{
	const size_t length = strlen(in->file);

	return (length > 2 && strcmp(in->file + length - 2, ".h") == 0);
}

/* The last two parts of a path: "sys/refcount.h". */
static const char *
tail(const char *path)
{
	unsigned slashes = 0;
	const char *at = path + strlen(path);

	while (at > path && (at[-1] != '/' || ++slashes < 2))
		at--;
	return (at);
}

void
kbi_source_text(const struct kbi_source *source)
{
	const struct dwarf_facts *facts = &source->found.facts;
	const char *at = NULL;
	char text[128];

	if (source->found.types != NULL)
		put_line(stdout, "  types: %s", source->found.source);
	if (facts->producer != NULL)
		put_line(stdout, "  compiler: %.*s",
		    (int)strcspn(facts->producer, "("), facts->producer);
	if (facts->directory != NULL)
		put_line(stdout, "  built in: %s", facts->directory);
	while (kbi_source_flag(source, &at, text, sizeof(text)))
		put_line(stdout, "  flag: %s", text);
	for (size_t i = 0; i < facts->ninlines; i++)
		if (kbi_source_is_header(&facts->inlines[i]))
			put_line(stdout, "  compiled in: %s of %s, %u time%s",
			    facts->inlines[i].name,
			    tail(facts->inlines[i].file),
			    facts->inlines[i].places,
			    facts->inlines[i].places == 1 ? "" : "s");
}
