/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD's headers put into a module: linker sets, DPCPU and VNET
 * variables, metadata, SYSINITs.  Structures are laid out for the target's
 * word size (M-01 to M-05).
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum { MDT_DEPEND = 1, MDT_MODULE = 2, MDT_VERSION = 3, MDT_PNP_INFO = 4 };

/* A symbol whose name is put together from three parts. */
int
kldsim__synth_named(struct kldsim_synth *synth, const char *prefix,
    const char *name, const char *suffix, int bind, int type, int section,
    uint64_t value, uint64_t size)
{
	char room[256], *text = room;
	size_t need;
	int id = 0;

	if (kldsim__synth_bad(synth))
		return 0;
	if (name == NULL)
		name = "";
	need = strlen(prefix) + strlen(name) + strlen(suffix) + 1;
	if (need > sizeof(room))
		text = malloc(need);
	if (text == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for a name");
		return 0;
	}
	(void)snprintf(text, need, "%s%s%s", prefix, name, suffix);
	id = kldsim_synth_symbol(synth, text, bind, type, section, value, size);
	if (text != room)
		free(text);
	return id;
}

/* A string constant and a pointer to it at an offset of a section. */
void
kldsim__synth_string_pointer(struct kldsim_synth *synth, int section,
    uint64_t offset, const char *text)
{
	int strings;
	uint64_t at;

	if (text == NULL || kldsim__synth_bad(synth))
		return;
	strings = kldsim_synth_section_named(synth,
	    synth->e_type == ET_REL ? ".rodata.str1.1" : ".rodata");
	at = kldsim_synth_append(synth, strings, text, strlen(text) + 1);
	kldsim_synth_pointer(synth, section, offset,
	    kldsim_synth_section_symbol(synth, strings), (int64_t)at);
}

/* Zeroed room for a structure in .data. */
int
kldsim__synth_structure(struct kldsim_synth *synth, uint64_t size,
    uint64_t *at_ret)
{
	int data = kldsim_synth_section_named(synth, ".data");

	*at_ret = 0;
	if (kldsim__synth_bad(synth))
		return 0;
	*at_ret = kldsim_synth_align(synth, data, kldsim__synth_word(synth));
	(void)kldsim_synth_append(synth, data, NULL, size);
	return data;
}

void
kldsim__synth_store_int(struct kldsim_synth *synth, int section, uint64_t at,
    uint32_t value)
{
	unsigned char bytes[4];

	if (kldsim__synth_bad(synth))
		return;
	kldsim__synth_put(synth, bytes, 4, value);
	kldsim_synth_store(synth, section, at, bytes, 4);
}

static int
set_variable(struct kldsim_synth *synth, const char *set, const char *prefix,
    const char *name, const void *bytes, uint64_t size, uint64_t align)
{
	int section = kldsim_synth_section_named(synth, set);
	uint64_t at = kldsim_synth_align(synth, section, align);

	(void)kldsim_synth_append(synth, section, bytes, size);
	return kldsim__synth_named(synth, prefix, name, "", STB_GLOBAL,
	    STT_OBJECT, section, at, size);
}

int
kldsim_synth_dpcpu(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align)
{
	return set_variable(synth, "set_pcpu", "pcpu_entry_", name, bytes, size,
	    align);
}

/* Where VNET variables are, and how their names begin (A-41, J-20). */
static const char *
vnet_set(const struct kldsim_synth *synth)
{
	return kldsim__synth_vnets(synth) == KLDSIM__SYNTH_PLAIN ? ".data" :
	    "set_vnet";
}

static const char *
vnet_prefix(const struct kldsim_synth *synth)
{
	return kldsim__synth_vnets(synth) == KLDSIM__SYNTH_PLAIN &&
	    synth->options[KLDSIM_SYNTH_VIMAGE_RUNTIME] == 0 ? "" :
	    "vnet_entry_";
}

int
kldsim_synth_vnet(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return set_variable(synth, vnet_set(synth), vnet_prefix(synth), name,
	    bytes, size, align);
}

static int
set_pointer(struct kldsim_synth *synth, const char *set, const char *prefix,
    const char *name, int symbol, int64_t addend)
{
	unsigned word;
	int variable;

	if (kldsim__synth_bad(synth))
		return 0;
	word = kldsim__synth_word(synth);
	variable = set_variable(synth, set, prefix, name, NULL, word, word);
	if (variable != 0)
		kldsim_synth_pointer(synth, synth->symbols[variable].section,
		    synth->symbols[variable].value, symbol, addend);
	return variable;
}

int
kldsim_synth_dpcpu_pointer(struct kldsim_synth *synth, const char *name,
    int symbol, int64_t addend)
{
	return set_pointer(synth, "set_pcpu", "pcpu_entry_", name, symbol,
	    addend);
}

int
kldsim_synth_vnet_pointer(struct kldsim_synth *synth, const char *name,
    int symbol, int64_t addend)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return set_pointer(synth, vnet_set(synth), vnet_prefix(synth), name,
	    symbol, addend);
}

/*
 * The section of a set.  Position independent machines have all sets
 * writable, because their entries are relocated at load time.
 */
static int
set_section(struct kldsim_synth *synth, const char *set)
{
	char name[128];
	int section;

	if (kldsim__synth_bad(synth))
		return 0;
	if (set == NULL || strlen(set) > sizeof(name) - 16) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "no or too long set name");
		return 0;
	}
	(void)snprintf(name, sizeof(name), "set_%s", set);
	section = kldsim__synth_find_section(synth, name);
	if (section != 0)
		return section;
	section = kldsim_synth_section_named(synth, name);
	if (section != 0 && synth->e_type == ET_DYN && synth->machine->rela)
		synth->sections[section].flags |= SHF_WRITE;
	return section;
}

int
kldsim_synth_set_entry(struct kldsim_synth *synth, const char *set, int symbol)
{
	char prefix[160];
	const char *name;
	char *copy;
	uint64_t at;
	unsigned word;
	int section = set_section(synth, set), entry;

	if (section == 0 || kldsim__synth_get_symbol(synth, symbol,
	    "set entry") == NULL)
		return 0;
	word = kldsim__synth_word(synth);
	at = kldsim_synth_align(synth, section, word);
	(void)kldsim_synth_append(synth, section, NULL, word);
	kldsim_synth_pointer(synth, section, at, symbol, 0);
	(void)snprintf(prefix, sizeof(prefix), "__set_%s_sym_", set);
	/* The name lives in the pool that the new name may move. */
	name = kldsim__synth_symbol_name(synth, (uint32_t)symbol);
	copy = malloc(strlen(name) + 1);
	if (copy == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for a name");
		return 0;
	}
	memcpy(copy, name, strlen(name) + 1);
	entry = kldsim__synth_named(synth, prefix, copy, "", STB_LOCAL,
	    STT_OBJECT, section, at, word);
	free(copy);
	return entry;
}

int
kldsim_synth_mdt(struct kldsim_synth *synth, const char *name, int type,
    int data, const char *cval)
{
	unsigned word;
	uint64_t at;
	int section, symbol;

	if (kldsim__synth_bad(synth))
		return 0;
	word = kldsim__synth_word(synth);
	section = kldsim__synth_structure(synth, 8 + 2 * (uint64_t)word, &at);
	kldsim__synth_store_int(synth, section, at, 1);
	kldsim__synth_store_int(synth, section, at + 4, (uint32_t)type);
	kldsim_synth_pointer(synth, section, at + 8, data, 0);
	kldsim__synth_string_pointer(synth, section, at + 8 + word, cval);
	symbol = kldsim__synth_named(synth, "_mod_metadata_", name, "",
	    STB_LOCAL, STT_OBJECT, section, at, 8 + 2 * (uint64_t)word);
	return kldsim_synth_set_entry(synth, "modmetadata_set", symbol);
}

static int
moduledata(struct kldsim_synth *synth, const char *name, int handler, int priv)
{
	unsigned word;
	uint64_t at;
	int section;

	if (kldsim__synth_bad(synth))
		return 0;
	word = kldsim__synth_word(synth);
	section = kldsim__synth_structure(synth, 3 * (uint64_t)word, &at);
	kldsim__synth_string_pointer(synth, section, at, name);
	kldsim_synth_pointer(synth, section, at + word, handler, 0);
	kldsim_synth_pointer(synth, section, at + 2 * (uint64_t)word, priv, 0);
	return kldsim__synth_named(synth, "", name, "_mod", STB_LOCAL,
	    STT_OBJECT, section, at, 3 * (uint64_t)word);
}

int
kldsim_synth_mdt_module(struct kldsim_synth *synth, const char *name,
    int handler, int priv)
{
	int data = moduledata(synth, name, handler, priv);

	(void)kldsim_synth_mdt(synth, name, MDT_MODULE, data, name);
	return data;
}

void
kldsim_synth_mdt_version(struct kldsim_synth *synth, const char *name,
    int version)
{
	uint64_t at;
	int section = kldsim__synth_structure(synth, 4, &at), data;

	kldsim__synth_store_int(synth, section, at, (uint32_t)version);
	data = kldsim__synth_named(synth, "_", name, "_version", STB_LOCAL,
	    STT_OBJECT, section, at, 4);
	(void)kldsim_synth_mdt(synth, name, MDT_VERSION, data, name);
}

void
kldsim_synth_mdt_depend(struct kldsim_synth *synth, const char *name,
    int minimum, int preferred, int maximum)
{
	uint64_t at;
	int section = kldsim__synth_structure(synth, 12, &at), data;

	kldsim__synth_store_int(synth, section, at, (uint32_t)minimum);
	kldsim__synth_store_int(synth, section, at + 4, (uint32_t)preferred);
	kldsim__synth_store_int(synth, section, at + 8, (uint32_t)maximum);
	data = kldsim__synth_named(synth, "_depend_on_", name, "", STB_LOCAL,
	    STT_OBJECT, section, at, 12);
	(void)kldsim_synth_mdt(synth, name, MDT_DEPEND, data, name);
}

void
kldsim_synth_mdt_pnp(struct kldsim_synth *synth, const char *bus,
    const char *descr, int table, int entry_size, int entries)
{
	uint64_t at, word, size;
	int section, data;

	if (kldsim__synth_bad(synth))
		return;
	word = kldsim__synth_word(synth);
	size = 3 * word + 8;
	section = kldsim__synth_structure(synth, size, &at);
	kldsim__synth_string_pointer(synth, section, at, descr);
	kldsim__synth_string_pointer(synth, section, at + word, bus);
	kldsim_synth_pointer(synth, section, at + 2 * word, table, 0);
	kldsim__synth_store_int(synth, section, at + 3 * word,
	    (uint32_t)entry_size);
	kldsim__synth_store_int(synth, section, at + 3 * word + 4,
	    (uint32_t)entries);
	data = kldsim__synth_named(synth, "_pnp_", bus, "", STB_LOCAL,
	    STT_OBJECT, section, at, size);
	(void)kldsim_synth_mdt(synth, bus, MDT_PNP_INFO, data, bus);
}

int
kldsim_synth_declare_module(struct kldsim_synth *synth, const char *name,
    int handler, uint32_t subsystem, uint32_t order)
{
	uint64_t version;
	int data;

	if (kldsim__synth_bad(synth))
		return 0;
	version = synth->options[KLDSIM_SYNTH_OSRELDATE];
	data = moduledata(synth, name, handler, 0);
	kldsim_synth_mdt_depend(synth, "kernel", (int)version, (int)version,
	    (int)((version + 99999) / 100000 * 100000 - 1));
	(void)kldsim_synth_mdt(synth, name, MDT_MODULE, data, name);
	(void)kldsim_synth_sysinit(synth, name, subsystem, order,
	    kldsim_synth_ref(synth, "module_register_init"), data);
	return data;
}

static int
sysinit(struct kldsim_synth *synth, const char *set, const char *name,
    const char *suffix, uint32_t subsystem, uint32_t order, int func, int udata)
{
	uint64_t at, word, func_at, size;
	int section, symbol;

	if (kldsim__synth_bad(synth))
		return 0;
	word = kldsim__synth_word(synth);
	func_at = synth->options[KLDSIM_SYNTH_SYSINIT_LINK] != 0 ? 8 + word : 8;
	size = func_at + 2 * word;
	section = kldsim__synth_structure(synth, size, &at);
	kldsim__synth_store_int(synth, section, at, subsystem);
	kldsim__synth_store_int(synth, section, at + 4, order);
	kldsim_synth_pointer(synth, section, at + func_at, func, 0);
	kldsim_synth_pointer(synth, section, at + func_at + word, udata, 0);
	symbol = kldsim__synth_named(synth, "", name, suffix, STB_LOCAL,
	    STT_OBJECT, section, at, size);
	(void)kldsim_synth_set_entry(synth, set, symbol);
	return symbol;
}

int
kldsim_synth_sysinit(struct kldsim_synth *synth, const char *name,
    uint32_t subsystem, uint32_t order, int func, int udata)
{
	return sysinit(synth, "sysinit_set", name, "_sys_init", subsystem,
	    order, func, udata);
}

int
kldsim_synth_sysuninit(struct kldsim_synth *synth, const char *name,
    uint32_t subsystem, uint32_t order, int func, int udata)
{
	return sysinit(synth, "sysuninit_set", name, "_sys_uninit", subsystem,
	    order, func, udata);
}

void
kldsim_synth_ctor(struct kldsim_synth *synth, const char *section, int symbol)
{
	int into = kldsim_synth_section_named(synth, section);
	uint64_t at;
	unsigned word;

	if (into == 0)
		return;
	word = kldsim__synth_word(synth);
	at = kldsim_synth_align(synth, into, word);
	(void)kldsim_synth_append(synth, into, NULL, word);
	kldsim_synth_pointer(synth, into, at, symbol, 0);
}
