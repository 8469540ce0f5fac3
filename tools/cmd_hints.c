/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim hints: write linker.hints as kldxref(8) does, or show one. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

#include "command.h"
#include "read_file.h"
#include "report/output.h"

/* Of a FILE: the kernel reads 1 MiB (K-13), devmatch(8) any. */
#define MOST_BYTES ((size_t)64 << 20)

struct hints_run {
	struct kldsim_hints_options options;
	struct kldsim_source *source; /* where archives are folders as well */
	bool show; /* -d */
	bool quiet;
	bool verbose;
};

/* A name for the file, not a way to it. */
static bool
set_name(void *field, char *value)
{
	return (set_text(field, value) && strchr(value, '/') == NULL);
}

static void
tell(void *user, enum kldsim_log_level level, const char *text)
{
	const struct hints_run *run = user;

	if (level == KLDSIM_LOG_INFO) {
		if (run->verbose)
			put_line(stdout, "%s", text);
	} else if (level == KLDSIM_LOG_DEBUG ? run->verbose : !run->quiet) {
		complain("%s", text);
	}
}

/* "1 folder", "2 folders". */
static void
put_count(unsigned count, const char *noun, const char *after)
{
	put(stdout, "%u %s%s%s", count, noun, count == 1 ? "" : "s", after);
}

/* The folder that a DIR stands for, NULL after a message. */
static const char *
find_folder(const struct hints_run *run, const char *name, bool *archive_ret)
{
	struct kldsim_source_file file;
	struct kldsim_error error;
	const char *folder;

	if (kldsim_source_folder(run->source, name, &folder, &error) !=
	    KLDSIM_OK) {
		complain("%s", error.text);
		return (NULL);
	}
	/* What is only there because archives are looked into. */
	*archive_ret = kldsim_source_stat(run->source, folder, &file, NULL) ==
	    KLDSIM_OK && kldsim_source_stat(NULL, folder, &file, NULL) !=
	    KLDSIM_OK;
	return (folder);
}

static int
write_folder(const struct hints_run *run, const char *name)
{
	struct kldsim_hints_options options = run->options;
	struct kldsim_hints_result result;
	struct kldsim_error error;
	bool archive = false;
	const char *folder = find_folder(run, name, &archive);

	if (folder == NULL)
		return (STATUS_HOST);
	if (archive && !options.dry_run) {
		complain("%s: nothing is written into an archive; -d prints "
		    "what its linker.hints would be", name);
		return (STATUS_HOST);
	}
	options.source = archive ? run->source : NULL;
	if (kldsim_hints_write(folder, &options, &result, &error) !=
	    KLDSIM_OK) {
		complain("%s%s", error.text, error.sys_errno == ENOTDIR ?
		    "; hints are written for the folder that a module is in" :
		    "");
		return (STATUS_HOST);
	}
	if (!run->verbose)
		return (STATUS_OK);
	put(stdout, "%s: ", folder);
	put_count(result.folders, "folder", ", ");
	put_count(result.files, "file", ", ");
	put_count(result.records, "record", "; ");
	put_line(stdout, "%u written, %u deleted", result.written,
	    result.deleted);
	return (STATUS_OK);
}

/* The values of a PNP record, a line for each row. */
static enum kldsim_status
show_values(const struct kldsim_hints_record *record)
{
	struct kldsim_hints_cursor cursor = { 0 };
	struct kldsim_hints_value value;
	enum kldsim_status status;
	int32_t row = -1;

	while ((status = kldsim_hints_value(record, &cursor, &value)) ==
	    KLDSIM_OK) {
		if (value.row != row && row >= 0)
			putchar('\n');
		if (value.row != row)
			put(stdout, "   ");
		row = value.row;
		if (value.kind == 'D' || value.kind == 'Z')
			put(stdout, " %s=\"%s\"", value.key, value.text);
		else
			put(stdout, " %s=%#x", value.key, value.number);
	}
	if (row >= 0)
		putchar('\n');
	return (status == KLDSIM_NOENT ? KLDSIM_OK : status);
}

/* One record; file is the one that the record before was about. */
static enum kldsim_status
show_record(const struct kldsim_hints_record *record, char *file)
{
	if (record->file[0] != '\0' && strcmp(record->file, file) != 0) {
		put_line(stdout, "%s", record->file);
		(void)strcpy(file, record->file);
	}
	switch (record->kind) {
	case KLDSIM_HINTS_MODULE:
		put_line(stdout, "  module %s", record->name);
		return (KLDSIM_OK);
	case KLDSIM_HINTS_VERSION:
		put_line(stdout, "  interface %s.%d", record->name,
		    record->version);
		return (KLDSIM_OK);
	case KLDSIM_HINTS_PNP:
		put_line(stdout, "  pnp info for bus %s format %s %d entries",
		    record->name, record->descr, record->rows);
		return (show_values(record));
	default:
		put_line(stdout, "  record of type %d, %u bytes",
		    record->kind, record->length);
		return (KLDSIM_OK);
	}
}

static int
show_records(const char *path, const void *bytes, size_t size)
{
	char file[KLDSIM_HINTS_STRING] = "";
	struct kldsim_hints_record record;
	struct kldsim_error error;
	enum kldsim_status status;
	size_t at = 0;

	while ((status = kldsim_hints_next(bytes, size, &at, &record,
	    &error)) == KLDSIM_OK) {
		if (record.offset == 4)
			put_line(stdout, "%s: version 1, %s endian", path,
			    record.big_endian ? "big" : "little");
		if (show_record(&record, file) == KLDSIM_OK)
			continue;
		complain("%s: record at %#zx: its rows do not fit in its %u "
		    "bytes", path, record.offset, record.length);
		return (STATUS_HOST);
	}
	if (status == KLDSIM_NOENT)
		return (STATUS_OK);
	complain("%s: %s", path, error.text);
	return (STATUS_HOST);
}

static int
show_file(const char *path)
{
	size_t size;
	char *bytes = read_file(path, MOST_BYTES, &size);
	int status;

	if (bytes == NULL)
		return (STATUS_HOST);
	status = show_records(path, bytes, size);
	free(bytes);
	return (status);
}

/* What kldxref(8) would write for a folder; nothing for one without records. */
static int
show_folder(const struct hints_run *run, const char *folder)
{
	struct kldsim_hints_options options = run->options;
	struct kldsim_error error;
	int status = STATUS_OK;
	void *bytes;
	size_t size;

	options.source = run->source;
	if (kldsim_hints_build(folder, &options, &bytes, &size, NULL,
	    &error) != KLDSIM_OK) {
		complain("%s", error.text);
		return (STATUS_HOST);
	}
	if (size != 0)
		status = show_records(folder, bytes, size);
	kldsim_hints_free(bytes);
	return (status);
}

static int
show(const struct hints_run *run, const char *name)
{
	struct kldsim_source_file file;
	bool archive;
	const char *folder = find_folder(run, name, &archive);

	if (folder == NULL)
		return (STATUS_HOST);
	if (kldsim_source_stat(run->source, folder, &file, NULL) ==
	    KLDSIM_OK && file.type == KLDSIM_SOURCE_FOLDER)
		return (show_folder(run, folder));
	return (show_file(name));
}

static enum kldsim_status
make_source(struct hints_run *run)
{
	struct kldsim_error error;
	enum kldsim_status status = kldsim_source_new(NULL, &run->source,
	    &error);

	if (status != KLDSIM_OK)
		complain("%s", error.text);
	return (status);
}

static int
cmd_hints(int argc, char **argv)
{
	struct hints_run run = { 0 };
	int status;

	kldsim_hints_options_init(&run.options, sizeof(run.options));
	run.options.log = tell;
	run.options.log_user = &run;
	if (!command_parse(&hints_command, argc, argv, &run, &status))
		return (status);
	if (make_source(&run) != KLDSIM_OK)
		return (STATUS_HOST);
	status = STATUS_OK;
	for (int i = optind; i < argc; i++) {
		int one = run.show ? show(&run, argv[i]) :
		    write_folder(&run, argv[i]);

		status = one != STATUS_OK ? one : status;
	}
	kldsim_source_unref(run.source);
	return (put_finish(stdout, "standard output") ? STATUS_HOST : status);
}

#define FIELD(name) offsetof(struct hints_run, name)

static const struct option_row rows[] = {
	{ 'd', "dump", NULL, set_flag, FIELD(show),
	    "print each FILE, a linker.hints, or what DIR's would be", NULL },
	{ 'f', "file", "NAME", set_name, FIELD(options.name),
	    "write NAME, not linker.hints", "the name of a file" },
	{ 'n', "dry-run", NULL, set_flag, FIELD(options.dry_run),
	    "do all but write and delete", NULL },
	{ 'R', "follow", NULL, set_flag, FIELD(options.follow),
	    "follow a DIR that is a symbolic link", NULL },
	{ 'r', "release", "R", set_release, FIELD(options.osreldate),
	    "whose kldxref: a release name or an osreldate (default: main)",
	    "a release name or an osreldate" },
	{ 'q', "quiet", NULL, set_flag, FIELD(quiet), "only what went wrong",
	    NULL },
	{ 'v', "verbose", NULL, set_flag, FIELD(verbose),
	    "name each file, and say why it is passed by", NULL },
};

static const struct option_group groups[] = { OPTION_GROUP(rows, 0) };

const struct command hints_command = {
	"hints", "write linker.hints, as kldxref(8) does",
	"hints [options] DIR...\n"
	"hints -d FILE|DIR...",
	"Write linker.hints for each DIR and the folders below it, as "
	"kldxref(8) does;\n"
	"where there is nothing to write, it is deleted.  With -d or -n, DIR "
	"may be in an\n"
	"archive.",
	"2 usage; 3 host failure, or a FILE that is none; 0 done.",
	COMMAND_GROUPS(groups), 1, "which DIR?", cmd_hints
};
