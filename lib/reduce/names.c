/* SPDX-License-Identifier: BSD-2-Clause */

/* Words, those that stay, and others for the rest; see names.h. */

#include "reduce/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What is behind these is a name of its own. */
static const char *const prefixes[] = {
	"vnet_entry_", "pcpu_entry_", "__start_set_", "__stop_set_",
	"__start_", "__stop_", "__set_", "sysctl__", "_mod_metadata_md_", "set_",
	NULL
};

/* What the kernel, loader(8) and debuggers look for by name. */
static const char *const known[] = {
	"kernel", "module_register_init", "osreldate", "dpcpu_off",
	"modmetadata_set", "sysinit_set", "sysuninit_set", "sysctl_set",
	"sdt_probes_set", "sdt_providers_set", "sdt_argtypes_set",
	"modspace", "pcpu", "vnet", "vnet0", "vnet_head", "vnet_data_free",
	"vnet_register_sysinit", "vnet_deregister_sysinit",
	"vnet_register_sysuninit", "vnet_deregister_sysuninit",
	"linker_files", "linker_kernel_file", "linker_path", "all_cpus",
	"kern_conf", "children", "mp_maxcpus", "__this_linker_file",
	"_DYNAMIC", "_GLOBAL_OFFSET_TABLE_", NULL
};

/* Words of C that types are called by. */
static const char *const of_c[] = {
	"char", "const", "double", "enum", "float", "long", "short", "signed",
	"struct", "union", "unsigned", "void", "volatile", NULL
};

static bool
is_among(const char *const *words, const char *word, size_t size)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == size && memcmp(*words, word, size) == 0)
			return (true);
	return (false);
}

static bool
in_word(char c)
{
	return (isalnum((unsigned char)c) || c == '_');
}

size_t
kldsim__reduce_word(const char *text, size_t length, size_t at,
    size_t *size_ret)
{
	size_t end;

	while (at < length && !in_word(text[at]))
		at++;
	for (end = at; end < length && in_word(text[end]);)
		end++;
	*size_ret = end - at;
	return (at);
}

size_t
kldsim__reduce_prefix(const char *word, size_t size)
{
	for (const char *const *prefix = prefixes; *prefix != NULL; prefix++) {
		const size_t n = strlen(*prefix);

		if (n < size && memcmp(word, *prefix, n) == 0)
			return (n);
	}
	return (0);
}

bool
kldsim__reduce_is_known(const char *word, size_t size)
{
	return (size < KLDSIM__REDUCE_SHORTEST ||
	    isdigit((unsigned char)*word) || is_among(known, word, size) ||
	    is_among(of_c, word, size));
}

struct kldsim__reduce_rename *
kldsim__reduce_find_name(const struct kldsim_reduce *reduce, const char *name,
    size_t size)
{
	for (size_t i = 0; i < reduce->nrenames; i++)
		if (strlen(reduce->renames[i].from) == size &&
		    memcmp(reduce->renames[i].from, name, size) == 0)
			return (&reduce->renames[i]);
	return (NULL);
}

bool
kldsim__reduce_add_name(struct kldsim_reduce *reduce, const char *name,
    size_t size)
{
	struct kldsim__reduce_rename *renames;
	char *copy;

	if (kldsim__reduce_is_known(name, size) ||
	    kldsim__reduce_find_name(reduce, name, size) != NULL)
		return (true);
	renames = realloc(reduce->renames, (reduce->nrenames + 1) *
	    sizeof(*renames));
	if (renames == NULL)
		return (false);
	reduce->renames = renames;
	copy = strndup(name, size);
	if (copy == NULL)
		return (false);
	renames[reduce->nrenames++] =
	    (struct kldsim__reduce_rename){ .from = copy };
	return (true);
}

static bool
is_taken(const struct kldsim_reduce *reduce, const char *name)
{
	for (size_t i = 0; i < reduce->nrenames; i++)
		if (strcmp(reduce->renames[i].from, name) == 0 ||
		    (reduce->renames[i].to != NULL &&
		    strcmp(reduce->renames[i].to, name) == 0))
			return (true);
	return (false);
}

/* "aaaa", "aaab": counted to the base of 26; false behind the last. */
static bool
next_name(char *name, size_t size)
{
	while (size-- > 0) {
		if (name[size] != 'z') {
			name[size]++;
			return (true);
		}
		name[size] = 'a';
	}
	return (false);
}

bool
kldsim__reduce_invent(struct kldsim_reduce *reduce,
    struct kldsim__reduce_rename *rename)
{
	const size_t size = strlen(rename->from);
	char *name = malloc(size + 1);

	if (name == NULL)
		return (false);
	memset(name, 'a', size);
	name[size] = '\0';
	while (is_taken(reduce, name))
		if (!next_name(name, size)) {
			free(name);
			return (false);
		}
	rename->to = name;
	return (true);
}

void
kldsim__reduce_names_fini(struct kldsim_reduce *reduce)
{
	for (size_t i = 0; i < reduce->nrenames; i++) {
		free(reduce->renames[i].from);
		free(reduce->renames[i].to);
	}
	free(reduce->renames);
}
