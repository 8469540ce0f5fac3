/* SPDX-License-Identifier: BSD-2-Clause */
/* The items of a spec that FreeBSD's headers would make. */

#include <stdlib.h>
#include <string.h>

#include "spec/spec_impl.h"

#define TEXT KLDSIM__SPEC_TEXT
#define NUMBER KLDSIM__SPEC_NUMBER
#define BOOL KLDSIM__SPEC_BOOL
#define BYTES KLDSIM__SPEC_BYTES
#define WORD KLDSIM__SPEC_WORD
#define FLAGS KLDSIM__SPEC_FLAGS
#define END {NULL, TEXT, false, NULL, 0}

enum {
	VARIABLE_NAME, VARIABLE_SIZE, VARIABLE_ALIGN, VARIABLE_BYTES,
	VARIABLE_TEXT, VARIABLE_INT, VARIABLE_POINTER, VARIABLE_ADDEND,
	VARIABLE_BIND, VARIABLE_DYNAMIC
};
static const struct kldsim__spec_key variable_keys[] = {
	[VARIABLE_NAME] = {"name", TEXT, true, NULL, 0},
	[VARIABLE_SIZE] = {"size", NUMBER, false, NULL, 0},
	[VARIABLE_ALIGN] = {"align", NUMBER, false, NULL, 0},
	[VARIABLE_BYTES] = {"bytes", BYTES, false, NULL, 0},
	[VARIABLE_TEXT] = {"text", TEXT, false, NULL, 0},
	[VARIABLE_INT] = {"int", NUMBER, false, NULL, 0},
	[VARIABLE_POINTER] = {"pointer", TEXT, false, NULL, 0},
	[VARIABLE_ADDEND] = {"addend", NUMBER, false, NULL, 0},
	[VARIABLE_BIND] = {"bind", WORD, false, kldsim__spec_bindings, 0},
	[VARIABLE_DYNAMIC] = {"dynamic", BOOL, false, NULL, 0},
	END,
};

/* The bytes of a variable: at most one of text, bytes and int is given. */
struct content {
	unsigned char *bytes; /* to be freed; NULL: zeros */
	uint64_t size;
	uint64_t align;
};

/* The largest power of two that divides what a compiler would look at. */
static uint64_t
natural_align(uint64_t size, uint64_t word)
{
	uint64_t align = 1;

	while (align < word && align * 2 <= size)
		align *= 2;
	return align;
}

static uint64_t
given_size(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	if (values[VARIABLE_INT].given)
		return values[VARIABLE_SIZE].given ?
		    values[VARIABLE_SIZE].number : 4;
	if (values[VARIABLE_TEXT].given)
		return values[VARIABLE_TEXT].size + 1;
	if (values[VARIABLE_BYTES].given)
		return values[VARIABLE_BYTES].size;
	return values[VARIABLE_POINTER].given ?
	    kldsim__synth_word(spec->synth) : 0;
}

/* Mistakes in what a variable is made of. */
static bool
check_variable(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values, uint64_t have)
{
	const struct kldsim__spec_value *size = &values[VARIABLE_SIZE];
	int kinds = values[VARIABLE_INT].given + values[VARIABLE_TEXT].given +
	    values[VARIABLE_BYTES].given + values[VARIABLE_POINTER].given;

	if (kinds > 1)
		kldsim__spec_fail(spec, values[VARIABLE_NAME].origin,
		    "expected one of bytes, text, int and pointer");
	else if (kinds == 0 && !size->given)
		kldsim__spec_fail(spec, values[VARIABLE_NAME].origin,
		    "expected a size, bytes, text, int or pointer");
	else if (values[VARIABLE_INT].given && (have == 0 || have > 8))
		kldsim__spec_fail(spec, size->origin,
		    "size: expected an int of 1 to 8 bytes, found %llu",
		    (unsigned long long)have);
	else if (size->given && size->number < have)
		kldsim__spec_fail(spec, size->origin,
		    "size: expected at least the %llu bytes given, found %llu",
		    (unsigned long long)have,
		    (unsigned long long)size->number);
	return !kldsim__spec_bad(spec);
}

static bool
make_content(struct kldsim__spec *spec, const struct kldsim__spec_value *values,
    bool nobits, struct content *content)
{
	const struct kldsim__spec_value *size = &values[VARIABLE_SIZE];
	const struct kldsim__spec_value *align = &values[VARIABLE_ALIGN];
	uint64_t have = given_size(spec, values);
	bool zeros = !values[VARIABLE_INT].given &&
	    !values[VARIABLE_TEXT].given && !values[VARIABLE_BYTES].given;

	if (!check_variable(spec, values, have))
		return false;
	content->size = size->given ? size->number : have;
	content->align = align->given ? align->number :
	    natural_align(content->size, kldsim__synth_word(spec->synth));
	content->bytes = NULL;
	if ((!nobits || !zeros) && (!kldsim__spec_account(spec, align,
	    content->align) || !kldsim__spec_account(spec, size,
	    content->size)))
		return false;
	if (zeros || content->size == 0)
		return true;
	content->bytes = calloc(1, (size_t)content->size);
	if (content->bytes == NULL)
		spec->error.status = KLDSIM_NOMEM;
	else if (values[VARIABLE_INT].given)
		kldsim__synth_put(spec->synth, content->bytes, (unsigned)have,
		    values[VARIABLE_INT].number);
	else
		memcpy(content->bytes, values[VARIABLE_TEXT].given ?
		    values[VARIABLE_TEXT].text : values[VARIABLE_BYTES].text,
		    (size_t)have);
	return content->bytes != NULL;
}

typedef int define(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);
typedef int define_pointer(struct kldsim_synth *synth, const char *name,
    int symbol, int64_t addend);

static void
variable(struct kldsim__spec *spec, const struct kldsim__spec_value *values,
    bool nobits, define *with_bytes, define_pointer *with_pointer)
{
	struct content content;
	int symbol;

	if (!make_content(spec, values, nobits, &content))
		return;
	if (values[VARIABLE_POINTER].given)
		symbol = with_pointer(spec->synth, values[VARIABLE_NAME].text,
		    kldsim__spec_symbol(spec, &values[VARIABLE_POINTER]),
		    (int64_t)values[VARIABLE_ADDEND].number);
	else
		symbol = with_bytes(spec->synth, values[VARIABLE_NAME].text,
		    content.bytes, content.size, content.align);
	free(content.bytes);
	kldsim__spec_finish_symbol(spec, symbol, &values[VARIABLE_BIND],
	    &values[VARIABLE_DYNAMIC]);
}

/* Is what this section gets kept in memory? */
static bool
is_nobits(const struct kldsim__spec *spec, const char *section)
{
	int id = kldsim__synth_find_section(spec->synth, section);

	return id != 0 && spec->synth->sections[id].type == SHT_NOBITS;
}

static void
apply_dpcpu(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	variable(spec, values, is_nobits(spec, "set_pcpu"),
	    kldsim_synth_dpcpu, kldsim_synth_dpcpu_pointer);
}

static void
apply_vnet(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	variable(spec, values, is_nobits(spec, "set_vnet"), kldsim_synth_vnet,
	    kldsim_synth_vnet_pointer);
}

static int
object_pointer(struct kldsim_synth *synth, const char *name, int target,
    int64_t addend)
{
	unsigned char zeros[8] = {0};
	unsigned word = kldsim__synth_word(synth);
	int symbol = kldsim_synth_object(synth, name, zeros, word, word);

	if (symbol != 0)
		kldsim_synth_pointer(synth, synth->symbols[symbol].section,
		    synth->symbols[symbol].value, target, addend);
	return symbol;
}

static void
apply_object(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int bss = kldsim__synth_find_section(spec->synth, ".bss");

	variable(spec, values, bss == 0 || is_nobits(spec, ".bss"),
	    kldsim_synth_object, object_pointer);
}

enum { MODSPACE_DPCPU, MODSPACE_VNET };
static const struct kldsim__spec_key modspace_keys[] = {
	[MODSPACE_DPCPU] = {"dpcpu", NUMBER, false, NULL,
	    KLDSIM__SPEC_CONTENT},
	[MODSPACE_VNET] = {"vnet", NUMBER, false, NULL, KLDSIM__SPEC_CONTENT},
	END,
};

static void
apply_modspace(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (!values[i].given || !kldsim__spec_account(spec, &values[i],
		    values[i].number))
			continue;
		if (i == MODSPACE_DPCPU)
			(void)kldsim_synth_dpcpu_modspace(spec->synth,
			    values[i].number);
		else
			(void)kldsim_synth_vnet_modspace(spec->synth,
			    values[i].number);
	}
}

enum { SET_NAME, SET_SYMBOL };
static const struct kldsim__spec_key set_keys[] = {
	[SET_NAME] = {"set", TEXT, true, NULL, 0},
	[SET_SYMBOL] = {"symbol", TEXT, true, NULL, 0},
	END,
};

static void
apply_set(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int symbol = kldsim__spec_symbol(spec, &values[SET_SYMBOL]);

	if (!kldsim__spec_bad(spec))
		(void)kldsim_synth_set_entry(spec->synth,
		    values[SET_NAME].text, symbol);
}

enum {
	MODULE_NAME, MODULE_HANDLER, MODULE_PRIV, MODULE_DECLARE,
	MODULE_SUBSYSTEM, MODULE_ORDER
};
static const struct kldsim__spec_key module_keys[] = {
	[MODULE_NAME] = {"name", TEXT, true, NULL, 0},
	[MODULE_HANDLER] = {"handler", TEXT, false, NULL, 0},
	[MODULE_PRIV] = {"priv", TEXT, false, NULL, 0},
	[MODULE_DECLARE] = {"declare", BOOL, false, NULL, 0},
	[MODULE_SUBSYSTEM] = {"subsystem", WORD, false,
	    kldsim__spec_subsystems, 0},
	[MODULE_ORDER] = {"order", WORD, false, kldsim__spec_orders, 0},
	END,
};

static void
apply_module(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int handler = kldsim__spec_symbol(spec, &values[MODULE_HANDLER]);
	int priv = kldsim__spec_symbol(spec, &values[MODULE_PRIV]);
	bool bare = values[MODULE_DECLARE].given &&
	    values[MODULE_DECLARE].number == 0;

	if (!bare && values[MODULE_PRIV].given) {
		kldsim__spec_fail(spec, values[MODULE_PRIV].origin,
		    "priv: expected only with declare: no");
		return;
	}
	if (bare)
		(void)kldsim_synth_mdt_module(spec->synth,
		    values[MODULE_NAME].text, handler, priv);
	else
		(void)kldsim_synth_declare_module(spec->synth,
		    values[MODULE_NAME].text, handler,
		    values[MODULE_SUBSYSTEM].given ?
		    (uint32_t)values[MODULE_SUBSYSTEM].number : 0x3100000,
		    values[MODULE_ORDER].given ?
		    (uint32_t)values[MODULE_ORDER].number : 0x1000000);
}

enum { METADATA_NAME, METADATA_TYPE, METADATA_DATA, METADATA_CVAL };
static const struct kldsim__spec_key metadata_keys[] = {
	[METADATA_NAME] = {"name", TEXT, true, NULL, 0},
	[METADATA_TYPE] = {"type", WORD, true, kldsim__spec_metadata_types, 0},
	[METADATA_DATA] = {"data", TEXT, false, NULL, 0},
	[METADATA_CVAL] = {"cval", TEXT, false, NULL, 0},
	END,
};

static void
apply_metadata(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	(void)kldsim_synth_mdt(spec->synth, values[METADATA_NAME].text,
	    (int)values[METADATA_TYPE].number,
	    kldsim__spec_symbol(spec, &values[METADATA_DATA]),
	    values[METADATA_CVAL].text);
}

enum { VERSION_NAME, VERSION_VERSION };
static const struct kldsim__spec_key version_keys[] = {
	[VERSION_NAME] = {"name", TEXT, true, NULL, 0},
	[VERSION_VERSION] = {"version", NUMBER, false, NULL, 0},
	END,
};

static void
apply_version(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	kldsim_synth_mdt_version(spec->synth, values[VERSION_NAME].text,
	    values[VERSION_VERSION].given ?
	    (int)values[VERSION_VERSION].number : 1);
}

enum { DEPEND_NAME, DEPEND_MINIMUM, DEPEND_PREFERRED, DEPEND_MAXIMUM };
static const struct kldsim__spec_key depend_keys[] = {
	[DEPEND_NAME] = {"name", TEXT, true, NULL, 0},
	[DEPEND_MINIMUM] = {"minimum", NUMBER, false, NULL, 0},
	[DEPEND_PREFERRED] = {"preferred", NUMBER, false, NULL, 0},
	[DEPEND_MAXIMUM] = {"maximum", NUMBER, false, NULL, 0},
	END,
};

static void
apply_depend(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	int minimum = values[DEPEND_MINIMUM].given ?
	    (int)values[DEPEND_MINIMUM].number : 1;
	int preferred = values[DEPEND_PREFERRED].given ?
	    (int)values[DEPEND_PREFERRED].number : minimum;

	kldsim_synth_mdt_depend(spec->synth, values[DEPEND_NAME].text, minimum,
	    preferred, values[DEPEND_MAXIMUM].given ?
	    (int)values[DEPEND_MAXIMUM].number : preferred);
}

enum { PNP_BUS, PNP_DESCR, PNP_TABLE, PNP_SIZE, PNP_ENTRIES };
static const struct kldsim__spec_key pnp_keys[] = {
	[PNP_BUS] = {"bus", TEXT, true, NULL, 0},
	[PNP_DESCR] = {"descr", TEXT, true, NULL, 0},
	[PNP_TABLE] = {"table", TEXT, true, NULL, 0},
	[PNP_SIZE] = {"entry-size", NUMBER, true, NULL, 0},
	[PNP_ENTRIES] = {"entries", NUMBER, true, NULL, 0},
	END,
};

static void
apply_pnp(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim_synth_mdt_pnp(spec->synth, values[PNP_BUS].text,
	    values[PNP_DESCR].text,
	    kldsim__spec_symbol(spec, &values[PNP_TABLE]),
	    (int)values[PNP_SIZE].number, (int)values[PNP_ENTRIES].number);
}

enum { INIT_NAME, INIT_SUBSYSTEM, INIT_ORDER, INIT_FUNC, INIT_ARG };
static const struct kldsim__spec_key init_keys[] = {
	[INIT_NAME] = {"name", TEXT, true, NULL, 0},
	[INIT_SUBSYSTEM] = {"subsystem", WORD, true, kldsim__spec_subsystems,
	    0},
	[INIT_ORDER] = {"order", WORD, false, kldsim__spec_orders, 0},
	[INIT_FUNC] = {"func", TEXT, true, NULL, 0},
	[INIT_ARG] = {"arg", TEXT, false, NULL, 0},
	END,
};

typedef int define_init(struct kldsim_synth *synth, const char *name,
    uint32_t subsystem, uint32_t order, int func, int arg);

static void
init(struct kldsim__spec *spec, const struct kldsim__spec_value *values,
    define_init *with)
{
	int func = kldsim__spec_symbol(spec, &values[INIT_FUNC]);
	int arg = kldsim__spec_symbol(spec, &values[INIT_ARG]);

	if (!kldsim__spec_bad(spec))
		(void)with(spec->synth, values[INIT_NAME].text,
		    (uint32_t)values[INIT_SUBSYSTEM].number,
		    (uint32_t)values[INIT_ORDER].number, func, arg);
}

static void
apply_sysinit(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	init(spec, values, kldsim_synth_sysinit);
}

static void
apply_sysuninit(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	init(spec, values, kldsim_synth_sysuninit);
}

static void
apply_vnet_sysinit(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	init(spec, values, kldsim_synth_vnet_sysinit);
}

static void
apply_vnet_sysuninit(struct kldsim__spec *spec,
    const struct kldsim__spec_value *values)
{
	init(spec, values, kldsim_synth_vnet_sysuninit);
}

enum {
	OID_NAME, OID_PARENT, OID_NUMBER, OID_KIND, OID_ARG1, OID_ARG2,
	OID_HANDLER, OID_FMT, OID_DESCR
};
static const struct kldsim__spec_key oid_keys[] = {
	[OID_NAME] = {"name", TEXT, true, NULL, 0},
	[OID_PARENT] = {"parent", TEXT, true, NULL, 0},
	[OID_NUMBER] = {"number", NUMBER, false, NULL, 0},
	[OID_KIND] = {"kind", FLAGS, false, kldsim__spec_oid_kinds, 0},
	[OID_ARG1] = {"arg1", TEXT, false, NULL, 0},
	[OID_ARG2] = {"arg2", NUMBER, false, NULL, 0},
	[OID_HANDLER] = {"handler", TEXT, false, NULL, 0},
	[OID_FMT] = {"fmt", TEXT, false, NULL, 0},
	[OID_DESCR] = {"descr", TEXT, false, NULL, 0},
	END,
};

static void
apply_oid(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	struct kldsim_synth_oid oid = {0};

	oid.name = values[OID_NAME].text;
	oid.parent = values[OID_PARENT].text;
	oid.number = values[OID_NUMBER].given ?
	    (int32_t)values[OID_NUMBER].number : -1;
	oid.kind = (uint32_t)values[OID_KIND].number;
	oid.arg1 = kldsim__spec_symbol(spec, &values[OID_ARG1]);
	oid.arg2 = (int64_t)values[OID_ARG2].number;
	oid.handler = kldsim__spec_symbol(spec, &values[OID_HANDLER]);
	oid.fmt = values[OID_FMT].text;
	oid.descr = values[OID_DESCR].text;
	if (!kldsim__spec_bad(spec))
		(void)kldsim_synth_sysctl(spec->synth, &oid);
}

enum { CTOR_SYMBOL, CTOR_IN };
static const struct kldsim__spec_key ctor_keys[] = {
	[CTOR_SYMBOL] = {"symbol", TEXT, false, NULL, 0},
	[CTOR_IN] = {"in", TEXT, false, NULL, 0},
	END,
};

static void
apply_ctor(struct kldsim__spec *spec, const struct kldsim__spec_value *values)
{
	kldsim_synth_ctor(spec->synth, values[CTOR_IN].given ?
	    values[CTOR_IN].text : ".ctors",
	    kldsim__spec_symbol(spec, &values[CTOR_SYMBOL]));
}

const struct kldsim__spec_list kldsim__spec_freebsd_lists[] = {
	{"objects", variable_keys, apply_object, false, NULL},
	{"dpcpu", variable_keys, apply_dpcpu, false, NULL},
	{"vnet", variable_keys, apply_vnet, false, NULL},
	{"modspace", modspace_keys, apply_modspace, true, NULL},
	{"sets", set_keys, apply_set, false, NULL},
	{"modules", module_keys, apply_module, false, NULL},
	{"metadata", metadata_keys, apply_metadata, false, NULL},
	{"versions", version_keys, apply_version, false, NULL},
	{"depends", depend_keys, apply_depend, false, NULL},
	{"pnp", pnp_keys, apply_pnp, false, NULL},
	{"sysinits", init_keys, apply_sysinit, false, NULL},
	{"sysuninits", init_keys, apply_sysuninit, false, NULL},
	{"vnet-sysinits", init_keys, apply_vnet_sysinit, false, NULL},
	{"vnet-sysuninits", init_keys, apply_vnet_sysuninit, false, NULL},
	{"sysctls", oid_keys, apply_oid, false, NULL},
	{"ctors", ctor_keys, apply_ctor, false, NULL},
	{NULL, NULL, NULL, false, NULL},
};
