/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gdb's `monitor`: which instance reads of a set show, and the calls that load
 * and unload, each one a transaction like any other.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "gdb/gdb.h"

static const struct kldsim__set *
set_of(const struct kldsim_gdb *gdb, enum kldsim_set which)
{
	return (which == KLDSIM_SET_DPCPU ? &gdb->sim->dpcpu :
	    &gdb->sim->vnet);
}

/* A number of one of the instances; false: it is none. */
static bool
parse_instance(const struct kldsim__set *set, const char *text, int *id_ret)
{
	unsigned long id;
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 9)
		return (false);
	id = strtoul(text, &end, 10);
	*id_ret = (int)id;
	return (*end == '\0' &&
	    kldsim__set_find_instance(set, (unsigned)id) != NULL);
}

/* With a number, from now on; with none, what it is. */
static void
show(struct kldsim_gdb *gdb, enum kldsim_set which, const char *name,
    const char *argument, struct kldsim__text *text)
{
	int id;

	if (strcmp(argument, "reference") == 0) {
		gdb->shown[which] = -1;
	} else if (*argument != '\0') {
		if (!parse_instance(set_of(gdb, which), argument, &id)) {
			kldsim__text_printf(text, "there is no %s %s\n", name,
			    argument);
			return;
		}
		gdb->shown[which] = id;
	}
	if (gdb->shown[which] < 0)
		kldsim__text_puts(text, "reads of the kernel's set show the "
		    "reference copy\n");
	else
		kldsim__text_printf(text, "reads of the kernel's set show %s "
		    "%d\n", name, gdb->shown[which]);
}

static void
monitor_vnet(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	show(gdb, KLDSIM_SET_VNET, "vnet", argument, text);
}

static void
monitor_cpu(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	show(gdb, KLDSIM_SET_DPCPU, "CPU", argument, text);
}

/* kldstat(8), with all of an address (K-42). */
static void
monitor_kldstat(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	struct kldsim_filestat stat;
	int id = 0;

	(void)argument;
	kldsim__text_printf(text, "Id Refs Address%*s %8s Name\n",
	    (int)kldsim__arch_ptrsz(gdb->sim->arch) * 2 + 2 - 7, "", "Size");
	while (kldsim_kldnext(gdb->sim, id, &id) == KLDSIM_OK && id != 0)
		if (kldsim_kldstat(gdb->sim, id, &stat) == KLDSIM_OK)
			kldsim__text_printf(text, "%2d %4d 0x%0*" PRIx64
			    " %8" PRIx64 " %s\n", stat.id, stat.refs,
			    (int)kldsim__arch_ptrsz(gdb->sim->arch) * 2,
			    stat.address, stat.size, stat.name);
}

/* What a call has to say: console lines, findings, and how it ended. */
static void
tell(struct kldsim_gdb *gdb, const char *call, const char *name,
    const struct kldsim_result *result, struct kldsim__text *text)
{
	for (size_t i = 0; i < result->nconsole; i++)
		kldsim__text_printf(text, "%s\n", kldsim_console_line(gdb->sim,
		    result->first_console + i));
	for (size_t i = 0; i < result->nfindings; i++) {
		const struct kldsim_finding *f = kldsim_finding_at(gdb->sim,
		    result->first_finding + i);

		kldsim__text_printf(text, "%s: %s%s%s [%s]\n",
		    kldsim_severity_name(f->severity),
		    f->file == NULL ? "" : f->file,
		    f->file == NULL ? "" : ": ", f->text, f->code);
	}
	if (result->panicked)
		kldsim__text_puts(text, "The real kernel would have panicked: "
		    "this one can still be read.\n");
	else if (result->error != 0)
		kldsim__text_printf(text, "%s %s: %s\n", call, name,
		    kldsim_errno_text(result->error));
	else
		kldsim__text_printf(text, "%s %s: done; `sharedlibrary' or "
		    "the next `continue' shows gdb\n", call, name);
}

static void
monitor_kldload(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldload(gdb->sim, argument, &result, &error) != KLDSIM_OK)
		kldsim__text_printf(text, "%s\n", error.text);
	else
		tell(gdb, "kldload", argument, &result, text);
}

static void
monitor_kldunload(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	struct kldsim_result result;
	struct kldsim_error error;
	int id;

	if (kldsim_kldfind(gdb->sim, argument, &id) != KLDSIM_OK)
		kldsim__text_printf(text, "kldunload: can't find file %s\n",
		    argument);
	else if (kldsim_kldunload(gdb->sim, id, KLDSIM_UNLOAD_NORMAL, &result,
	    &error) != KLDSIM_OK)
		kldsim__text_printf(text, "%s\n", error.text);
	else
		tell(gdb, "kldunload", argument, &result, text);
}

static void monitor_help(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text);

static const struct {
	const char *name;
	const char *arguments;
	const char *purpose;
	bool needs; /* its argument */
	void (*run)(struct kldsim_gdb *gdb, const char *argument,
	    struct kldsim__text *text);
} commands[] = {
	{ "vnet", "[N|reference]", "whose copy reads of set_vnet show", false,
	    monitor_vnet },
	{ "cpu", "[N|reference]", "whose copy reads of set_pcpu show", false,
	    monitor_cpu },
	{ "kldstat", "", "the files that are loaded", false, monitor_kldstat },
	{ "kldload", "NAME", "load a file, as kldload(2)", true,
	    monitor_kldload },
	{ "kldunload", "NAME", "unload one, as kldunload(2)", true,
	    monitor_kldunload },
	{ "help", "", "this list", false, monitor_help },
};

#define NCOMMANDS (sizeof(commands) / sizeof(*commands))

static void
monitor_help(struct kldsim_gdb *gdb, const char *argument,
    struct kldsim__text *text)
{
	(void)gdb;
	(void)argument;
	for (size_t i = 0; i < NCOMMANDS; i++)
		kldsim__text_printf(text, "monitor %s%s%s: %s\n",
		    commands[i].name, *commands[i].arguments == '\0' ? "" : " ",
		    commands[i].arguments, commands[i].purpose);
}

void
kldsim__gdb_monitor(struct kldsim_gdb *gdb, char *command,
    struct kldsim__text *text)
{
	char *argument;
	size_t length;

	command += strspn(command, " \t");
	length = strlen(command);
	while (length != 0 && strchr(" \t\n", command[length - 1]) != NULL)
		command[--length] = '\0';
	argument = command + strcspn(command, " \t");
	if (*argument != '\0') {
		*argument++ = '\0';
		argument += strspn(argument, " \t");
	}
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(command, commands[i].name) != 0)
			continue;
		if (commands[i].needs && *argument == '\0')
			kldsim__text_printf(text, "usage: monitor %s %s\n",
			    commands[i].name, commands[i].arguments);
		else
			commands[i].run(gdb, argument, text);
		return;
	}
	kldsim__text_puts(text, "there is no such command; `monitor help' "
	    "lists them\n");
}
