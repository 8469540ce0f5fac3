/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that specs have for numbers. */

#include <string.h>

#include "spec/spec_impl.h"

const struct kldsim__spec_word kldsim__spec_kinds[] = {
	{"rel", KLDSIM_SYNTH_REL}, {"exec", KLDSIM_SYNTH_EXEC},
	{"dyn", KLDSIM_SYNTH_DYN}, {"kernel", KLDSIM_SYNTH_KERNEL},
	{"module", KLDSIM_SYNTH_MODULE}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_section_types[] = {
	{"null", SHT_NULL}, {"progbits", SHT_PROGBITS}, {"note", SHT_NOTE},
	{"nobits", SHT_NOBITS}, {"init-array", SHT_INIT_ARRAY},
	{"fini-array", SHT_FINI_ARRAY}, {"unwind", 0x70000001}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_section_flags[] = {
	{"none", 0}, {"write", SHF_WRITE}, {"alloc", SHF_ALLOC},
	{"exec", SHF_EXECINSTR}, {"merge", SHF_MERGE},
	{"strings", SHF_STRINGS}, {"tls", SHF_TLS}, {"group", SHF_GROUP},
	{"exclude", 0x80000000}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_bindings[] = {
	{"local", STB_LOCAL}, {"global", STB_GLOBAL}, {"weak", STB_WEAK},
	{NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_symbol_types[] = {
	{"notype", STT_NOTYPE}, {"object", STT_OBJECT}, {"func", STT_FUNC},
	{"section", STT_SECTION}, {"file", STT_FILE}, {"common", STT_COMMON},
	{"tls", STT_TLS}, {"ifunc", KLDSIM_SYNTH_IFUNC}, {NULL, 0},
};

/* As enum kldsim_synth_place, counted down. */
const struct kldsim__spec_word kldsim__spec_places[] = {
	{"undef", -KLDSIM_SYNTH_UNDEF}, {"abs", -KLDSIM_SYNTH_ABS},
	{"common", -KLDSIM_SYNTH_COMMON}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_segment_types[] = {
	{"null", PT_NULL}, {"load", PT_LOAD}, {"dynamic", PT_DYNAMIC},
	{"interp", PT_INTERP}, {"note", PT_NOTE}, {"phdr", PT_PHDR},
	{"tls", PT_TLS}, {"gnu-stack", PT_GNU_STACK},
	{"gnu-relro", PT_GNU_RELRO}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_segment_flags[] = {
	{"r", PF_R}, {"w", PF_W}, {"x", PF_X}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_metadata_types[] = {
	{"depend", 1}, {"module", 2}, {"version", 3}, {"pnp-info", 4},
	{NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_subsystems[] = {
	{"SI_SUB_DUMMY", 0}, {"SI_SUB_TUNABLES", 0x0700000},
	{"SI_SUB_VM", 0x1000000}, {"SI_SUB_KMEM", 0x1800000},
	{"SI_SUB_LOCK", 0x1B00000}, {"SI_SUB_EVENTHANDLER", 0x1C00000},
	{"SI_SUB_VNET_PRELINK", 0x1E00000}, {"SI_SUB_KLD", 0x2000000},
	{"SI_SUB_CPU", 0x2100000}, {"SI_SUB_MAC", 0x2180000},
	{"SI_SUB_VNET", 0x21E0000}, {"SI_SUB_INTRINSIC", 0x2200000},
	{"SI_SUB_SMP", 0x2900000}, {"SI_SUB_INIT_IF", 0x3000000},
	{"SI_SUB_NETGRAPH", 0x3010000}, {"SI_SUB_DRIVERS", 0x3100000},
	{"SI_SUB_CONFIGURE", 0x3800000}, {"SI_SUB_VFS", 0x4000000},
	{"SI_SUB_PSEUDO", 0x7000000}, {"SI_SUB_EXEC", 0x7400000},
	{"SI_SUB_PROTO_BEGIN", 0x8000000}, {"SI_SUB_PROTO_PFIL", 0x8100000},
	{"SI_SUB_PROTO_IF", 0x8400000}, {"SI_SUB_PROTO_DOMAIN", 0x8800000},
	{"SI_SUB_PROTO_FIREWALL", 0x8806000},
	{"SI_SUB_PROTO_END", 0x8FFFFFF}, {"SI_SUB_SYSCALLS", 0xD800000},
	{"SI_SUB_VNET_DONE", 0xDC00000}, {"SI_SUB_LAST", 0xFFFFFFF},
	{NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_orders[] = {
	{"SI_ORDER_FIRST", 0}, {"SI_ORDER_SECOND", 1}, {"SI_ORDER_THIRD", 2},
	{"SI_ORDER_FOURTH", 3}, {"SI_ORDER_MIDDLE", 0x1000000},
	{"SI_ORDER_ANY", 0xFFFFFFF}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_oid_kinds[] = {
	{"CTLTYPE_NODE", 1}, {"CTLTYPE_INT", 2}, {"CTLTYPE_STRING", 3},
	{"CTLFLAG_RD", 0x80000000}, {"CTLFLAG_WR", 0x40000000},
	{"CTLFLAG_RW", 0xc0000000}, {"CTLFLAG_TUN", 0x00080000},
	{"CTLFLAG_VNET", 0x00020000}, {"CTLFLAG_NOFETCH", 0x00001000},
	{NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_type_kinds[] = {
	{"unknown", KLDSIM_SYNTH_CTF_UNKNOWN},
	{"integer", KLDSIM_SYNTH_CTF_INTEGER},
	{"float", KLDSIM_SYNTH_CTF_FLOAT},
	{"pointer", KLDSIM_SYNTH_CTF_POINTER},
	{"array", KLDSIM_SYNTH_CTF_ARRAY},
	{"function", KLDSIM_SYNTH_CTF_FUNCTION},
	{"struct", KLDSIM_SYNTH_CTF_STRUCT},
	{"union", KLDSIM_SYNTH_CTF_UNION}, {"enum", KLDSIM_SYNTH_CTF_ENUM},
	{"forward", KLDSIM_SYNTH_CTF_FORWARD},
	{"typedef", KLDSIM_SYNTH_CTF_TYPEDEF},
	{"volatile", KLDSIM_SYNTH_CTF_VOLATILE},
	{"const", KLDSIM_SYNTH_CTF_CONST},
	{"restrict", KLDSIM_SYNTH_CTF_RESTRICT}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_integers[] = {
	{"signed", KLDSIM_SYNTH_CTF_SIGNED}, {"char", KLDSIM_SYNTH_CTF_CHAR},
	{"bool", KLDSIM_SYNTH_CTF_BOOL},
	{"varargs", KLDSIM_SYNTH_CTF_VARARGS}, {NULL, 0},
};

const struct kldsim__spec_word kldsim__spec_floats[] = {
	{"single", KLDSIM_SYNTH_CTF_SINGLE},
	{"double", KLDSIM_SYNTH_CTF_DOUBLE},
	{"complex", KLDSIM_SYNTH_CTF_COMPLEX},
	{"double-complex", KLDSIM_SYNTH_CTF_DOUBLE_COMPLEX},
	{"long-double-complex", KLDSIM_SYNTH_CTF_LONG_DOUBLE_COMPLEX},
	{"long-double", KLDSIM_SYNTH_CTF_LONG_DOUBLE}, {NULL, 0},
};

#define ANY KLDSIM__SPEC_NUMBER
#define YES KLDSIM__SPEC_BOOL

const struct kldsim__spec_key kldsim__spec_options[] = {
	[KLDSIM_SYNTH_BASE] = {"base", ANY, false, NULL, 0},
	[KLDSIM_SYNTH_E_MACHINE] = {"e-machine", ANY, false, NULL, 0xffff},
	[KLDSIM_SYNTH_E_FLAGS] = {"e-flags", ANY, false, NULL, 0xffffffff},
	[KLDSIM_SYNTH_OSABI] = {"osabi", ANY, false, NULL, 0xff},
	[KLDSIM_SYNTH_PAGE] = {"page", ANY, false, NULL, 1 << 30},
	[KLDSIM_SYNTH_RELA] = {"rela", YES, false, NULL, 0},
	[KLDSIM_SYNTH_SYMTAB] = {"symtab", YES, false, NULL, 0},
	[KLDSIM_SYNTH_HEADERS] = {"headers", YES, false, NULL, 0},
	[KLDSIM_SYNTH_HASH] = {"hash", YES, false, NULL, 0},
	[KLDSIM_SYNTH_HASH_BUCKETS] = {"hash-buckets", ANY, false, NULL,
	    1 << 24},
	[KLDSIM_SYNTH_GNU_HASH] = {"gnu-hash", YES, false, NULL, 0},
	[KLDSIM_SYNTH_INTERP] = {"interp", YES, false, NULL, 0},
	[KLDSIM_SYNTH_RELRO] = {"relro", YES, false, NULL, 0},
	[KLDSIM_SYNTH_SET_BOUNDS] = {"set-bounds", YES, false, NULL, 0},
	[KLDSIM_SYNTH_SYSINIT_LINK] = {"sysinit-link", YES, false, NULL, 0},
	[KLDSIM_SYNTH_SYSCTL_TREE] = {"sysctl-tree", YES, false, NULL, 0},
	[KLDSIM_SYNTH_OSRELDATE] = {"osreldate", ANY, false, NULL,
	    0xffffffff},
	[KLDSIM_SYNTH_VIMAGE] = {"vimage", YES, false, NULL, 0},
	[KLDSIM_SYNTH_MAXCPU] = {"maxcpu", ANY, false, NULL, 1 << 16},
	[KLDSIM_SYNTH_SET_PAD] = {"set-pad", ANY, false, NULL, 0xffffffff},
	[KLDSIM_SYNTH_CTF_VERSION] = {"ctf-version", ANY, false, NULL, 3},
	[KLDSIM_SYNTH_CTF_COMPRESS] = {"ctf-compress", YES, false, NULL, 0},
	[KLDSIM_SYNTH_CTF_AS_MADE] = {"ctf-as-made", YES, false, NULL, 0},
	[KLDSIM_SYNTH_VIMAGE_RUNTIME] = {"vimage-runtime", YES, false, NULL,
	    0},
	[KLDSIM_SYNTH_PLT] = {"plt", YES, false, NULL, 0},
	[KLDSIM_SYNTH_OPTION_COUNT] = {NULL, ANY, false, NULL, 0},
};

const struct kldsim__spec_word *
kldsim__spec_find_word(const struct kldsim__spec_word *words, const char *name,
    size_t length)
{
	for (; words != NULL && words->name != NULL; words++)
		if (strlen(words->name) == length &&
		    memcmp(words->name, name, length) == 0)
			return words;
	return NULL;
}

const char *
kldsim__spec_word_name(const struct kldsim__spec_word *words, uint64_t number)
{
	for (; words->name != NULL; words++)
		if (words->number == number)
			return words->name;
	return NULL;
}
