/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * From a relocation's symbol to its value: elf_obj_lookup() of
 * sys/kern/link_elf_obj.c (O-50 to O-56).
 */

#include "kern/bad_news.h"
#include "link_elf_obj/link_elf_obj.h"

/* A definition that the kernel takes for good; say why it may not be. */
static int
odd_definition(struct kldsim *sim, struct kldsim__file *file,
    uint32_t symbol, enum kldsim__symstate state)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__where where = { .file = file->filename,
		.symbol = kldsim__obj_symbol_name(obj, symbol) };
	struct kldsim__sym sym;

	kldsim__sym_get(&obj->symtab, symbol, &sym);
	if (state != KLDSIM__SYM_UNLOADED) {
		kldsim__find(sim, KLDSIM__F_SYMBOL_RESERVED, &where,
		    "a relocation uses symbol %u, which is %s (section 0x%x); "
		    "the kernel takes its value 0x%jx for an address", symbol,
		    sym.shndx == SHN_COMMON ? "a common" :
		    "of a reserved section", sym.shndx,
		    (uintmax_t)sym.value);
	} else {
		where.section_index = sym.shndx;
		where.section = kldsim__obj_section_name(obj, sym.shndx);
		kldsim__find(sim, KLDSIM__F_SYMBOL_UNLOADED, &where,
		    "a relocation uses symbol %u of section %u (%s), which is "
		    "not loaded; the kernel takes its offset 0x%jx for an "
		    "address", symbol, sym.shndx, where.section,
		    (uintmax_t)sym.value);
	}
	return (0);
}

/* O-51: a defined symbol, ifuncs called. */
static int
defined_value(struct kldsim *sim, struct kldsim__file *file, uint32_t symbol,
    enum kldsim__symstate state, kldsim_addr *value_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const char *name;

	*value_ret = obj->value[symbol];
	if (state >= KLDSIM__SYM_UNLOADED)
		(void)odd_definition(sim, file, symbol, state);
	if ((kldsim__sym_info(&obj->symtab, symbol) & 0xf) != STT_GNU_IFUNC)
		return (0);
	name = kldsim__obj_symbol_name(obj, symbol);
	return (kldsim__call_resolver(sim, file, name != NULL ? name : "",
	    obj->value[symbol], value_ret));
}

static int
bad_name(struct kldsim *sim, const struct kldsim__file *file, uint32_t symbol,
    uint32_t at)
{
	struct kldsim__where where = { .file = file->filename };

	return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "symbol %u has its name at 0x%x, which is no string in "
	    "the 0x%jx bytes of the string table", symbol, at,
	    (uintmax_t)kldsim__obj_of(file)->symtab.strings_size));
}

/* O-53: by name, here first, then the dependencies; remembered if found. */
static int
undefined_value(struct kldsim *sim, struct kldsim__file *file,
    uint32_t symbol, unsigned bind, kldsim_addr *value_ret)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const uint32_t at = kldsim__sym_name_offset(&obj->symtab, symbol);
	const char *name;
	int error;

	if (bind != STB_GLOBAL && bind != STB_WEAK)
		return (KLDSIM__EINVAL);
	name = kldsim__sym_name(&obj->symtab, at);
	if (name == NULL)
		return (bad_name(sim, file, symbol, at));
	if (*name == '\0')
		return (KLDSIM__EINVAL);
	error = obj->imports_elsewhere ?
	    kldsim__lookup_elsewhere(sim, file, name, value_ret) :
	    kldsim__lookup(sim, file, name, true, value_ret);
	if (error != 0)
		return (error);
	if (*value_ret != 0) {
		kldsim__obj_lint_found(sim, file, name, *value_ret);
		obj->value[symbol] = *value_ret;
		obj->state[symbol] = (uint8_t)(KLDSIM__SYM_CACHED |
		    (obj->state[symbol] & 0xf8));
		return (0);
	}
	if (bind != STB_WEAK)
		return (KLDSIM__EINVAL);
	obj->value[symbol] = 0; /* whatever the file says */
	return (0);
}

int
kldsim__obj_lookup(struct kldsim *sim, struct kldsim__file *file,
    uint32_t symbol, kldsim_addr *value_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	enum kldsim__symstate state;
	unsigned bind;

	*value_ret = 0;
	if (symbol >= obj->symtab.count)
		return (KLDSIM__EINVAL);
	state = KLDSIM__SYM_STATE(obj->state[symbol]);
	bind = KLDSIM__SYM_BIND(obj->state[symbol]);
	if (kldsim__obj_is_known(obj->state[symbol])) {
		*value_ret = obj->value[symbol];
		return (0);
	}
	if (state != KLDSIM__SYM_UNDEF)
		return (defined_value(sim, file, symbol, state, value_ret));
	return (bind == STB_LOCAL ? KLDSIM__EINVAL :
	    undefined_value(sim, file, symbol, bind, value_ret));
}
