/* SPDX-License-Identifier: BSD-2-Clause */

/* What DDB shows of vnets: sys/net/vnet.c (B-66, B-67). */

#include "ddb/ddb.h"

#include "kern/vnets.h"

enum form {
	POINTER,  /* %p */
	HEX,      /* %#jx; 9: 0x%jx */
	UNSIGNED, /* %u */
	EIGHT,    /* %#08x */
	THREE,    /* %#03x */
	MAGIC     /* %#08x, and whether it is right; 9: 0x%x */
};

/* A line of `show vnet'. */
struct line {
	const char *name; /* up to the equals sign in column 17 */
	enum form form;
	unsigned offset;  /* of the member */
	unsigned size;
	bool absent;      /* of this release */
};

/* B-66: numbers that later releases print with C's own prefix. */
static void
put_hex(struct kldsim_ddb *ddb, uint64_t value, int width)
{
	if (ddb->sim->facts.ddb_show_all_vnets)
		kldsim__ddb_number(ddb, (int64_t)value, 16,
		    KLDSIM__DDB_SHARP | KLDSIM__DDB_ZERO, width);
	else
		kldsim__ddb_printf(ddb, "0x%jx", (uintmax_t)value);
}

static void
put_magic(struct kldsim_ddb *ddb, uint64_t value)
{
	const uint32_t magic = (uint32_t)ddb->sim->facts.vnet_magic;

	put_hex(ddb, value, 8);
	kldsim__ddb_puts(ddb, value == magic ? " (ok, orig " : " (mismatch, "
	    "orig ");
	put_hex(ddb, magic, 8);
	kldsim__ddb_putc(ddb, ')');
}

static void
put_member(struct kldsim_ddb *ddb, enum form form, uint64_t value)
{
	switch (form) {
	case MAGIC:
		put_magic(ddb, value);
		break;
	case UNSIGNED:
		kldsim__ddb_printf(ddb, "%ju", (uintmax_t)value);
		break;
	case EIGHT:
		put_hex(ddb, value, 8);
		break;
	case THREE:
		put_hex(ddb, value, 3);
		break;
	case HEX:
		put_hex(ddb, value, 0);
		break;
	default:
		kldsim__ddb_pointer(ddb, value);
	}
}

/* db_vnet_print(), of whatever is there. */
static void
print_vnet(struct kldsim_ddb *ddb, kldsim_addr vnet)
{
	const struct kldsim__facts *facts = &ddb->sim->facts;
	const unsigned p = kldsim__ddb_word(ddb);
	const struct line lines[] = {
		{ " vnet_magic_n   = ", MAGIC, KLDSIM__VNET_MAGIC(p), 4,
		    false },
		{ " vnet_ifcnt     = ", UNSIGNED, KLDSIM__VNET_IFCNT(p), 4,
		    false },
		{ " vnet_sockcnt   = ", UNSIGNED, KLDSIM__VNET_SOCKCNT(p), 4,
		    false },
		{ " vnet_data_mem  = ", POINTER, KLDSIM__VNET_DATA_MEM(p), p,
		    false },
		{ " vnet_data_base = ", HEX, KLDSIM__VNET_DATA_BASE(p), p,
		    false },
		{ " vnet_state     = ", EIGHT, KLDSIM__VNET_STATE(p), 4,
		    !facts->ddb_show_all_vnets },
		{ " vnet_shutdown  = ", THREE, KLDSIM__VNET_END(p), 1,
		    !facts->vnet_has_shutdown },
	};

	kldsim__ddb_puts(ddb, "vnet            = ");
	kldsim__ddb_pointer(ddb, vnet);
	kldsim__ddb_putc(ddb, '\n');
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (lines[i].absent)
			continue;
		kldsim__ddb_puts(ddb, lines[i].name);
		put_member(ddb, lines[i].form, kldsim__ddb_read(ddb,
		    kldsim__ddb_addr(ddb, (int64_t)(vnet + lines[i].offset)),
		    lines[i].size));
		kldsim__ddb_putc(ddb, '\n');
	}
	kldsim__ddb_putc(ddb, '\n');
}

void
kldsim__ddb_show_all_vnets(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	const struct kldsim__set *set = &ddb->sim->vnet;
	kldsim_addr vnet;

	(void)call;
	for (size_t i = 0; i < set->ninstances; i++)
		if (kldsim_vnet_address(ddb->sim, set->instances[i].id,
		    &vnet) == KLDSIM_OK)
			print_vnet(ddb, vnet);
}

void
kldsim__ddb_show_vnet(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	if (call->have_addr)
		print_vnet(ddb, kldsim__ddb_addr(ddb, call->addr));
	else
		kldsim__ddb_puts(ddb, "usage: show vnet <struct vnet *>\n");
}

/* The nearest symbol's name, without the distance; nothing if there is none. */
static void
put_name(struct kldsim_ddb *ddb, kldsim_addr address)
{
	kldsim_size offset;
	const char *name = kldsim__ddb_search(ddb, address, &offset);

	if (name != NULL)
		kldsim__ddb_puts(ddb, name);
}

static void
put_pointer_in_parens(struct kldsim_ddb *ddb, kldsim_addr address)
{
	kldsim__ddb_putc(ddb, '(');
	kldsim__ddb_pointer(ddb, address);
	kldsim__ddb_putc(ddb, ')');
}

void
kldsim__ddb_sysinit_record(struct kldsim_ddb *ddb, kldsim_addr record,
    const struct kldsim__sysinit *call)
{
	put_name(ddb, record);
	put_pointer_in_parens(ddb, record);
	kldsim__ddb_puts(ddb, "\n  ");
	kldsim__ddb_number(ddb, call->subsystem, 16, KLDSIM__DDB_SHARP |
	    KLDSIM__DDB_ZERO, 8);
	kldsim__ddb_putc(ddb, ' ');
	kldsim__ddb_number(ddb, call->order, 16, KLDSIM__DDB_SHARP |
	    KLDSIM__DDB_ZERO, 8);
	kldsim__ddb_puts(ddb, "\n  ");
	kldsim__ddb_pointer(ddb, call->func);
	kldsim__ddb_putc(ddb, '(');
	put_name(ddb, call->func);
	kldsim__ddb_putc(ddb, ')');
	put_pointer_in_parens(ddb, call->udata);
	kldsim__ddb_putc(ddb, '\n');
}

/* Three lines of head, and three for each that is registered. */
static void
list(struct kldsim_ddb *ddb, const char *what, const struct kldsim__link *all,
    bool backwards)
{
	const struct kldsim__link *at = backwards ? all->prev : all->next;

	kldsim__ddb_printf(ddb, "%s vs Name(Ptr)\n  Subsystem  Order\n"
	    "  Function(Name)(Arg)\n", what);
	for (; at != all && !ddb->thrown; at = backwards ? at->prev : at->next) {
		const struct kldsim__vnet_sysinit *entry = KLDSIM__ENTRY(at,
		    const struct kldsim__vnet_sysinit, link);

		kldsim__ddb_sysinit_record(ddb, entry->record, &entry->call);
	}
}

void
kldsim__ddb_show_vnet_sysinit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	(void)call;
	list(ddb, "VNET_SYSINIT", &ddb->sim->vnets.sysinits, false);
}

void
kldsim__ddb_show_vnet_sysuninit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	(void)call;
	list(ddb, "VNET_SYSUNINIT", &ddb->sim->vnets.sysuninits, true);
}
