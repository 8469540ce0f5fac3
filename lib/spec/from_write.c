/* SPDX-License-Identifier: BSD-2-Clause */
/* The spec itself, as YAML that a person reads too. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/from_impl.h"
#include "spec/spec_impl.h"

static void
put_bytes(struct kldsim__from *from, const char *text, size_t size)
{
	if (!kldsim__from_bad(from) &&
	    !kldsim__synth_buf_add(&from->order, &from->out, text, size))
		kldsim__from_fail(from, KLDSIM_NOMEM, "no memory");
}

void
kldsim__from_put(struct kldsim__from *from, const char *fmt, ...)
{
	char text[160];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_bytes(from, text, n < (int)sizeof(text) ? (size_t)n :
	    sizeof(text) - 1);
}

static bool
is_plain(const char *name)
{
	const char *safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_.$";
	size_t length = strlen(name);

	return length != 0 && strspn(name, safe) == length &&
	    strcmp(name, "...") != 0;
}

/* A name as a YAML scalar; bytes that are not ASCII text become \xNN. */
void
kldsim__from_put_name(struct kldsim__from *from, const char *name)
{
	const unsigned char *at = (const unsigned char *)name;

	if (is_plain(name)) {
		put_bytes(from, name, strlen(name));
		return;
	}
	put_bytes(from, "'", 1);
	for (; *at != '\0'; at++) {
		if (*at < 0x20 || *at >= 0x7f || *at == '\\')
			kldsim__from_put(from, "\\x%02x", *at);
		else if (*at == '\'')
			put_bytes(from, "''", 2);
		else
			put_bytes(from, (const char *)at, 1);
	}
	put_bytes(from, "'", 1);
}

static void
put_number(struct kldsim__from *from, uint64_t number)
{
	if (number < 10)
		kldsim__from_put(from, "%u", (unsigned)number);
	else
		kldsim__from_put(from, "0x%llx", (unsigned long long)number);
}

static void
put_signed(struct kldsim__from *from, int64_t number)
{
	if (number < 0)
		put_bytes(from, "-", 1);
	put_number(from, number < 0 ? 0 - (uint64_t)number :
	    (uint64_t)number);
}

void
kldsim__from_put_word(struct kldsim__from *from,
    const struct kldsim__spec_word *words, uint64_t number)
{
	const char *name = kldsim__spec_word_name(words, number);

	if (name != NULL)
		put_bytes(from, name, strlen(name));
	else
		put_number(from, number);
}

void
kldsim__from_put_flags(struct kldsim__from *from,
    const struct kldsim__spec_word *words, uint64_t flags)
{
	bool any = false;

	for (; words->name != NULL; words++) {
		if (words->number == 0 || (flags & words->number) !=
		    words->number)
			continue;
		kldsim__from_put(from, "%s%s", any ? " " : "", words->name);
		flags &= ~words->number;
		any = true;
	}
	if (flags != 0 || !any) {
		put_bytes(from, " ", any);
		if (flags != 0)
			kldsim__from_put(from, "0x%llx",
			    (unsigned long long)flags);
		else
			kldsim__from_put(from, "none");
	}
}

static void
put_hex(struct kldsim__from *from, const unsigned char *bytes, uint64_t size)
{
	static const char digits[] = "0123456789abcdef";
	char line[2 * 32 + 8];
	uint64_t i, j, n;
	size_t at;

	kldsim__from_put(from, "    bytes: |\n");
	for (i = 0; i < size; i += 32) {
		n = size - i < 32 ? size - i : 32;
		memcpy(line, "      ", 6);
		for (at = 6, j = i; j < i + n; j++) {
			line[at++] = digits[bytes[j] >> 4];
			line[at++] = digits[bytes[j] & 15];
		}
		line[at++] = '\n';
		put_bytes(from, line, at);
	}
}

/* What the builder would make of the type and flags. */
static uint64_t
usual_entsize(const struct kldsim__from *from,
    const struct kldsim__from_section *section)
{
	if (section->type == SHT_INIT_ARRAY || section->type == SHT_FINI_ARRAY)
		return from->is64 ? 8 : 4;
	return (section->flags & SHF_STRINGS) != 0;
}

static void
put_section(struct kldsim__from *from,
    const struct kldsim__from_section *section)
{
	uint64_t used = section->type == SHT_NOBITS ||
	    section->type == SHT_NULL ? 0 : section->size;
	const unsigned char *bytes = used == 0 ? NULL :
	    from->bytes + section->offset;

	kldsim__from_put(from, "  - name: ");
	kldsim__from_put_name(from, section->name);
	kldsim__from_put(from, "\n    type: ");
	kldsim__from_put_word(from, kldsim__spec_section_types, section->type);
	kldsim__from_put(from, "\n    flags: ");
	kldsim__from_put_flags(from, kldsim__spec_section_flags,
	    section->flags & ~(uint64_t)SHF_INFO_LINK);
	kldsim__from_put(from, "\n    align: ");
	put_number(from, section->align);
	if (from->e_type != ET_REL && (section->flags & SHF_ALLOC) != 0)
		kldsim__from_put(from, "\n    address: 0x%llx",
		    (unsigned long long)section->addr);
	if (section->entsize != usual_entsize(from, section) &&
	    section->entsize != 0) {
		kldsim__from_put(from, "\n    entsize: ");
		put_number(from, section->entsize);
	}
	kldsim__from_put(from, "\n    size: ");
	put_number(from, section->type == SHT_NULL ? 0 : section->size);
	put_bytes(from, "\n", 1);
	while (used > 0 && bytes[used - 1] == 0)
		used--;
	if (used != 0)
		put_hex(from, bytes, used);
}

static void
put_section_name(struct kldsim__from *from, uint32_t id)
{
	const struct kldsim__from_section *section =
	    &from->sections[from->kept[id - 1]];

	if (section->first)
		kldsim__from_put_name(from, section->name);
	else
		kldsim__from_put(from, "'#%u'", (unsigned)id);
}

static void
put_place(struct kldsim__from *from, const struct kldsim__from_symbol *symbol)
{
	if (symbol->section != 0) {
		kldsim__from_put(from, ", section: ");
		put_section_name(from, from->sections[symbol->section].id);
	} else if (symbol->place != KLDSIM_SYNTH_UNDEF) {
		kldsim__from_put(from, ", place: ");
		kldsim__from_put_word(from, kldsim__spec_places,
		    (uint64_t)-symbol->place);
	}
	if (symbol->value != 0)
		kldsim__from_put(from, ", value: 0x%llx",
		    (unsigned long long)symbol->value);
	if (symbol->size != 0) {
		kldsim__from_put(from, ", size: ");
		put_number(from, symbol->size);
	}
}

static void
put_symbol(struct kldsim__from *from, const struct kldsim__from_symbol *symbol)
{
	bool local = symbol->type == STT_SECTION || symbol->type == STT_FILE;

	kldsim__from_put(from, "  - {type: ");
	kldsim__from_put_word(from, kldsim__spec_symbol_types, symbol->type);
	if (symbol->name[0] != '\0') {
		kldsim__from_put(from, ", name: ");
		kldsim__from_put_name(from, symbol->name);
	}
	if (symbol->bind != (local ? STB_LOCAL : STB_GLOBAL)) {
		kldsim__from_put(from, ", bind: ");
		kldsim__from_put_word(from, kldsim__spec_bindings,
		    symbol->bind);
	}
	put_place(from, symbol);
	if (symbol->other != 0)
		kldsim__from_put(from, ", other: %u", symbol->other);
	if (from->e_type != ET_REL &&
	    symbol->dynamic != (symbol->bind != STB_LOCAL))
		kldsim__from_put(from, ", dynamic: %s",
		    symbol->dynamic ? "yes" : "no");
	put_bytes(from, "}\n", 2);
}

void
kldsim__from_put_symbol(struct kldsim__from *from, uint32_t number)
{
	if (from->symbols[number].first)
		kldsim__from_put_name(from, from->symbols[number].name);
	else
		kldsim__from_put(from, "'#%u'", (unsigned)number);
}

static void
put_target(struct kldsim__from *from, uint32_t number)
{
	const struct kldsim__from_symbol *symbol = &from->symbols[number];

	if (number == 0)
		return;
	if (symbol->section != 0 &&
	    from->sections[symbol->section].symbol == number) {
		kldsim__from_put(from, ", section: ");
		put_section_name(from, from->sections[symbol->section].id);
		return;
	}
	kldsim__from_put(from, ", symbol: ");
	kldsim__from_put_symbol(from, number);
}

static const char *
type_name(const struct kldsim__from *from, uint32_t type)
{
	size_t i;

	for (i = 0; i < from->machine->nrows; i++)
		if (from->machine->rows[i].number == type)
			return from->machine->rows[i].name;
	return NULL;
}

static void
put_reloc(struct kldsim__from *from, const struct kldsim__from_reloc *reloc)
{
	const char *name = type_name(from, reloc->type);
	bool relative = from->e_type != ET_REL &&
	    from->machine->relative != 0 &&
	    (reloc->type == from->machine->relative ||
	    reloc->type == from->machine->irelative);

	kldsim__from_put(from, "  - {in: ");
	put_section_name(from, reloc->section);
	kldsim__from_put(from, ", at: 0x%llx, type: ",
	    (unsigned long long)reloc->at);
	if (name != NULL)
		put_bytes(from, name, strlen(name));
	else
		kldsim__from_put(from, "%u", (unsigned)reloc->type);
	/* The builder would add the symbol's address; there is none. */
	put_target(from, relative ? 0 : reloc->symbol);
	if (reloc->addend != 0) {
		kldsim__from_put(from, ", addend: ");
		put_signed(from, reloc->addend);
	}
	if (reloc->rela != from->machine->rela)
		kldsim__from_put(from, ", rela: %s",
		    reloc->rela ? "yes" : "no");
	put_bytes(from, "}\n", 2);
}

static void
put_option(struct kldsim__from *from, const char *name, uint64_t number)
{
	kldsim__from_put(from, "  %s: 0x%llx\n", name,
	    (unsigned long long)number);
}

/*
 * Where the first segment begins: before the first section, if near (see
 * fixed.c), else at it.
 */
static void
put_base(struct kldsim__from *from)
{
	const struct kldsim__from_section *first;
	uint64_t usual = from->e_type == ET_EXEC ?
	    from->machine->kernel_base : 0, base = from->base;

	if (from->nkept == 0)
		return;
	first = &from->sections[from->kept[0]];
	if ((first->flags & SHF_ALLOC) == 0)
		return;
	if (base > first->addr || first->addr - base > 65536)
		base = first->addr;
	if (base != usual)
		put_option(from, "base", base);
}

static void
put_options(struct kldsim__from *from)
{
	kldsim__from_put(from, "options:\n  set-bounds: no\n");
	if (from->e_machine != from->machine->e_machine)
		put_option(from, "e-machine", from->e_machine);
	if (from->e_flags != from->machine->e_flags)
		put_option(from, "e-flags", from->e_flags);
	if (from->osabi != from->machine->osabi)
		put_option(from, "osabi", from->osabi);
	if (from->types != NULL)
		put_option(from, "ctf-version",
		    from->types->options[KLDSIM_SYNTH_CTF_VERSION]);
	if (from->types != NULL && !from->types_packed)
		kldsim__from_put(from, "  ctf-compress: no\n");
	if (from->e_type == ET_REL)
		return;
	put_base(from);
	if (from->hash == 0)
		kldsim__from_put(from, "  hash: no\n");
	if (from->gnu_hash != 0)
		kldsim__from_put(from, "  gnu-hash: yes\n");
	if (from->interp)
		kldsim__from_put(from, "  interp: yes\n");
	if (from->slots_elsewhere)
		kldsim__from_put(from, "  plt: no\n");
	if (from->symtab == 0)
		kldsim__from_put(from, "  symtab: no\n");
}

void
kldsim__from_write(struct kldsim__from *from)
{
	size_t i;

	kldsim__from_put(from, "machine: %s\nkind: ", from->machine->name);
	kldsim__from_put_word(from, kldsim__spec_kinds, from->e_type);
	put_bytes(from, "\n", 1);
	kldsim__from_meta(from);
	put_options(from);
	if (from->nkept != 0)
		kldsim__from_put(from, "sections:\n");
	for (i = 0; i < from->nkept; i++)
		put_section(from, &from->sections[from->kept[i]]);
	if (from->nsymbols > 1)
		kldsim__from_put(from, "symbols:\n");
	for (i = 1; i < from->nsymbols; i++)
		put_symbol(from, &from->symbols[i]);
	if (from->nrelocs != 0)
		kldsim__from_put(from, "relocs:\n");
	for (i = 0; i < from->nrelocs; i++)
		put_reloc(from, &from->relocs[i]);
	kldsim__from_put_types(from);
	if (from->e_entry != 0)
		kldsim__from_put(from, "overrides:\n  ehdr.e_entry: 0x%llx\n",
		    (unsigned long long)from->e_entry);
	put_bytes(from, "", 1);
}
