/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim kbi --compare (I-93, I-95). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kbi/kbi_members.h"
#include "kbi/kbi_pairs.h"
#include "kbi/kbi_severities.h"
#include "kbi/kbi_text_file.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

struct comparison {
	const struct kbi_run *run;
	struct kbi_severities *severities;
	struct kbi_lines a, b;
	struct kbi_pairs pairs;
	const char *name_a, *name_b;
	size_t fails, notes, passes;
};

/* --- what makes the difference --- */

static bool
has_changed(const struct kbi_pair *pair)
{
	return (pair->differs);
}

static bool
is_alone(const struct kbi_pair *pair)
{
	return ((pair->a == NULL) != (pair->b == NULL));
}

/* How many are left; if there are none, nothing has moved. */
static size_t
keep(struct kbi_pairs *pairs, bool (*is)(const struct kbi_pair *))
{
	size_t kept = 0;

	for (size_t i = 0; i < pairs->nclosure; i++)
		if (is(pairs->closure[i]))
			pairs->closure[kept++] = pairs->closure[i];
	pairs->nclosure = kept;
	return (kept);
}

/*
 * Leave in the closure what makes a symbol another one: types that have changed,
 * or else, if the hash alone says that it has, types that one text lacks.  False:
 * nothing says why.  I-30: of a key with several types nobody knows which one was
 * meant, and that may be all there is to it.
 */
static bool
find_reasons(struct comparison *c, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const bool by_hash = a != NULL && b != NULL && strcmp(a->rest,
	    b->rest) == 0 && strcmp(a->hash, b->hash) != 0;
	struct kbi_pairs *pairs = &c->pairs;
	size_t all;

	kbi_pairs_close(pairs, a, b);
	all = pairs->nclosure;
	if (keep(pairs, has_changed) != 0 || !by_hash)
		return (true);
	for (size_t i = 0; i < all; i++)
		if (pairs->closure[i]->several)
			return (true);
	pairs->nclosure = all;
	return (keep(pairs, is_alone) != 0);
}

/* --- side by side --- */

/* What is behind the members. */
static const char *
size_of(const struct kbi_line *type)
{
	const char *end = type != NULL ? strrchr(type->rest, '}') : NULL;

	return (end != NULL ? end + 1 : "");
}

/* Both shapes side by side; what is on one side alone has a gap. */
static void
side_by_side(const struct kbi_pair *pair)
{
	struct kbi_members a, b;

	kbi_members_split(pair->a != NULL ? pair->a->rest : "", &a);
	kbi_members_split(pair->b != NULL ? pair->b->rest : "", &b);
	put_line(stdout, "  %s", pair->key);
	for (size_t i = 0; i < a.count; i++) {
		const char *text = a.all[i].text;
		const char *other = kbi_members_find(&b, &a.all[i]);

		put_line(stdout, "    %c %-36s %s", other != NULL &&
		    strcmp(other, text) == 0 ? ' ' : '*', text,
		    other != NULL ? other : "");
	}
	for (size_t i = 0; i < b.count; i++)
		if (kbi_members_find(&a, &b.all[i]) == NULL)
			put_line(stdout, "    * %-36s %s", "", b.all[i].text);
	put_line(stdout, "      %-36s %s", size_of(pair->a),
	    size_of(pair->b));
	kbi_members_free(&a);
	kbi_members_free(&b);
}

/* --- severities (I-95) --- */

/*
 * Of those members that the other side has not, or not so, by KEY.member: the
 * worst.  KBI_DEFAULT: there is none, so that something else is another, as a
 * size is.
 */
static enum kbi_severity
side_severity(const struct comparison *c, const char *key,
    const struct kbi_members *members, const struct kbi_members *others)
{
	const size_t length = strlen(key);
	enum kbi_severity worst = KBI_DEFAULT;

	for (size_t i = 0; i < members->count; i++) {
		const struct kbi_member *member = &members->all[i];
		const char *other = kbi_members_find(others, member);
		enum kbi_severity severity;
		char *name;

		if (other != NULL && strcmp(other, member->text) == 0)
			continue;
		name = need(malloc(length + member->length + 2));
		(void)snprintf(name, length + member->length + 2, "%s.%.*s",
		    key, (int)member->length, member->text);
		severity = kbi_severity_of(c->severities,
		    (const char *const[]){ name, NULL });
		free(name);
		if (severity == KBI_DEFAULT)
			return (KBI_FAIL);
		worst = severity > worst ? severity : worst;
	}
	return (worst);
}

static enum kbi_severity
members_severity(const struct comparison *c, const struct kbi_pair *pair)
{
	struct kbi_members a, b;
	enum kbi_severity in_a, in_b;

	kbi_members_split(pair->a->rest, &a);
	kbi_members_split(pair->b->rest, &b);
	in_a = side_severity(c, pair->key, &a, &b);
	in_b = side_severity(c, pair->key, &b, &a);
	kbi_members_free(&a);
	kbi_members_free(&b);
	return (in_a > in_b ? in_a : in_b);
}

static enum kbi_severity
type_severity(const struct comparison *c, struct kbi_pair *pair)
{
	const char *const names[] = { pair->key, NULL };

	if (pair->judged)
		return (pair->severity);
	pair->judged = true;
	pair->severity = kbi_severity_of(c->severities, names);
	if (pair->severity == KBI_DEFAULT && pair->a != NULL &&
	    pair->b != NULL && c->severities != NULL)
		pair->severity = members_severity(c, pair);
	return (pair->severity);
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

/* The worst of the reasons, and their keys. */
static enum kbi_severity
tell_reasons(const struct comparison *c, char *text, size_t size)
{
	enum kbi_severity worst = KBI_PASS;
	size_t at = 0;

	for (size_t i = 0; i < c->pairs.nclosure; i++) {
		struct kbi_pair *pair = c->pairs.closure[i];
		const enum kbi_severity one = type_severity(c, pair);

		if (one == KBI_DEFAULT || one > worst)
			worst = one == KBI_DEFAULT ? KBI_FAIL : one;
		if (at < size)
			at += (size_t)snprintf(text + at, size - at, " %s",
			    pair->key);
	}
	return (worst);
}

/* Why a function or variable is another one (I-93). */
static void
tell_changed(struct comparison *c, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const char *const names[] = { a->name, NULL };
	enum kbi_severity severity = kbi_severity_of(c->severities, names);
	enum kbi_severity types = KBI_FAIL;
	const bool retyped = strcmp(a->rest, b->rest) != 0;
	char text[1024], why[1024] = " nothing here says why";

	if (find_reasons(c, a, b)) {
		*why = '\0';
		types = tell_reasons(c, why, sizeof(why));
	}
	if (c->pairs.too_much)
		return;
	if (severity == KBI_DEFAULT)
		severity = retyped ? KBI_FAIL : types;
	if (retyped)
		(void)snprintf(text, sizeof(text), "is %s, and was %s;%s",
		    b->rest, a->rest, why);
	else
		(void)snprintf(text, sizeof(text), "differs:%s", why);
	tell(c, severity, a->name, text);
}

/* A word for which the kernel refuses modules (I-60); types tell of sizes. */
static bool
is_refusal(const struct kbi_line *line)
{
	return (line->letter == 'w' && strcmp(line->name, "MAXCPU") != 0 &&
	    strncmp(line->name, "sizeof-", strlen("sizeof-")) != 0);
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
		severity = (symbol && b == NULL) || (is_refusal(one) &&
		    a != NULL && b != NULL) ? KBI_FAIL : KBI_NOTE;
	if (a != NULL && b != NULL)
		(void)snprintf(text, sizeof(text), "is %s, and was %s",
		    b->rest, a->rest);
	else
		(void)snprintf(text, sizeof(text), "%s%s%s", b == NULL ?
		    "is gone" : "is new", *one->rest != '\0' ? ": " : "",
		    one->rest);
	tell(c, severity, one->name, text);
}

static int
by_rest(const struct kbi_line *a, const struct kbi_line *b)
{
	return (strcmp(a->rest, b->rest));
}

static int
by_rest_and_hash(const struct kbi_line *a, const struct kbi_line *b)
{
	const int order = by_rest(a, b);

	return (order != 0 ? order : strcmp(a->hash, b->hash));
}

/* Which of two comes first is nobody's concern: any goes with any. */
static int
by_nothing(const struct kbi_line *a, const struct kbi_line *b)
{
	(void)a;
	(void)b;
	return (0);
}

/* The lines of one name in one text. */
struct group {
	struct kbi_line *all;
	size_t count;
};

static struct group
group_at(const struct kbi_lines *lines, size_t at)
{
	struct group group = { &lines->all[at], 0 };

	while (at + group.count < lines->count && kbi_line_order(group.all,
	    &group.all[group.count]) == 0)
		group.count++;
	return (group);
}

static struct kbi_line *
next_left(const struct group *group, size_t *at)
{
	while (*at < group->count && group->all[*at].done)
		(*at)++;
	return (*at < group->count ? &group->all[*at] : NULL);
}

/* Of those that are left, what goes with what. */
static void
match(struct comparison *c, const struct group *a, const struct group *b,
    int (*by)(const struct kbi_line *, const struct kbi_line *))
{
	struct kbi_line *one, *other;
	size_t i = 0, j = 0;

	while ((one = next_left(a, &i)) != NULL &&
	    (other = next_left(b, &j)) != NULL) {
		const int way = by(one, other);

		if (way == 0) {
			one->done = other->done = true;
			if (by_rest_and_hash(one, other) != 0)
				tell_line(c, one, other);
		}
		i += way <= 0;
		j += way >= 0;
	}
}

/*
 * Functions that are not global may have one name, and no order: what both texts
 * have is the same, and of the rest what differs least goes together.
 */
static void
compare_groups(struct comparison *c, const struct group *a,
    const struct group *b)
{
	const struct kbi_line *line;

	match(c, a, b, by_rest_and_hash);
	match(c, a, b, by_rest);
	match(c, a, b, by_nothing);
	for (size_t i = 0; (line = next_left(a, &i)) != NULL; i++)
		tell_line(c, line, NULL);
	for (size_t i = 0; (line = next_left(b, &i)) != NULL; i++)
		tell_line(c, NULL, line);
}

static void
compare_all(struct comparison *c)
{
	size_t i = 0, j = 0;

	while ((i < c->a.count || j < c->b.count) &&
	    !c->pairs.too_much) {
		const int way = i == c->a.count ? 1 : j == c->b.count ? -1 :
		    kbi_line_order(&c->a.all[i], &c->b.all[j]);
		struct group a = { NULL, 0 }, b = { NULL, 0 };

		if (way <= 0)
			a = group_at(&c->a, i);
		if (way >= 0)
			b = group_at(&c->b, j);
		compare_groups(c, &a, &b);
		i += a.count;
		j += b.count;
	}
}

static void
explain_pair(struct comparison *c, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const struct kbi_line *one = a != NULL ? a : b;
	const struct kbi_pairs *pairs = &c->pairs;

	if (one->letter == 'T') {
		side_by_side(kbi_pairs_find(&c->pairs, one->name));
		return;
	}
	put_line(stdout, "%c %s", one->letter, one->name);
	put_line(stdout, "  %s", a != NULL ? a->rest : "-");
	put_line(stdout, "  %s", b != NULL ? b->rest : "-");
	if (!find_reasons(c, a, b))
		put_line(stdout, "  nothing here says why they differ");
	for (size_t i = 0; i < pairs->nclosure; i++)
		side_by_side(pairs->closure[i]);
}

static struct group
find_group(const struct kbi_lines *lines, char letter, const char *name)
{
	const struct kbi_line *first = kbi_lines_find(lines, letter, name);

	return (first == NULL ? (struct group){ NULL, 0 } :
	    group_at(lines, (size_t)(first - lines->all)));
}

/* Of several of one name those that differ, and one if none does. */
static void
explain_group(struct comparison *c, const struct group *a,
    const struct group *b)
{
	size_t i = 0, j = 0;

	match(c, a, b, by_rest_and_hash);
	if (next_left(a, &i) == NULL && next_left(b, &j) == NULL)
		explain_pair(c, &a->all[0], &b->all[0]);
	for (;; i++, j++) {
		const struct kbi_line *one = next_left(a, &i);
		const struct kbi_line *other = next_left(b, &j);

		if (one == NULL && other == NULL)
			return;
		explain_pair(c, one, other);
	}
}

/*
 * All of one name: its lines, and the types that differ below it.  False: neither
 * has it.
 */
static bool
explain(struct comparison *c, const char *name)
{
	static const char letters[] = "FVTow";
	bool found = false;

	for (const char *letter = letters; *letter != '\0'; letter++) {
		const struct group a = find_group(&c->a, *letter, name);
		const struct group b = find_group(&c->b, *letter, name);

		if (a.count == 0 && b.count == 0)
			continue;
		found = true;
		explain_group(c, &a, &b);
	}
	if (!found)
		complain("%s: in neither of them", name);
	return (found);
}

/* "amd64" of "amd64 1500068 GENERIC ctf3". */
static bool
same_machine(const struct comparison *c)
{
	const size_t length = strcspn(c->a.head, " ");

	return (length == strcspn(c->b.head, " ") &&
	    memcmp(c->a.head, c->b.head, length) == 0);
}

/* An exit status. */
static int
compare_texts(struct comparison *c)
{
	int status;

	if (!same_machine(c)) {
		complain("%s is for %.*s, %s for %.*s: these have no interface "
		    "in common", c->name_a, (int)strcspn(c->a.head, " "),
		    c->a.head, c->name_b, (int)strcspn(c->b.head, " "),
		    c->b.head);
		return (STATUS_USAGE);
	}
	put_line(stdout, "%s: %s", c->name_a, c->a.head);
	put_line(stdout, "%s: %s", c->name_b, c->b.head);
	kbi_pairs_make(&c->a, &c->b, &c->pairs);
	if (c->run->explain != NULL) {
		status = explain(c, c->run->explain) ? STATUS_OK :
		    STATUS_REFUSED;
	} else {
		compare_all(c);
		status = c->fails != 0 ? STATUS_REFUSED : STATUS_OK;
	}
	if (c->pairs.too_much) {
		complain("%s, %s: too many symbols lead to too many types: "
		    "not all was compared", c->name_a, c->name_b);
		status = STATUS_HOST;
	} else if (c->run->explain == NULL) {
		put_line(stdout, "%zu fail, %zu note%s, %zu passed", c->fails,
		    c->notes, c->notes == 1 ? "" : "s", c->passes);
	}
	kbi_pairs_free(&c->pairs);
	return (status);
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
	    kbi_lines_read(run, c.name_b, &c.b))
		status = compare_texts(&c);
	kbi_lines_free(&c.a);
	kbi_lines_free(&c.b);
	kbi_severities_free(c.severities);
	return (status);
}
