/* SPDX-License-Identifier: BSD-2-Clause */
/* VNET_SYSINITs, sysctl oids, and the word that ends i386's sets. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum kldsim__synth_vnets
kldsim__synth_vnets(const struct kldsim_synth *synth)
{
	if (!synth->is_kernel &&
	    synth->options[KLDSIM_SYNTH_VIMAGE_RUNTIME] != 0)
		return KLDSIM__SYNTH_RUNTIME;
	return synth->options[KLDSIM_SYNTH_VIMAGE] != 0 ?
	    KLDSIM__SYNTH_VIMAGE : KLDSIM__SYNTH_PLAIN;
}

/* What VNET_SYSINIT and VNET_SYSUNINIT do not have in common. */
struct vnet_kind {
	const char *prefix; /* of the SYSINIT's name */
	const char *suffix; /* of the structure's name */
	const char *add[2]; /* and the shims of D20278 (J-22) */
	const char *remove[2];
	bool init;
};

static const struct vnet_kind vnet_init = {"vnet_init_", "_vnet_init",
    {"vnet_register_sysinit", "vnet_dynamic_register_sysinit"},
    {"vnet_deregister_sysinit", "vnet_dynamic_deregister_sysinit"}, true};
static const struct vnet_kind vnet_uninit = {"vnet_uninit_", "_vnet_uninit",
    {"vnet_register_sysuninit", "vnet_dynamic_register_sysuninit"},
    {"vnet_deregister_sysuninit", "vnet_dynamic_deregister_sysuninit"},
    false};

/* struct vnet_sysinit: two keys, two pointers, a list link of two more. */
static int
vnet_structure(struct kldsim_synth *synth, const char *name,
    const char *suffix, uint32_t subsystem, uint32_t order, int func, int arg)
{
	uint64_t at, word = kldsim__synth_word(synth), size = 8 + 4 * word;
	int section = kldsim__synth_structure(synth, size, &at);

	kldsim__synth_store_int(synth, section, at, subsystem);
	kldsim__synth_store_int(synth, section, at + 4, order);
	kldsim_synth_pointer(synth, section, at + 8, func, 0);
	kldsim_synth_pointer(synth, section, at + 8 + word, arg, 0);
	return kldsim__synth_named(synth, "", name, suffix, STB_LOCAL,
	    STT_OBJECT, section, at, size);
}

static int
vnet_sysinit(struct kldsim_synth *synth, const struct vnet_kind *kind,
    const char *name, uint32_t subsystem, uint32_t order, int func, int arg)
{
	const enum kldsim__synth_vnets vnets = kldsim__synth_vnets(synth);
	const int shim = vnets == KLDSIM__SYNTH_RUNTIME;
	char text[256];
	int structure;

	if (name == NULL || strlen(name) > sizeof(text) - 16) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "no or too long name of a VNET_SYSINIT");
		return 0;
	}
	if (vnets == KLDSIM__SYNTH_PLAIN)
		return (kind->init ? kldsim_synth_sysinit :
		    kldsim_synth_sysuninit)(synth, name, subsystem, order,
		    func, arg);
	(void)snprintf(text, sizeof(text), "%s%s", kind->prefix, name);
	structure = vnet_structure(synth, name, kind->suffix, subsystem, order,
	    func, arg);
	(void)kldsim_synth_sysinit(synth, text, subsystem, order,
	    kldsim_synth_ref(synth, kind->add[shim]), structure);
	(void)kldsim_synth_sysuninit(synth, text, subsystem, order,
	    kldsim_synth_ref(synth, kind->remove[shim]), structure);
	return structure;
}

int
kldsim_synth_vnet_sysinit(struct kldsim_synth *synth, const char *name,
    uint32_t subsystem, uint32_t order, int func, int arg)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return vnet_sysinit(synth, &vnet_init, name, subsystem, order, func,
	    arg);
}

int
kldsim_synth_vnet_sysuninit(struct kldsim_synth *synth, const char *name,
    uint32_t subsystem, uint32_t order, int func, int arg)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return vnet_sysinit(synth, &vnet_uninit, name, subsystem, order, func,
	    arg);
}

/*
 * struct sysctl_oid (M-43); WIDE is arg2, an intmax_t.  On i386 alone it is
 * aligned to 4.  Where siblings are a tree, their link is three pointers.
 */
enum oid_field {
	OID_CHILDREN, OID_PARENT, OID_LINK, OID_NUMBER, OID_KIND, OID_ARG1,
	OID_ARG2, OID_NAME, OID_HANDLER, OID_FMT, OID_REFCNT, OID_RUNNING,
	OID_DESCR, OID_LABEL, OID_FIELDS
};
static const enum { WORD, INT, WIDE } oid_types[OID_FIELDS] = {
	WORD, WORD, WORD, INT, INT, WORD, WIDE, WORD, WORD, WORD, INT, INT,
	WORD, WORD,
};

/* Where the fields are; the answer is the size. */
static uint64_t
oid_layout(const struct kldsim_synth *synth, uint64_t offsets[OID_FIELDS])
{
	uint64_t word = kldsim__synth_word(synth), at = 0, size, align;
	bool i386 = synth->machine->e_machine == EM_386;
	unsigned i;

	for (i = 0; i < OID_FIELDS; i++) {
		size = oid_types[i] == WORD ? word :
		    oid_types[i] == INT ? 4 : 8;
		align = oid_types[i] == WIDE && i386 ? 4 : size;
		if (i == OID_LINK &&
		    synth->options[KLDSIM_SYNTH_SYSCTL_TREE] != 0)
			size *= 3;
		offsets[i] = kldsim__synth_up(at, align);
		at = offsets[i] + size;
	}
	return kldsim__synth_up(at, i386 ? 4 : 8);
}

static void
oid_fill(struct kldsim_synth *synth, const struct kldsim_synth_oid *oid,
    int section, uint64_t at, const uint64_t offsets[OID_FIELDS], int parent)
{
	unsigned char bytes[8];

	kldsim__synth_put(synth, bytes, 8, (uint64_t)oid->arg2);
	kldsim_synth_store(synth, section, at + offsets[OID_ARG2], bytes, 8);
	kldsim__synth_store_int(synth, section, at + offsets[OID_NUMBER],
	    (uint32_t)oid->number);
	kldsim__synth_store_int(synth, section, at + offsets[OID_KIND],
	    oid->kind);
	kldsim_synth_pointer(synth, section, at + offsets[OID_PARENT], parent,
	    0);
	kldsim_synth_pointer(synth, section, at + offsets[OID_ARG1], oid->arg1,
	    0);
	kldsim_synth_pointer(synth, section, at + offsets[OID_HANDLER],
	    oid->handler, 0);
	kldsim__synth_string_pointer(synth, section, at + offsets[OID_NAME],
	    oid->name);
	kldsim__synth_string_pointer(synth, section, at + offsets[OID_FMT],
	    oid->fmt);
	kldsim__synth_string_pointer(synth, section, at + offsets[OID_DESCR],
	    oid->descr);
}

int
kldsim_synth_sysctl(struct kldsim_synth *synth,
    const struct kldsim_synth_oid *oid)
{
	uint64_t offsets[OID_FIELDS], size, at;
	char name[256];
	int section, parent, symbol;
	bool root;

	if (kldsim__synth_bad(synth))
		return 0;
	if (oid == NULL || oid->name == NULL || oid->parent == NULL ||
	    strlen(oid->name) + strlen(oid->parent) > sizeof(name) - 16) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "no or too long name of a sysctl oid");
		return 0;
	}
	root = *oid->parent == '\0';
	size = oid_layout(synth, offsets);
	section = kldsim_synth_section_named(synth, ".data");
	at = kldsim_synth_align(synth, section, 8);
	(void)kldsim_synth_append(synth, section, NULL, size);
	(void)snprintf(name, sizeof(name), "sysctl__%s",
	    root ? "children" : oid->parent);
	parent = kldsim_synth_ref(synth, name);
	oid_fill(synth, oid, section, at, offsets, parent);
	(void)snprintf(name, sizeof(name), "%s_%s", oid->parent, oid->name);
	symbol = kldsim__synth_named(synth, "sysctl__", name, "",
	    (oid->kind & 15) == 1 ? STB_GLOBAL : STB_LOCAL, STT_OBJECT,
	    section, at, size);
	(void)kldsim_synth_set_entry(synth, "sysctl_set", symbol);
	return symbol;
}

/* What ldscript.kmod.i386 appends to both sets from 13 on (D-72). */
void
kldsim__synth_set_pads(struct kldsim_synth *synth)
{
	static const char *const sets[] = {"set_pcpu", "set_vnet"};
	uint64_t pad = synth->options[KLDSIM_SYNTH_SET_PAD];
	unsigned i;

	if (pad == 0 || synth->set_pad_done)
		return;
	for (i = 0; i < 2; i++)
		(void)kldsim_synth_append_int(synth,
		    kldsim_synth_section_named(synth, sets[i]), pad, 4);
	synth->set_pad_done = true;
}
