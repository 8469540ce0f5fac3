/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim kbi --compare (I-93, I-95). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kbi/kbi_severities.h"
#include "kbi/kbi_text_file.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

/* Types that one prototype leads to. */
#define CLOSURE 1024
#define KEY 256

struct comparison {
	const struct kbi_run *run;
	struct kbi_severities *severities;
	struct kbi_lines a, b;
	const char *name_a, *name_b;
	size_t fails, notes, passes;
};

struct closure {
	char *keys[CLOSURE];
	size_t count;
};

/* --- what a prototype leads to --- */

static void
add_key(struct closure *closure, const char *key)
{
	for (size_t i = 0; i < closure->count; i++)
		if (strcmp(closure->keys[i], key) == 0)
			return;
	if (closure->count < CLOSURE)
		closure->keys[closure->count++] = need(strdup(key));
}

static void
add_keys(struct closure *closure, const char *text, unsigned stars)
{
	char key[KEY];

	while (kbi_next_key(&text, stars, key, sizeof(key)))
		add_key(closure, key);
}

/* I-90: of several types of one name, the first has no number. */
static const struct kbi_line *
variant(const struct kbi_lines *lines, const char *key, unsigned number)
{
	char name[KEY + 16];

	(void)snprintf(name, sizeof(name), number == 1 ? "%s" : "%s!%u", key,
	    number);
	return (kbi_lines_find(lines, 'T', name));
}

/* The types of a key, and what each has by value. */
static void
add_types(const struct kbi_lines *lines, struct closure *closure,
    const char *key)
{
	const struct kbi_line *type;

	for (unsigned i = 1; (type = variant(lines, key, i)) != NULL; i++)
		if (strchr(type->rest, '{') != NULL)
			add_keys(closure, strchr(type->rest, '{'), 0);
}

static void
close_over(const struct comparison *c, struct closure *closure,
    const struct kbi_line *a, const struct kbi_line *b)
{
	closure->count = 0;
	if (a != NULL)
		add_keys(closure, a->rest, 1);
	if (b != NULL)
		add_keys(closure, b->rest, 1);
	for (size_t i = 0; i < closure->count; i++) {
		add_types(&c->a, closure, closure->keys[i]);
		add_types(&c->b, closure, closure->keys[i]);
	}
}

static void
free_closure(struct closure *closure)
{
	for (size_t i = 0; i < closure->count; i++)
		free(closure->keys[i]);
}

/* The first type of a key that the other side has not; NULL: it has them all. */
static const struct kbi_line *
lacking(const struct kbi_lines *lines, const struct kbi_lines *other,
    const char *key)
{
	const struct kbi_line *type, *same;

	for (unsigned i = 1; (type = variant(lines, key, i)) != NULL; i++) {
		for (unsigned j = 1; (same = variant(other, key, j)) != NULL &&
		    strcmp(type->rest, same->rest) != 0; j++)
			continue;
		if (same == NULL)
			return (type);
	}
	return (NULL);
}

/* I-30: of several, which one is meant may be chance; one must have changed. */
static bool
type_differs(const struct comparison *c, const char *key)
{
	return (lacking(&c->a, &c->b, key) != NULL &&
	    lacking(&c->b, &c->a, key) != NULL);
}

/* What a key stands for: what has changed, or the first. */
static const struct kbi_line *
meant(const struct kbi_lines *lines, const struct kbi_lines *other,
    const char *key)
{
	const struct kbi_line *type = lacking(lines, other, key);

	return (type != NULL ? type : kbi_lines_find(lines, 'T', key));
}

/* --- members --- */

struct members {
	char **all;
	size_t count;
};

static void
split(const char *shape, struct members *members)
{
	char *member;

	members->all = NULL;
	members->count = 0;
	shape = strchr(shape, '{');
	while (shape != NULL && (member = kbi_next_member(&shape)) != NULL) {
		members->all = need(realloc(members->all,
		    (members->count + 1) * sizeof(*members->all)));
		members->all[members->count++] = member;
	}
}

static void
free_members(struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		free(members->all[i]);
	free(members->all);
}

/* "a" of "a s32@0", "A" of "A=0". */
static size_t
name_length(const char *member)
{
	return (strcspn(member, " ="));
}

static const char *
partner(const struct members *members, const char *member)
{
	const size_t length = name_length(member);

	for (size_t i = 0; i < members->count; i++)
		if (name_length(members->all[i]) == length &&
		    strncmp(members->all[i], member, length) == 0)
			return (members->all[i]);
	return (NULL);
}

/* Both shapes side by side; what is on one side alone has a gap. */
static void
side_by_side(const struct comparison *c, const char *key)
{
	const struct kbi_line *a = meant(&c->a, &c->b, key);
	const struct kbi_line *b = meant(&c->b, &c->a, key);
	struct members in_a, in_b;

	split(a != NULL ? a->rest : "", &in_a);
	split(b != NULL ? b->rest : "", &in_b);
	put_line(stdout, "  %s", key);
	for (size_t i = 0; i < in_a.count; i++) {
		const char *other = partner(&in_b, in_a.all[i]);

		put_line(stdout, "    %c %-36s %s", other != NULL &&
		    strcmp(other, in_a.all[i]) == 0 ? ' ' : '*',
		    in_a.all[i], other != NULL ? other : "");
	}
	for (size_t i = 0; i < in_b.count; i++)
		if (partner(&in_a, in_b.all[i]) == NULL)
			put_line(stdout, "    * %-36s %s", "", in_b.all[i]);
	put_line(stdout, "      %-36s %s", a != NULL && strrchr(a->rest,
	    '}') != NULL ? strrchr(a->rest, '}') + 1 : "", b != NULL &&
	    strrchr(b->rest, '}') != NULL ? strrchr(b->rest, '}') + 1 : "");
	free_members(&in_a);
	free_members(&in_b);
}

/* --- severities (I-95) --- */

/* By KEY.member, if each that differs is known to. */
static enum kbi_severity
members_severity(const struct comparison *c, const char *key,
    const struct kbi_line *a, const struct kbi_line *b)
{
	enum kbi_severity worst = KBI_PASS;
	struct members in_a, in_b;

	split(a->rest, &in_a);
	split(b->rest, &in_b);
	for (size_t i = 0; i < in_a.count + in_b.count; i++) {
		const char *member = i < in_a.count ? in_a.all[i] :
		    in_b.all[i - in_a.count];
		const char *other = partner(i < in_a.count ? &in_b : &in_a,
		    member);
		char name[2 * KEY];
		const char *const names[] = { name, NULL };
		enum kbi_severity severity;

		if (other != NULL && strcmp(other, member) == 0)
			continue;
		(void)snprintf(name, sizeof(name), "%s.%.*s", key,
		    (int)name_length(member), member);
		severity = kbi_severity_of(c->severities, names);
		if (severity == KBI_DEFAULT)
			worst = worst == KBI_FAIL ? worst : KBI_DEFAULT;
		else if (worst != KBI_DEFAULT && severity > worst)
			worst = severity;
	}
	free_members(&in_a);
	free_members(&in_b);
	return (worst);
}

static enum kbi_severity
type_severity(const struct comparison *c, const char *key)
{
	const char *const names[] = { key, NULL };
	const enum kbi_severity severity = kbi_severity_of(c->severities,
	    names);
	const struct kbi_line *a = meant(&c->a, &c->b, key);
	const struct kbi_line *b = meant(&c->b, &c->a, key);

	if (severity != KBI_DEFAULT || a == NULL || b == NULL ||
	    c->severities == NULL)
		return (severity);
	return (members_severity(c, key, a, b));
}

static void
tell(struct comparison *c, enum kbi_severity severity, const char *name,
    const char *text)
{
	const bool verbose = c->run->load.verbosity >= VERBOSE;

	c->fails += severity == KBI_FAIL;
	c->notes += severity == KBI_NOTE;
	c->passes += severity == KBI_PASS;
	if (severity == KBI_FAIL || (severity == KBI_NOTE && verbose))
		put_line(stdout, "%s: %s %s", severity == KBI_FAIL ? "fail" :
		    "note", name, text);
}

/* --- lines --- */

/* Why a function or variable is another one (I-93). */
static void
tell_changed(struct comparison *c, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const char *const names[] = { a->name, NULL };
	enum kbi_severity severity = kbi_severity_of(c->severities, names);
	enum kbi_severity types = KBI_PASS;
	struct closure closure;
	char text[1024];
	size_t at;

	close_over(c, &closure, a, b);
	at = (size_t)snprintf(text, sizeof(text), strcmp(a->rest, b->rest) !=
	    0 ? "is %s, and was %s;" : "differs:", b->rest, a->rest);
	for (size_t i = 0; i < closure.count; i++) {
		enum kbi_severity one;

		if (!type_differs(c, closure.keys[i]))
			continue;
		one = type_severity(c, closure.keys[i]);
		types = one == KBI_DEFAULT || one > types ? (one ==
		    KBI_DEFAULT ? KBI_FAIL : one) : types;
		if (at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    " %s", closure.keys[i]);
	}
	free_closure(&closure);
	if (severity == KBI_DEFAULT)
		severity = strcmp(a->rest, b->rest) != 0 ? KBI_FAIL : types;
	tell(c, severity, a->name, text);
}

static void
tell_line(struct comparison *c, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const struct kbi_line *one = a != NULL ? a : b;
	const char *const names[] = { one->name, NULL };
	const bool symbol = one->letter == 'F' || one->letter == 'V';
	enum kbi_severity severity = kbi_severity_of(c->severities, names);
	char text[512];

	if (symbol && a != NULL && b != NULL) {
		tell_changed(c, a, b);
		return;
	}
	/* Types are told of with what they are of. */
	if (one->letter == 'T')
		return;
	if (severity == KBI_DEFAULT)
		severity = symbol && b == NULL ? KBI_FAIL : KBI_NOTE;
	if (a != NULL && b != NULL)
		(void)snprintf(text, sizeof(text), "is %s, and was %s",
		    b->rest, a->rest);
	else
		(void)snprintf(text, sizeof(text), "%s%s%s", b == NULL ?
		    "is gone" : "is new", *one->rest != '\0' ? ": " : "",
		    one->rest);
	tell(c, severity, one->name, text);
}

static bool
same(const struct kbi_line *a, const struct kbi_line *b)
{
	return (strcmp(a->hash, b->hash) == 0 &&
	    strcmp(a->rest, b->rest) == 0);
}

static int
order(const struct kbi_line *a, const struct kbi_line *b)
{
	if (a->letter != b->letter)
		return (a->letter < b->letter ? -1 : 1);
	return (strcmp(a->name, b->name));
}

static void
compare_all(struct comparison *c)
{
	size_t i = 0, j = 0;

	while (i < c->a.count || j < c->b.count) {
		const struct kbi_line *a = i < c->a.count ? &c->a.all[i] :
		    NULL;
		const struct kbi_line *b = j < c->b.count ? &c->b.all[j] :
		    NULL;
		const int way = a == NULL ? 1 : b == NULL ? -1 : order(a, b);

		if (way < 0)
			tell_line(c, a, NULL);
		else if (way > 0)
			tell_line(c, NULL, b);
		else if (!same(a, b))
			tell_line(c, a, b);
		i += way <= 0;
		j += way >= 0;
	}
}

/*
 * All of one name: its lines, and the types that differ below it.  False: neither
 * has it.
 */
static bool
explain(const struct comparison *c, const char *name)
{
	static const char letters[] = "FVTow";
	struct closure closure;
	bool found = false;

	for (const char *letter = letters; *letter != '\0'; letter++) {
		const struct kbi_line *a = kbi_lines_find(&c->a, *letter,
		    name);
		const struct kbi_line *b = kbi_lines_find(&c->b, *letter,
		    name);

		if (a == NULL && b == NULL)
			continue;
		found = true;
		if (*letter == 'T') {
			side_by_side(c, name);
			continue;
		}
		put_line(stdout, "%c %s", *letter, name);
		put_line(stdout, "  %s", a != NULL ? a->rest : "-");
		put_line(stdout, "  %s", b != NULL ? b->rest : "-");
		close_over(c, &closure, a, b);
		for (size_t i = 0; i < closure.count; i++)
			if (type_differs(c, closure.keys[i]))
				side_by_side(c, closure.keys[i]);
		free_closure(&closure);
	}
	if (!found)
		complain("%s: in neither of them", name);
	return (found);
}

int
kbi_compare_files(struct kbi_run *run)
{
	struct comparison c = { .run = run, .name_a = run->load.kernel,
		.name_b = run->load.modules[0] };
	struct kldsim_source_options how;
	int status = STATUS_HOST;

	kldsim_source_options_init(&how, sizeof(how));
	if (sandbox_source(&how, &run->load.boot.source, &run->error) !=
	    KLDSIM_OK) {
		complain("%s", run->error.text);
		return (STATUS_HOST);
	}
	run->where.source = run->load.boot.source;
	if (run->severities != NULL)
		c.severities = kbi_severities_read(run->severities);
	if ((run->severities == NULL || c.severities != NULL) &&
	    kbi_lines_read(run, c.name_a, &c.a) &&
	    kbi_lines_read(run, c.name_b, &c.b)) {
		put_line(stdout, "%s: %s", c.name_a, c.a.head);
		put_line(stdout, "%s: %s", c.name_b, c.b.head);
		if (run->explain != NULL) {
			status = explain(&c, run->explain) ? STATUS_OK :
			    STATUS_REFUSED;
		} else {
			compare_all(&c);
			put_line(stdout, "%zu fail, %zu note%s, %zu passed",
			    c.fails, c.notes, c.notes == 1 ? "" : "s",
			    c.passes);
			status = c.fails != 0 ? STATUS_REFUSED : STATUS_OK;
		}
	}
	kbi_lines_free(&c.a);
	kbi_lines_free(&c.b);
	kbi_severities_free(c.severities);
	return (status);
}
