/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What becomes of imports in one kernel, or from one to another (F-06 to F-09,
 * N-20).
 */

#include <stdio.h>

#include "support_alloc.h"
#include "support_refs.h"

static struct kldsim_error error;

/* --- against kernels --- */

/* Types and variables of N-20's kernels. */
#define KERNEL_TYPES \
	"types:\n" \
	"  - {kind: integer, name: u_short, size: 2}\n" \
	"  - {kind: integer, name: u_int, size: 4}\n" \
	"  - {kind: struct, name: ifnet, size: 8, members: [\n" \
	"    {name: if_next, type: struct ifnet *, bit: 0}]}\n"

static const char n20_before[] =
    "machine: amd64\n"
    "kind: kernel\n"
    "vnet:\n"
    "  - {name: if_index, size: 2}\n"
    "  - {name: loif, size: 8}\n"
    "  - {name: tcbinfo, size: 16}\n"
    "  - {name: ip_forwarding, size: 4}\n"
    KERNEL_TYPES
    "object-types:\n"
    "  - {symbol: vnet_entry_if_index, type: u_short}\n"
    "  - {symbol: vnet_entry_loif, type: struct ifnet *}\n";

static const char n20_after[] =
    "machine: amd64\n"
    "kind: kernel\n"
    "objects: [{name: ip_forwarding, size: 4}]\n"
    "vnet:\n"
    "  - {name: if_index, size: 4}\n"
    "  - {name: added, size: 8}\n"
    "  - {name: loif, size: 8}\n"
    KERNEL_TYPES
    "object-types:\n"
    "  - {symbol: vnet_entry_if_index, type: u_int}\n"
    "  - {symbol: vnet_entry_loif, type: struct ifnet *}\n";

static struct kldsim_refs_kernels *
read_kernels(const char *before, const char *after)
{
	struct kldsim_image *first = kern_spec(before, "kernel");
	struct kldsim_image *second = after == NULL ? NULL :
	    kern_spec(after, "kernel2");
	struct kldsim_refs_kernels *kernels = NULL;

	if (kldsim_refs_kernels_read(first, second, NULL, &kernels, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_image_unref(first);
	kldsim_image_unref(second);
	return (kernels);
}

/* A module that imports one name, of one binding, wanted or not. */
static struct kldsim_refs *
importer(const char *name, const char *more,
    const struct kldsim_refs_kernels *kernels)
{
	char spec[512];

	(void)snprintf(spec, sizeof(spec), "machine: amd64\n"
	    "kind: rel\n"
	    "sections: [{name: .data, size: 8}]\n"
	    "%s"
	    "relocs: [{in: .data, at: 0, type: R_X86_64_64, symbol: %s}]\n",
	    more, name);
	return (refs_read_spec(spec, "a.ko", kernels));
}

static void
keep_change(void *user, uint32_t index,
    const struct kldsim_refs_change *change)
{
	assert_int_equal(index, 0);
	*(struct kldsim_refs_change *)user = *change;
}

/* What becomes of a module's only import, and of the module. */
static struct kldsim_refs_change
judge(const struct kldsim_refs_kernels *kernels, struct kldsim_refs *refs)
{
	struct kldsim_refs_change change = { 0 };
	enum kldsim_kbi_verdict verdict;

	assert_int_equal(refs_info(refs).imports, 1);
	verdict = kldsim_refs_judge(kernels, refs, keep_change, &change);
	assert_int_equal(verdict, change.verdict);
	kldsim_refs_free(refs);
	return (change);
}

static void
is_judged(const struct kldsim_refs_kernels *kernels, const char *name,
    const char *more, enum kldsim_refs_change_kind kind,
    enum kldsim_kbi_verdict verdict)
{
	const struct kldsim_refs_change change = judge(kernels, importer(name,
	    more, kernels));

	if (change.kind != kind || change.verdict != verdict)
		fail_msg("%s is %s: %s", name,
		    kldsim_refs_change_name(change.kind),
		    kldsim_kbi_verdict_name(change.verdict));
}

/* N-20 */
static void
two_kernels(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before,
	    n20_after);
	struct kldsim_refs_change change = judge(kernels, importer(
	    "vnet_entry_if_index", "", kernels));

	(void)state;
	assert_int_equal(change.kind, KLDSIM_REFS_RESIZED);
	assert_int_equal(change.verdict, KLDSIM_KBI_REBUILD);
	assert_int_equal(change.before.size, 2);
	assert_int_equal(change.after.size, 4);
	assert_hex(change.before.offset, 0);
	assert_hex(change.after.offset, 0);
	change = judge(kernels, importer("vnet_entry_loif", "", kernels));
	assert_int_equal(change.kind, KLDSIM_REFS_MOVED);
	assert_int_equal(change.verdict, KLDSIM_KBI_NO_DIFFERENCE);
	assert_hex(change.before.offset, 8);
	assert_hex(change.after.offset, 16);
	is_judged(kernels, "vnet_entry_tcbinfo", "", KLDSIM_REFS_REMOVED,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_DEVIRTUALIZED, KLDSIM_KBI_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
}

/* F-07: all names of both, modspace left out. */
static void
all_changes(void **state)
{
	static const struct {
		const char *name;
		enum kldsim_refs_change_kind kind;
	} want[] = {
		{ "added", KLDSIM_REFS_ADDED },
		{ "if_index", KLDSIM_REFS_RESIZED },
		{ "ip_forwarding", KLDSIM_REFS_DEVIRTUALIZED },
		{ "loif", KLDSIM_REFS_MOVED },
		{ "tcbinfo", KLDSIM_REFS_REMOVED },
	};
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before,
	    n20_after);
	struct kldsim_refs_change change;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(kldsim_refs_change(kernels, i, &change),
		    KLDSIM_OK);
		assert_string_equal(change.name, want[i].name);
		assert_int_equal(change.kind, want[i].kind);
	}
	assert_int_equal(kldsim_refs_change(kernels, i, &change),
	    KLDSIM_NOENT);
	kldsim_refs_kernels_free(kernels);
	/* The other way round it has become virtualized. */
	kernels = read_kernels(n20_after, n20_before);
	assert_int_equal(kldsim_refs_change(kernels, 2, &change), KLDSIM_OK);
	assert_string_equal(change.name, "ip_forwarding");
	assert_int_equal(change.kind, KLDSIM_REFS_VIRTUALIZED);
	assert_int_equal(change.verdict, KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "ip_forwarding", "", KLDSIM_REFS_VIRTUALIZED,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_VIRTUALIZED, KLDSIM_KBI_NO_DIFFERENCE);
	kldsim_refs_kernels_free(kernels);
}

/* Same place and size, and no type on one side. */
static void
untyped_variables(void **state)
{
	static const char plain[] = "machine: amd64\nkind: kernel\n"
	    "vnet: [{name: if_index, size: 2}]\n";
	struct kldsim_refs_kernels *kernels = read_kernels(n20_before, plain);

	(void)state;
	is_judged(kernels, "vnet_entry_if_index", "", KLDSIM_REFS_UNTYPED,
	    KLDSIM_KBI_CANNOT_TELL);
	kldsim_refs_kernels_free(kernels);
}

/* F-08: of one size, and something else. */
static void
retyped_variables(void **state)
{
	static const struct {
		const char *before, *after;
		enum kldsim_refs_change_kind kind;
		const char *text;
	} all[] = {
		{ "u_int", "u_int", KLDSIM_REFS_SAME, "" },
		{ "word_t", "u_int", KLDSIM_REFS_SAME, "" },
		{ "u_int", "int", KLDSIM_REFS_SAME, "u_int, now int" },
		{ "u_int", "4", KLDSIM_REFS_RETYPED, "u_int, now u_short[2]" },
		{ "4", "4", KLDSIM_REFS_SAME, "" },
		{ "4", "5", KLDSIM_REFS_RETYPED,
		    "u_short[2], now u_char[4]" },
		{ "struct a *", "struct a *", KLDSIM_REFS_SAME, "" },
		{ "struct a *", "struct b *", KLDSIM_REFS_SAME,
		    "struct a *, now struct b *" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char spec[2][1024];
		struct kldsim_refs_kernels *kernels;
		struct kldsim_refs_change change;

		for (unsigned k = 0; k < 2; k++)
			(void)snprintf(spec[k], sizeof(spec[k]),
			    "machine: amd64\nkind: kernel\n"
			    "vnet: [{name: x, size: 4}]\ntypes:\n"
			    "  - {kind: integer, name: u_short, size: 2}\n"
			    "  - {kind: integer, name: u_int, size: 4}\n"
			    "  - {kind: integer, name: u_char, size: 1}\n"
			    "  - {kind: array, type: u_short, elements: 2}\n"
			    "  - {kind: array, type: u_char, elements: 4}\n"
			    "  - {kind: integer, name: int, size: 4, "
			    "encoding: signed}\n"
			    "  - {kind: typedef, name: word_t, type: u_int}\n"
			    "  - {kind: struct, name: a, size: 4}\n"
			    "  - {kind: struct, name: b, size: 4}\n"
			    "object-types: [{symbol: vnet_entry_x, "
			    "type: %s}]\n", k == 0 ? all[i].before :
			    all[i].after);
		kernels = read_kernels(spec[0], spec[1]);
		change = judge(kernels, importer("vnet_entry_x", "", kernels));
		assert_int_equal(change.kind, all[i].kind);
		assert_int_equal(change.verdict, change.kind ==
		    KLDSIM_REFS_RETYPED ? KLDSIM_KBI_REBUILD :
		    KLDSIM_KBI_NO_DIFFERENCE);
		assert_string_equal(change.text, all[i].text);
		kldsim_refs_kernels_free(kernels);
	}
}

/* A variable of struct foo, 16 bytes; struct in and enum e are in it. */
static void
struct_spec(char *spec, size_t size, const char *members, const char *inner,
    const char *values)
{
	(void)snprintf(spec, size,
	    "machine: amd64\nkind: kernel\n"
	    "vnet: [{name: x, size: 32}]\n"
	    "types:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    "  - {kind: integer, name: long, size: 8, encoding: signed}\n"
	    "  - {kind: struct, name: foo, size: 16, members: [%s]}\n"
	    "  - {kind: struct, name: in, size: 8, members: [%s]}\n"
	    "  - {kind: enum, name: e, constants: [%s]}\n"
	    "  - {kind: array, type: struct foo, elements: 2}\n"
	    "object-types: [{symbol: vnet_entry_x, type: 6}]\n", members,
	    inner, values);
}

#define FOO "{name: a, type: int, bit: 0}, {name: in, type: struct in, " \
	"bit: 64}, {name: e, type: enum e, bit: 32}"
#define IN "{name: b, type: int, bit: 0}, {name: c, type: int, bit: 32}"

/* F-08: members, of structures in it too, through an array. */
static void
retyped_members(void **state)
{
	static const struct {
		const char *members, *inner, *values;
		enum kldsim_refs_change_kind kind;
		const char *text;
	} all[] = {
		{ FOO, IN, "A, B", KLDSIM_REFS_SAME, "" },
		/* A structure in it: what was known is elsewhere. */
		{ FOO, "{name: c, type: int, bit: 0}, {name: b, type: int, "
		    "bit: 32}", "A, B", KLDSIM_REFS_RETYPED,
		    "struct in: " },
		{ FOO, "{name: b, type: long, bit: 0}", "A, B",
		    KLDSIM_REFS_RETYPED, "struct in: " },
		{ "{name: a, type: long, bit: 0}, {name: in, type: struct in, "
		    "bit: 64}", IN, "A, B", KLDSIM_REFS_RETYPED,
		    "struct foo: " },
		/* A value that is another one. */
		{ FOO, IN, "B, A", KLDSIM_REFS_RETYPED, "enum e: " },
		/* One more at the end is none of the module's. */
		{ FOO, IN, "A, B, C", KLDSIM_REFS_SAME, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char before[1024], after[1024];
		struct kldsim_refs_kernels *kernels;
		struct kldsim_refs_change change;

		struct_spec(before, sizeof(before), FOO, IN, "A, B");
		struct_spec(after, sizeof(after), all[i].members,
		    all[i].inner, all[i].values);
		kernels = read_kernels(before, after);
		change = judge(kernels, importer("vnet_entry_x", "", kernels));
		if (change.kind != all[i].kind || strncmp(change.text,
		    all[i].text, strlen(all[i].text)) != 0)
			fail_msg("%zu: %s: %s", i,
			    kldsim_refs_change_name(change.kind), change.text);
		kldsim_refs_kernels_free(kernels);
	}
}

/* F-06, and what does not keep a module from loading. */
static void
one_kernel(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	struct kldsim_refs_change change;

	(void)state;
	assert_int_equal(kldsim_refs_change(kernels, 0, &change),
	    KLDSIM_NOENT);
	is_judged(kernels, "vnet_entry_loif", "", KLDSIM_REFS_FOUND,
	    KLDSIM_KBI_NO_DIFFERENCE);
	is_judged(kernels, "vnet_entry_tcbinfo", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_ip_forwarding", "",
	    KLDSIM_REFS_DEVIRTUALIZED, KLDSIM_KBI_WILL_NOT_LOAD);
	/* A DPCPU variable of that name is another one. */
	is_judged(kernels, "pcpu_entry_loif", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	/* O-53: it will be 0. */
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "symbols: [{name: vnet_entry_tcbinfo, bind: weak}]\n",
	    KLDSIM_REFS_MISSING, KLDSIM_KBI_NO_DIFFERENCE);
	/* K-30: a file that is not here may have it. */
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "depends: [{name: tcp, minimum: 1, preferred: 1, maximum: 1}]\n",
	    KLDSIM_REFS_MISSING, KLDSIM_KBI_CANNOT_TELL);
	is_judged(kernels, "vnet_entry_tcbinfo",
	    "depends: [{name: kernel, minimum: 1, preferred: 1, "
	    "maximum: 1}]\n", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	/* Built without VIMAGE: the plain name is gone. */
	is_judged(kernels, "if_index", "", KLDSIM_REFS_VIRTUALIZED,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
}

/* The kernel's linker asks for a name and not for what it is (O-60). */
static void
functions_of_that_name(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels("machine: amd64\n"
	    "kind: kernel\nfunctions: [loif]\n"
	    "vnet: [{name: loif, size: 8}]\n", NULL);
	struct kldsim_refs *refs = importer("loif", "", kernels);

	(void)state;
	assert_int_equal(refs_info(refs).imports, 0);
	assert_int_equal(kldsim_refs_judge(kernels, refs, NULL, NULL),
	    KLDSIM_KBI_NO_DIFFERENCE);
	kldsim_refs_free(refs);
	/* But a function is not what has become of a variable. */
	kldsim_refs_kernels_free(kernels);
	kernels = read_kernels("machine: amd64\nkind: kernel\n"
	    "functions: [loif]\nvnet: [{name: x, size: 8}]\n", NULL);
	is_judged(kernels, "vnet_entry_loif", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	kldsim_refs_kernels_free(kernels);
}

/* An undefined symbol that no relocation wants is never looked up. */
static void
unwanted_names(void **state)
{
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	const struct kldsim_refs_change change = judge(kernels, refs_read_spec(
	    "machine: amd64\nkind: rel\nsymbols: [{name: vnet_entry_gone}]\n",
	    "a.ko", kernels));

	(void)state;
	assert_int_equal(change.kind, KLDSIM_REFS_MISSING);
	assert_int_equal(change.verdict, KLDSIM_KBI_NO_DIFFERENCE);
	kldsim_refs_kernels_free(kernels);
}

/* O-60: an import is bound to what its file depends on, and to no other. */
static void
variables_of_other_files(void **state)
{
	static const char needs_pf[] = "depends: [{name: kernel}, {name: pf}]\n";
	struct kldsim_refs_kernels *kernels = read_kernels(n20_after, NULL);
	struct kldsim_refs *pf = refs_read_spec("machine: amd64\nkind: rel\n"
	    "vnet: [{name: pf_limit, size: 4}]\nversions: [pf]\n", "pf.ko",
	    kernels);
	struct kldsim_refs *hidden = refs_read_spec("machine: amd64\n"
	    "kind: rel\nvnet: [{name: hidden, size: 4}]\n", "hidden.ko",
	    kernels);
	struct kldsim_refs_change change;

	(void)state;
	assert_int_equal(kldsim_refs_kernels_add(kernels, hidden), KLDSIM_OK);
	assert_int_equal(kldsim_refs_kernels_add(kernels, pf), KLDSIM_OK);
	change = judge(kernels, importer("vnet_entry_pf_limit", needs_pf,
	    kernels));
	assert_int_equal(change.kind, KLDSIM_REFS_ELSEWHERE);
	assert_int_equal(change.verdict, KLDSIM_KBI_NO_DIFFERENCE);
	assert_string_equal(change.text, "pf.ko has it");
	is_judged(kernels, "vnet_entry_pf_limit", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_pf_limit", "depends: [{name: kernel}]\n",
	    KLDSIM_REFS_MISSING, KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "pcpu_entry_pf_limit", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	/* Without a version nobody can depend on it. */
	is_judged(kernels, "vnet_entry_hidden", "", KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_WILL_NOT_LOAD);
	is_judged(kernels, "vnet_entry_hidden", needs_pf, KLDSIM_REFS_MISSING,
	    KLDSIM_KBI_CANNOT_TELL);
	kldsim_refs_kernels_free(kernels);
	kldsim_refs_free(pf);
	kldsim_refs_free(hidden);
}

/* Each allocation fails once, and nothing is lost. */
static void
no_memory(void **state)
{
	struct kldsim_image *first = kern_spec(n20_before, "kernel");
	struct kldsim_image *second = kern_spec(n20_after, "kernel2");
	struct kldsim_image *image = kern_spec("machine: amd64\nkind: rel\n"
	    "sections: [{name: .data, size: 8}]\n"
	    "versions: [x]\ndepends: [{name: y}]\n"
	    "vnet: [{name: x, size: 8}]\n"
	    "relocs: [{in: .data, at: 0, type: R_X86_64_64, "
	    "symbol: vnet_entry_tcbinfo}]\n", "a.ko");
	struct support_alloc alloc = { .failed = 1 };
	long at;

	(void)state;
	for (at = 0; alloc.failed != 0; at++) {
		struct kldsim_refs_kernels *kernels = NULL;
		struct kldsim_refs_options options;
		struct kldsim_refs *refs = NULL;
		enum kldsim_status status;

		support_alloc_init(&alloc, at);
		kldsim_refs_options_init(&options, sizeof(options));
		options.allocator = support_allocator(&alloc);
		status = kldsim_refs_kernels_read(first, second, &options,
		    &kernels, &error);
		if (status == KLDSIM_OK)
			status = kldsim_refs_read(image, kernels, &options,
			    &refs, &error);
		if (status == KLDSIM_OK)
			status = kldsim_refs_kernels_add(kernels, refs);
		assert_int_equal(status, status == KLDSIM_OK ? KLDSIM_OK :
		    KLDSIM_NOMEM);
		kldsim_refs_kernels_free(kernels);
		kldsim_refs_free(refs);
		assert_int_equal(alloc.live, 0);
	}
	assert_true(at > 20);
	kldsim_image_unref(first);
	kldsim_image_unref(second);
	kldsim_image_unref(image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_kernels),
		cmocka_unit_test(all_changes),
		cmocka_unit_test(untyped_variables),
		cmocka_unit_test(retyped_variables),
		cmocka_unit_test(retyped_members),
		cmocka_unit_test(one_kernel),
		cmocka_unit_test(functions_of_that_name),
		cmocka_unit_test(unwanted_names),
		cmocka_unit_test(variables_of_other_files),
		cmocka_unit_test(no_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
