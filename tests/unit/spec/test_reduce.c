/* SPDX-License-Identifier: BSD-2-Clause */

/* Reductions: what is left of specs when a question is asked of them. */

#include "support_base.h"

#include <kldsim/kldsim.h>

/* The question: the words that a spec must have, and how often it was asked. */
struct question {
	const char *words[4]; /* of the first file; NULL: no more */
	const char *other;    /* of the second */
	unsigned asked;
	unsigned most;        /* candidates; 0: any number */
	const struct kldsim_reduce *reduce; /* renamed words are looked for */
};

static bool
has_words(const struct question *question, const char *spec)
{
	for (size_t i = 0; i < 4 && question->words[i] != NULL; i++) {
		char room[64];

		(void)snprintf(room, sizeof(room), "%s", question->words[i]);
		if (question->reduce != NULL)
			kldsim_reduce_renamed(question->reduce,
			    question->words[i], room, sizeof(room));
		if (strstr(spec, room) == NULL)
			return (false);
	}
	return (true);
}

static bool
keeps(void *user, const struct kldsim_reduce_candidate *candidate)
{
	struct question *question = user;

	question->asked++;
	for (size_t i = 0; i < candidate->count; i++)
		assert_true((candidate->images[i] == NULL) ==
		    (candidate->specs[i] == NULL));
	if (candidate->images[0] == NULL ||
	    !has_words(question, candidate->specs[0]))
		return (false);
	return (question->other == NULL || (candidate->count > 1 &&
	    candidate->specs[1] != NULL &&
	    strstr(candidate->specs[1], question->other) != NULL));
}

static bool
stop(void *user, const struct kldsim_reduce_progress *progress)
{
	const struct question *question = user;

	return (question->most != 0 && progress->tried >= question->most);
}

static struct kldsim_reduce *
begin(struct question *question, const char *first, const char *second)
{
	struct kldsim_reduce_options options;
	struct kldsim_reduce *reduce;
	struct kldsim_error error;

	kldsim_reduce_options_init(&options, sizeof(options));
	options.keeps = keeps;
	options.stop = stop;
	options.user = question;
	assert_int_equal(kldsim_reduce_new(&options, &reduce, &error),
	    KLDSIM_OK);
	assert_int_equal(kldsim_reduce_add(reduce, "first", first,
	    strlen(first), &error), KLDSIM_OK);
	if (second != NULL)
		assert_int_equal(kldsim_reduce_add(reduce, "second.ko",
		    second, strlen(second), &error), KLDSIM_OK);
	return (reduce);
}

static const char *
spec_of(const struct kldsim_reduce *reduce, size_t index)
{
	size_t size = 0;
	const char *spec = kldsim_reduce_spec(reduce, index, &size);

	if (spec != NULL)
		assert_int_equal(strlen(spec), size);
	return (spec);
}

/* One file, reduced: its spec, to be compared. */
static void
expect(struct question question, const char *spec, const char *reduced)
{
	struct kldsim_reduce *reduce = begin(&question, spec, NULL);
	struct kldsim_error error;

	assert_int_equal(kldsim_reduce_run(reduce, &error), KLDSIM_OK);
	assert_string_equal(spec_of(reduce, 0), reduced);
	kldsim_reduce_free(reduce);
}

/* Lists, items and fields that nobody asks for are gone. */
static void
test_takes_out(void **state)
{
	(void)state;
	expect((struct question){ .words = { "wanted" } },
	    "machine: amd64\nkind: module\noptions: {gnu-hash: yes}\n"
	    "functions: [a, {name: wanted, bind: local}, b]\n"
	    "objects: [{name: c, int: 3}]\nrelocs:\n"
	    "  - {in: .text, at: 1, symbol: printf, addend: -4}\n",
	    "machine: amd64\nkind: module\nfunctions:\n"
	    "  - {name: wanted}\n");
}

/* Nothing is asked for: what makes it a file is left. */
static void
test_takes_out_all(void **state)
{
	(void)state;
	expect((struct question){ .asked = 0 },
	    "machine: i386\nkind: module\nfunctions: [a, b]\n",
	    "machine: i386\nkind: module\n");
}

/* The third of four symbols: whoever has its number has the new one. */
static void
test_numbers(void **state)
{
	(void)state;
	expect((struct question){ .words = { "symbol:", "section: .text, value: 0x30" } },
	    "machine: amd64\nkind: rel\nsections: [{name: .text, size: 64},\n"
	    "  {name: .data, size: 8}]\nsymbols:\n"
	    "  - {name: f, section: .text}\n"
	    "  - {name: f, section: .text, value: 0x10}\n"
	    "  - {name: f, section: .text, value: 0x30}\n"
	    "  - {name: f, section: .text, value: 0x20}\n"
	    "relocs:\n  - {in: .data, at: 0, symbol: '#3'}\n",
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .text}\n  - {name: .data, size: 8}\nsymbols:\n"
	    "  - {section: .text, value: 0x30}\n"
	    "relocs:\n  - {in: .data, at: 0, symbol: '#1'}\n");
}

/* A section goes with what lies in it, and so can what names it. */
static void
test_dependents(void **state)
{
	(void)state;
	expect((struct question){ .words = { "keep" } },
	    "machine: amd64\nkind: rel\nsections: [{name: .a, size: 8},\n"
	    "  {name: .b, size: 8}]\nsymbols:\n"
	    "  - {name: x, section: .a}\n  - {name: keep, section: .b}\n"
	    "relocs:\n  - {in: .a, at: 0, section: .b}\n",
	    "machine: amd64\nkind: rel\nsymbols:\n  - {name: keep}\n");
}

/* Types count: one that is gone keeps its place before others. */
static void
test_types(void **state)
{
	(void)state;
	expect((struct question){ .words = { "name: foo" } },
	    "machine: amd64\nkind: module\ntypes:\n"
	    "  - {kind: integer, name: int, size: 4}\n"
	    "  - {kind: integer, name: char, size: 1}\n"
	    "  - {kind: pointer, name: foo, type: 2}\n"
	    "  - {kind: pointer, name: bar, type: 1}\n",
	    "machine: amd64\nkind: module\ntypes:\n"
	    "  - unknown\n  - unknown\n  - {kind: pointer, name: foo}\n");
}

/* Bytes that are not asked for are zeros, or cut off. */
static void
test_bytes(void **state)
{
	(void)state;
	expect((struct question){ .words = { "aa00" } },
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .d, bytes: 0102 aa00 0304 0506}\n",
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .d, bytes: 0000aa00}\n");
}

/* A file that nobody needs, and one that somebody does. */
static void
test_files(void **state)
{
	static const char spec[] =
	    "machine: amd64\nkind: module\nfunctions: [a]\n";
	struct question question = { .words = { "machine" } };
	struct kldsim_reduce *reduce = begin(&question, spec, spec);

	(void)state;
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
	assert_null(spec_of(reduce, 1));
	assert_null(kldsim_reduce_image(reduce, 1));
	kldsim_reduce_free(reduce);
	question.other = "- a";
	reduce = begin(&question, spec, spec);
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
	assert_string_equal(spec_of(reduce, 0),
	    "machine: amd64\nkind: module\n");
	assert_string_equal(spec_of(reduce, 1),
	    "machine: amd64\nkind: module\nfunctions:\n  - a\n");
	kldsim_reduce_free(reduce);
}

/* A kernel that was read is made anew, with the names that are asked for. */
static void
test_skeleton(void **state)
{
	static const char kernel[] = "machine: amd64\nkind: exec\nsections:\n"
	    "  - {name: .text, size: 64, address: 0xffffffff80200000}\n"
	    "  - {name: .data, size: 64, address: 0xffffffff80300000}\n"
	    "symbols:\n"
	    "  - {name: f, type: func, section: .text}\n"
	    "  - {name: vnet_entry_quux, section: .data, size: 4}\n";

	(void)state;
	expect((struct question){ .asked = 0 }, kernel,
	    "machine: amd64\nkind: kernel\n");
	expect((struct question){ .words = { "quux" } }, kernel,
	    "machine: amd64\nkind: kernel\nvnet:\n  - {name: quux, size: 0}\n");
}

/* What is reduced is not made smaller by reducing it again. */
static void
test_twice(void **state)
{
	struct question question = { .words = { "wanted", "aa" } };
	struct kldsim_reduce *reduce = begin(&question,
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .text, size: 64, bytes: 00aa11bb}\n"
	    "  - {name: .data, size: 640}\nsymbols:\n"
	    "  - {name: wanted, section: .text, size: 9}\n", NULL);
	char *once;

	(void)state;
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
	once = strdup(spec_of(reduce, 0));
	assert_non_null(once);
	kldsim_reduce_free(reduce);
	expect(question, once, once);
	free(once);
}

/* Stopped anywhere: what there is still shows it, and nothing is lost. */
static void
test_stops(void **state)
{
	(void)state;
	for (unsigned most = 1; most < 40; most++) {
		struct question question = { .words = { "wanted" },
			.most = most };
		struct kldsim_reduce *reduce = begin(&question,
		    "machine: amd64\nkind: module\n"
		    "functions: [a, b, c, wanted, d, e]\n"
		    "objects: [{name: g, size: 64}]\n", NULL);
		struct kldsim_reduce_progress progress;

		assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
		kldsim_reduce_progress(reduce, &progress);
		assert_true(question.asked <= most);
		assert_int_equal(progress.tried, question.asked);
		assert_non_null(strstr(spec_of(reduce, 0), "wanted"));
		kldsim_reduce_free(reduce);
	}
}

/* Files that do not show it, and texts that are no specs. */
static void
test_mistakes(void **state)
{
	static const char *const wrong[] = {
		"", "a", "- a\n", "a: [", "a: *b\n", "? [a]\n: b\n",
		"x: [[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]\n",
	};
	struct question question = { .words = { "nowhere" } };
	struct kldsim_reduce *reduce = begin(&question,
	    "machine: amd64\nkind: module\n", NULL);
	struct kldsim_reduce_options options;
	struct kldsim_error error;

	(void)state;
	assert_int_equal(kldsim_reduce_run(reduce, &error), KLDSIM_NOENT);
	assert_string_equal(error.text,
	    "the files do not show what is to be kept");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_not_equal(kldsim_reduce_add(reduce, "wrong",
		    wrong[i], strlen(wrong[i]), &error), KLDSIM_OK);
	kldsim_reduce_free(reduce);
	reduce = begin(&question, "machine: vax\nkind: module\n", NULL);
	assert_int_equal(kldsim_reduce_run(reduce, &error),
	    KLDSIM_MALFORMED);
	kldsim_reduce_free(reduce);
	kldsim_reduce_options_init(&options, sizeof(options));
	assert_int_equal(kldsim_reduce_new(&options, &reduce, &error),
	    KLDSIM_ARG);
	kldsim_reduce_free(NULL);
}

/*
 * Names of five letters and more are others, the same in both files and of the
 * same lengths; prefixes and what the kernel looks for stay, and so does the
 * name that is asked for as it was.
 */
static void
test_anonymize(void **state)
{
	struct question question = { .words = { "stays" },
		.other = "symbol: vnet_entry_" };
	struct kldsim_reduce *reduce = begin(&question,
	    "machine: amd64\nkind: module\n"
	    "functions: [secret, stays, osreldate, abc]\n"
	    "vnet: [{name: hidden, size: 4}]\n",
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .data, bytes: 7365637265740000}\n" /* "secret" */
	    "relocs: [{in: .data, at: 0, symbol: vnet_entry_hidden}]\n");
	char room[64];

	(void)state;
	/* Not reduced, so that there is something to rename. */
	question.most = 1;
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
	kldsim_reduce_free(reduce);
	question.most = 0;
	question.words[1] = "abc";
	reduce = begin(&question,
	    "machine: amd64\nkind: module\n"
	    "functions: [stays, abc]\n",
	    "machine: amd64\nkind: rel\nsections: [{name: .data, size: 8}]\n"
	    "relocs: [{in: .data, at: 0, symbol: vnet_entry_hidden}]\n");
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_reduce_anonymize(reduce, NULL), KLDSIM_OK);
	assert_string_equal(spec_of(reduce, 0),
	    "machine: amd64\nkind: module\nfunctions:\n"
	    "  - stays\n  - abc\n");
	assert_string_equal(spec_of(reduce, 1),
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .data, size: 8}\n"
	    "relocs:\n  - {in: .data, at: 0, symbol: vnet_entry_aaaaaa}\n");
	assert_string_equal(kldsim_reduce_kept_name(reduce, 0), "stays");
	assert_null(kldsim_reduce_kept_name(reduce, 1));
	kldsim_reduce_renamed(reduce, "vnet_entry_hidden", room,
	    sizeof(room));
	assert_string_equal(room, "vnet_entry_aaaaaa");
	kldsim_reduce_renamed(reduce, "stays", room, sizeof(room));
	assert_string_equal(room, "stays");
	kldsim_reduce_free(reduce);
}

/* Where the question follows the names, all of them can go; bytes too. */
static void
test_anonymize_bytes(void **state)
{
	struct question question = { .words = { "secret" },
		.other = "bytes" };
	struct kldsim_reduce *reduce = begin(&question,
	    "machine: amd64\nkind: module\nfunctions: [secret]\n",
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .data, bytes: 00 736563726574 00 ff}\n");

	(void)state;
	question.reduce = reduce;
	question.other = "737472"; /* not there: all of it has to stay */
	assert_int_equal(kldsim_reduce_run(reduce, NULL), KLDSIM_NOENT);
	question.other = "bytes";
	assert_int_equal(kldsim_reduce_anonymize(reduce, NULL), KLDSIM_OK);
	assert_string_equal(spec_of(reduce, 0),
	    "machine: amd64\nkind: module\nfunctions:\n  - aaaaaa\n");
	assert_string_equal(spec_of(reduce, 1),
	    "machine: amd64\nkind: rel\nsections:\n"
	    "  - {name: .data, bytes: 0061616161616100ff}\n");
	kldsim_reduce_free(reduce);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_out),
		cmocka_unit_test(test_takes_out_all),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dependents),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_skeleton),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_anonymize),
		cmocka_unit_test(test_anonymize_bytes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
