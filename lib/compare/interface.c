/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel's interface as text, one fact a line (I-90 to I-92): meant to be
 * committed, and compared with diff(1).
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "compare/compare.h"
#include "differ/shape_text.h"
#include "kbi/kern_conf.h"
#include "util/hash.h"
#include "util/sized.h"

/* A type with a tag, in the order of keys. */
struct shape {
	kldsim_type_id id;
	const char *key;   /* "s#foo", "s#foo!2" */
	const char *text;  /* of the line, behind its key */
	uint64_t hash;
	bool reached;
};

/* A function or variable that is told. */
struct fact {
	const char *name;
	kldsim_type_id type; /* 0: unknown */
	bool function;
};

struct interface {
	struct kldsim_kbi_file *file;
	const struct kldsim_kbi_write_options *how;
	struct kldsim__arena arena;
	struct kldsim__text out;
	struct kldsim__tags tags;
	struct kldsim__tagged tagged;
	struct kldsim__shaping shaping;
	struct kldsim__reach reach;
	struct fact *facts;
	size_t nfacts, facts_cap;
	struct shape *shapes;      /* by key */
	size_t nshapes, shapes_cap;
	uint32_t *shape_of;        /* by type: index plus 1 */
	uint32_t *stamps;          /* by shape: the last closure it was in */
	uint32_t *closure;
	size_t nclosure;
	uint64_t kept;             /* bytes of all shapes' texts */
	bool failed;
	bool limited;              /* failed, for there is too much of it */
};

/*
 * So many bytes have been added to what is written, or kept for it.  A file may
 * lead each symbol to types that nobody has, of which each takes megabytes, and
 * who takes all steps would write hashes of the half.
 */
static void
take_bytes(struct interface *in, uint64_t bytes)
{
	uint64_t *left = &in->shaping.work;

	*left = *left > bytes ? *left - bytes : 0;
	if (*left == 0 || in->kept > KLDSIM_KBI_TEXT ||
	    in->out.size > KLDSIM_KBI_TEXT)
		in->failed = in->limited = true;
}

/* --- functions and variables --- */

static int
by_text(const void *left, const void *right)
{
	return (strcmp(*(const char *const *)left,
	    *(const char *const *)right));
}

/* I-94: is it among those that somebody uses? */
static bool
is_wanted(const struct interface *in, const char *name)
{
	return (in->how->only == NULL || bsearch(&name, in->how->only,
	    in->how->nonly, sizeof(name), by_text) != NULL);
}

static void
take_symbol(struct interface *in, uint32_t index)
{
	const struct kldsim__symview *view = &in->file->symbols;
	struct kldsim__sym sym;
	struct fact *fact;
	const char *name;
	unsigned type;

	kldsim__sym_get(view, index, &sym);
	name = kldsim__sym_name(view, sym.name);
	type = sym.info & 0xf;
	if (name == NULL || *name == '\0' || sym.shndx == SHN_UNDEF ||
	    (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_OBJECT))
		return;
	if ((sym.info >> 4 == STB_LOCAL && !in->how->locals) ||
	    !is_wanted(in, name))
		return;
	if (!kldsim__grow(&in->file->alloc, &in->facts, &in->facts_cap,
	    in->nfacts + 1, sizeof(*in->facts))) {
		in->failed = true;
		return;
	}
	fact = &in->facts[in->nfacts++];
	fact->name = name;
	fact->function = type != STT_OBJECT;
	fact->type = kldsim__compare_type(in->file, index, &fact->function);
}

static int
by_name(const void *left, const void *right)
{
	const struct fact *a = left, *b = right;
	const int names = strcmp(a->name, b->name);

	if (a->function != b->function)
		return (a->function ? -1 : 1);
	return (names != 0 ? names : a->type < b->type ? -1 :
	    a->type > b->type);
}

static void
take_facts(struct interface *in)
{
	for (uint32_t i = 1; i < in->file->symbols.count && !in->failed; i++)
		take_symbol(in, i);
	if (in->nfacts != 0)
		qsort(in->facts, in->nfacts, sizeof(*in->facts), by_name);
}

/* --- types: which, and their keys --- */

static const char *
kept(struct interface *in, const struct kldsim__text *text)
{
	const char *copy = text->failed ? NULL : kldsim__arena_strndup(
	    &in->arena, text->bytes == NULL ? "" : text->bytes, text->size);

	in->failed = in->failed || copy == NULL;
	return (copy);
}

static void
add_shape(struct interface *in, kldsim_type_id id)
{
	struct kldsim__text key, text;
	struct shape *shape;

	if (!kldsim__grow(&in->file->alloc, &in->shapes, &in->shapes_cap,
	    in->nshapes + 1, sizeof(*in->shapes))) {
		in->failed = true;
		return;
	}
	kldsim__text_init(&key, &in->file->alloc);
	kldsim__text_init(&text, &in->file->alloc);
	kldsim__shape_put_key(&key, in->file->types, id);
	kldsim__text_add(&text, key.bytes, key.size);
	kldsim__shape_put_body(&text, in->file->types, id);
	shape = &in->shapes[in->nshapes++];
	memset(shape, 0, sizeof(*shape));
	shape->id = id;
	shape->key = kept(in, &key);
	shape->text = kept(in, &text);
	shape->hash = kldsim__fnv(KLDSIM__FNV_BASIS, text.bytes, text.size);
	in->kept += key.size + text.size;
	take_bytes(in, key.size + text.size);
	kldsim__text_fini(&key);
	kldsim__text_fini(&text);
}

static int
by_key(const void *left, const void *right)
{
	const struct shape *a = left, *b = right;
	const int keys = strcmp(a->key, b->key);

	return (keys != 0 ? keys : strcmp(a->text, b->text));
}

/* I-90: several of one tag are numbered; equal ones are one. */
static void
number_shapes(struct interface *in)
{
	unsigned variant = 1;
	const char *first = NULL;

	for (size_t i = 0; i < in->nshapes && !in->failed; i++) {
		struct shape *shape = &in->shapes[i];

		if (i != 0 && strcmp(shape->key, first) == 0 &&
		    strcmp(shape->text, shape[-1].text) == 0) {
			shape->key = shape[-1].key;
		} else if (i != 0 && strcmp(shape->key, first) == 0) {
			struct kldsim__text key;

			kldsim__text_init(&key, &in->file->alloc);
			kldsim__text_printf(&key, "%s!%u", first, ++variant);
			shape->key = kept(in, &key);
			kldsim__text_fini(&key);
		} else {
			first = shape->key;
			variant = 1;
		}
		in->shape_of[shape->id] = (uint32_t)i + 1;
	}
}

/* All types of tags that are reached by ranks 1 to 3. */
static void
take_shapes(struct interface *in)
{
	struct kldsim__reach *reach = &in->reach;
	struct kldsim__neutral type;
	struct kldsim__leads leads;

	for (size_t i = 0; i < in->nfacts && !reach->failed; i++) {
		if (in->facts[i].type == 0)
			continue;
		kldsim__reach_leads(reach, &in->tagged, in->facts[i].type,
		    false, &leads);
		kldsim__reach_take(reach, &leads, KLDSIM__NO_IMPORT);
	}
	kldsim__reach_follow(reach);
	if (reach->cut)
		in->failed = in->limited = true;
	for (size_t i = 0; i < reach->ntouched && !in->failed; i++)
		for (kldsim_type_id id = in->tagged.first[reach->touched[i]];
		    id != 0; id = in->tagged.next[id]) {
			kldsim__neutral(in->file->types, id, &type);
			if (*type.name != '\0')
				add_shape(in, id);
		}
	in->failed = in->failed || reach->failed;
	if (in->nshapes != 0 && !in->failed)
		qsort(in->shapes, in->nshapes, sizeof(*in->shapes), by_key);
	in->stamps = kldsim__arena_calloc(&in->arena, in->nshapes + 1,
	    sizeof(*in->stamps));
	in->closure = kldsim__arena_calloc(&in->arena, in->nshapes + 1,
	    sizeof(*in->closure));
	in->shape_of = kldsim__arena_calloc(&in->arena, in->tagged.ids,
	    sizeof(*in->shape_of));
	in->failed = in->failed || in->stamps == NULL ||
	    in->closure == NULL || in->shape_of == NULL;
	if (!in->failed)
		number_shapes(in);
}

/* --- what a prototype depends on (I-92) --- */

static void
close_over(struct interface *in, kldsim_type_id id, uint32_t stamp)
{
	const uint32_t shape = in->shape_of[id];

	if (shape == 0 || in->stamps[shape - 1] == stamp)
		return;
	in->stamps[shape - 1] = stamp;
	in->closure[in->nclosure++] = shape - 1;
}

/* What is behind arrays, and behind one pointer if that is wanted. */
static kldsim_type_id
held(const struct interface *in, kldsim_type_id id, bool pointee)
{
	struct kldsim__neutral type;

	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS; i++) {
		kldsim__neutral(in->file->types, id, &type);
		if (type.kind == KLDSIM__NEUTRAL_POINTER && pointee)
			pointee = false;
		else if (type.kind != KLDSIM__NEUTRAL_ARRAY)
			break;
		id = type.of;
	}
	return (type.kind == KLDSIM__NEUTRAL_SOU ||
	    type.kind == KLDSIM__NEUTRAL_ENUM ? type.id : 0);
}

static void
close_members(struct interface *in, kldsim_type_id id, uint32_t stamp)
{
	struct kldsim__leaves leaves;
	struct kldsim__leaf leaf;

	kldsim__leaves_begin(&leaves, in->file->types, id, &in->shaping);
	while (kldsim__leaves_next(&leaves, &leaf))
		close_over(in, held(in, leaf.type, false), stamp);
}

static int
by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a < *b ? -1 : *a > *b);
}

static void
close_fact(struct interface *in, const struct fact *fact, uint32_t stamp)
{
	const struct kldsim_types *types = in->file->types;
	struct kldsim__neutral type;
	kldsim_type_id argument;

	in->nclosure = 0;
	kldsim__neutral(types, fact->type, &type);
	if (type.kind == KLDSIM__NEUTRAL_FUNCTION) {
		close_over(in, held(in, type.of, false), stamp);
		for (uint64_t i = 0; kldsim_type_argument(types, type.id, i,
		    &argument) == KLDSIM_OK; i++)
			close_over(in, held(in, argument, true), stamp);
	} else {
		close_over(in, held(in, fact->type, false), stamp);
	}
	for (size_t i = 0; i < in->nclosure; i++)
		close_members(in, in->shapes[in->closure[i]].id, stamp);
	qsort(in->closure, in->nclosure, sizeof(*in->closure), by_number);
}

static uint64_t
hash_fact(const struct interface *in, const char *text, size_t size)
{
	uint64_t hash = kldsim__fnv(KLDSIM__FNV_BASIS, text, size);
	char pair[20];

	hash = kldsim__fnv(hash, "\n", 1);
	for (size_t i = 0; i < in->nclosure; i++) {
		const struct shape *shape = &in->shapes[in->closure[i]];

		hash = kldsim__fnv(hash, shape->key, strlen(shape->key));
		(void)snprintf(pair, sizeof(pair), " %016" PRIx64 "\n",
		    shape->hash);
		hash = kldsim__fnv(hash, pair, 18);
	}
	return (hash);
}

/* --- lines --- */

static void
put_fact(struct interface *in, const struct fact *fact, uint32_t stamp)
{
	struct kldsim__text *out = &in->out, text;

	kldsim__text_printf(out, "%c ", fact->function ? 'F' : 'V');
	if (fact->type == 0) {
		kldsim__text_puts(out, "0000000000000000 ");
		kldsim__shape_put_name(out, fact->name);
		kldsim__text_puts(out, " ?\n");
		return;
	}
	kldsim__text_init(&text, &in->file->alloc);
	(fact->function ? kldsim__shape_put_defined : kldsim__shape_put)(
	    &text, in->file->types, fact->type);
	close_fact(in, fact, stamp);
	kldsim__text_printf(out, "%016" PRIx64 " ",
	    hash_fact(in, text.bytes, text.size));
	kldsim__shape_put_name(out, fact->name);
	kldsim__text_puts(out, " ");
	kldsim__text_add(out, text.bytes, text.size);
	kldsim__text_puts(out, "\n");
	in->failed = in->failed || text.failed;
	take_bytes(in, text.size);
	kldsim__text_fini(&text);
}

static void
put_shapes(struct interface *in)
{
	for (size_t i = 0; i < in->nshapes && !in->failed; i++) {
		const struct shape *shape = &in->shapes[i];

		if (i != 0 && shape->key == shape[-1].key)
			continue;
		kldsim__text_printf(&in->out, "T %016" PRIx64 " %s %s\n",
		    shape->hash, shape->key, shape->text);
		take_bytes(in, 0);
	}
}

#define BEFORE_NAME 19 /* letter, hash and blanks */

/* A line by what follows its hash, and by that. */
static int
by_fact(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;
	const int order = strcmp(*a + BEFORE_NAME, *b + BEFORE_NAME);

	return (order != 0 ? order : strcmp(*a, *b));
}

/*
 * Lines of one name, from there on, by what they say: the numbers of types, and
 * with them the order of symbols, are others in each build.  Equal ones are one.
 */
static void
sort_lines(struct interface *in, size_t start, size_t count)
{
	struct kldsim__text *out = &in->out;
	const size_t size = out->size - start;
	char **lines = kldsim__calloc(&in->file->alloc, count, sizeof(*lines));
	char *copy = kldsim__malloc(&in->file->alloc, size), *at = copy;

	in->failed = in->failed || out->failed || lines == NULL ||
	    copy == NULL;
	if (!in->failed) {
		memcpy(copy, out->bytes + start, size);
		for (size_t i = 0; i < count; i++) {
			lines[i] = at;
			at = memchr(at, '\n', (size_t)(copy + size - at));
			*at++ = '\0';
		}
		qsort(lines, count, sizeof(*lines), by_fact);
		out->size = start;
		for (size_t i = 0; i < count; i++)
			if (i == 0 || strcmp(lines[i - 1], lines[i]) != 0)
				kldsim__text_printf(out, "%s\n", lines[i]);
	}
	kldsim__free(&in->file->alloc, lines);
	kldsim__free(&in->file->alloc, copy);
}

/* All facts of the name that facts[i] has; how many these are. */
static size_t
put_name(struct interface *in, size_t i)
{
	const struct fact *all = &in->facts[i];
	const size_t start = in->out.size;
	size_t n, lines = 0;

	for (n = 0; i + n < in->nfacts && !in->failed &&
	    all[n].function == all->function &&
	    strcmp(all[n].name, all->name) == 0; n++) {
		if (n != 0 && all[n].type == all[n - 1].type)
			continue;
		put_fact(in, &all[n], (uint32_t)(i + n) + 1);
		lines++;
	}
	if (lines > 1 && !in->failed)
		sort_lines(in, start, lines);
	return (n);
}

static void
put_facts(struct interface *in, bool functions)
{
	for (size_t i = 0; i < in->nfacts && !in->failed;)
		if (in->facts[i].function == functions)
			i += put_name(in, i);
		else
			i++;
}

static void
put_head(struct interface *in)
{
	const GElf_Ehdr *ehdr = &in->file->elf.ehdr;
	const struct kldsim__arch *arch = kldsim__arch_find(ehdr->e_machine,
	    ehdr->e_ident[EI_CLASS], ehdr->e_ident[EI_DATA], ehdr->e_flags);

	kldsim__text_printf(&in->out, "kbi 1 %s %u ",
	    arch != NULL ? arch->name : "?",
	    (unsigned)in->file->info.osreldate);
	kldsim__shape_put_name(&in->out, in->file->info.ident != NULL ?
	    in->file->info.ident : "-");
	kldsim__text_printf(&in->out, " %s%u\n",
	    strcmp(in->file->info.format, "CTF") == 0 ? "ctf" : "dwarf",
	    in->file->info.version);
}

struct option {
	const char *text;
	size_t size;
};

static int
by_option(const void *left, const void *right)
{
	const struct option *a = left, *b = right;
	const size_t least = a->size < b->size ? a->size : b->size;
	const int order = memcmp(a->text, b->text, least);

	return (order != 0 ? order : a->size < b->size ? -1 :
	    a->size > b->size);
}

/* What config(8) made up is no option. */
static bool
is_option(const struct kldsim__conf_line *line)
{
	return (kldsim__conf_word_is(&line->keyword, "options") &&
	    !kldsim__conf_word_is(&line->name, "CONFIG_AUTOGENERATED"));
}

static void
put_options(struct interface *in)
{
	struct kldsim__kern_conf conf;
	struct kldsim__conf_line line;
	struct option *all = NULL;
	size_t count = 0, cap = 0;

	if (in->file->conf == NULL || !kldsim__kern_conf_begin(&conf,
	    in->file->conf, in->file->conf_size))
		return;
	while (kldsim__kern_conf_next(&conf, &line)) {
		if (!is_option(&line))
			continue;
		if (!kldsim__grow(&in->file->alloc, &all, &cap, count + 1,
		    sizeof(*all))) {
			in->failed = true;
			break;
		}
		all[count].text = line.name.text;
		all[count++].size = line.value.size != 0 ? (size_t)
		    (line.value.text + line.value.size - line.name.text) :
		    line.name.size;
	}
	if (count != 0)
		qsort(all, count, sizeof(*all), by_option);
	for (size_t i = 0; i < count; i++)
		kldsim__text_printf(&in->out, "o %.*s\n", (int)all[i].size,
		    all[i].text);
	kldsim__free(&in->file->alloc, all);
}

static void
put_word(void *user, const char *before, const char *name, uint64_t value)
{
	struct interface *in = user;

	kldsim__text_printf(&in->out, "w %s", before);
	kldsim__shape_put_name(&in->out, name);
	kldsim__text_printf(&in->out, " %" PRIu64 "\n", value);
}

/* --- the whole --- */

static bool
make(struct interface *in)
{
	struct kldsim__reach *reach = &in->reach;
	const struct kldsim__alloc *alloc = &in->file->alloc;

	if (!kldsim__compare_index(in->file) || !kldsim__tags_init(&in->tags,
	    alloc, in->file->types, &in->tagged))
		return (false);
	in->shaping.seed = in->tags.seed;
	in->shaping.work = in->file->limits.work;
	if (!kldsim__reach_init(reach, alloc, &in->tags, &in->shaping))
		return (false);
	reach->a = &in->tagged;
	reach->edges_arena = &in->arena;
	take_facts(in);
	if (!in->failed)
		take_shapes(in);
	put_head(in);
	if (!in->failed)
		put_facts(in, true);
	put_shapes(in);
	if (!in->failed)
		put_facts(in, false);
	put_options(in);
	if (!kldsim__compare_words(in->file, put_word, in))
		in->failed = true;
	take_bytes(in, 0);
	kldsim__text_add(&in->out, "", 1);
	return (!in->failed && !in->out.failed);
}

void
kldsim_kbi_write_options_init(struct kldsim_kbi_write_options *options,
    size_t size)
{
	static const struct kldsim_kbi_write_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

enum kldsim_status
kldsim_kbi_write(struct kldsim_kbi_file *kernel,
    const struct kldsim_kbi_write_options *options, char **text_ret)
{
	struct kldsim_kbi_write_options all;
	struct interface in = { .file = kernel, .how = &all };
	bool good;

	kldsim_kbi_write_options_init(&all, sizeof(all));
	if (kldsim__sized_take(&all, sizeof(all), options) != NULL)
		return (KLDSIM_ARG);
	if (kernel->types == NULL)
		return (KLDSIM_NOENT);
	kldsim__arena_init(&in.arena, &kernel->alloc);
	kldsim__text_init(&in.out, &kernel->alloc);
	good = make(&in);
	kldsim__reach_fini(&in.reach);
	kldsim__tagged_fini(&in.tagged, &kernel->alloc);
	kldsim__tags_fini(&in.tags);
	kldsim__free(&kernel->alloc, in.facts);
	kldsim__free(&kernel->alloc, in.shapes);
	kldsim__arena_fini(&in.arena);
	if (good)
		*text_ret = in.out.bytes;
	else
		kldsim__text_fini(&in.out);
	return (good ? KLDSIM_OK : in.limited ? KLDSIM_LIMIT : KLDSIM_NOMEM);
}

void
kldsim_kbi_write_free(struct kldsim_kbi_file *kernel, char *text)
{
	kldsim__free(&kernel->alloc, text);
}

const char *
kldsim_kbi_file_import(const struct kldsim_kbi_file *file, uint32_t *next)
{
	const struct kldsim__symview *view = &file->symbols;
	struct kldsim__sym sym;

	while (++*next < view->count) {
		const char *name;

		kldsim__sym_get(view, *next, &sym);
		name = kldsim__sym_name(view, sym.name);
		if (sym.shndx == SHN_UNDEF && name != NULL && *name != '\0')
			return (name);
	}
	return (NULL);
}
