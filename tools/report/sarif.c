/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * See sarif.h.  Where a module is named relative to the current folder, its URI
 * is, too; others are relative to the root of the file system.
 */

#include "report/sarif.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "path.h"
#include "report/baseline.h"
#include "report/output.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/" \
	"schemas/sarif-schema-2.1.0.json"
#define ROOT "ROOT"
/* What a finding is known by, in partialFingerprints. */
#define FINGERPRINT "kldsim/1"

struct sarif {
	char *command;
	json_t *results;
	json_t *failures;
	json_t *told;  /* an object: what was written of other files */
	size_t *rules; /* by code's number: its own in the run, from 1 */
	size_t nrules;
};

struct sarif *
sarif_new(const char *command)
{
	struct sarif *sarif = need(calloc(1, sizeof(*sarif)));

	sarif->command = need(strdup(command));
	sarif->results = json_make("[]");
	sarif->failures = json_make("[]");
	sarif->told = json_make("{}");
	/* The last one is of a code that the table has not. */
	sarif->rules = need(calloc(kldsim_finding_info_count() + 1,
	    sizeof(*sarif->rules)));
	return (sarif);
}

void
sarif_free(struct sarif *sarif)
{
	if (sarif == NULL)
		return;
	free(sarif->command);
	json_decref(sarif->results);
	json_decref(sarif->failures);
	json_decref(sarif->told);
	free(sarif->rules);
	free(sarif);
}

/* --- places --- */

/* All but what RFC 3986 leaves as it is becomes %XX. */
static json_t *
uri_of(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	char *uri = need(malloc(3 * strlen(path) + 1)), *end = uri;
	json_t *text;

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	for (; *path != '\0'; path++)
		if (strchr(plain, *path) != NULL)
			*end++ = *path;
		else
			end += snprintf(end, 4, "%%%02X",
			    (unsigned)(unsigned char)*path);
	*end = '\0';
	text = json_text(uri);
	free(uri);
	return (text);
}

static json_t *
artifact(const char *path)
{
	json_t *location = json_make("{}");

	if (*path == '/') {
		while (*path == '/')
			path++;
		json_set(location, "uri", uri_of(path));
		json_set(location, "uriBaseId", json_text(ROOT));
	} else
		json_set(location, "uri", uri_of(path));
	return (json_make("{s:o}", "artifactLocation", location));
}

/* Whether a finding is of the module at hand. */
static bool
is_own(const struct kldsim_finding *f, const char *path)
{
	return (f->file == NULL || strcmp(f->file, path_name(path)) == 0);
}

/* Names inside a file: a symbol, and the function of a place. */
static json_t *
logical(const struct kldsim_finding *f)
{
	const struct { const char *name, *kind; } parts[] = {
		{ f->symbol, "member" }, { f->function, "function" },
	};
	json_t *all = json_make("[]");

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].name != NULL && *parts[i].name != '\0')
			json_append(all, json_make("{s:o, s:s}", "name",
			    json_text(parts[i].name), "kind", parts[i].kind));
	return (all);
}

static json_t *
locations(const struct kldsim_finding *f, const struct sarif_place *place)
{
	const char *file = place->file != NULL ? place->file : place->path;
	json_t *names = logical(f), *location = json_make("{s:o}",
	    "physicalLocation", artifact(is_own(f, place->path) ? file :
	    f->file));

	if (json_array_size(names) != 0)
		json_set(location, "logicalLocations", names);
	else
		json_decref(names);
	return (json_make("[o]", location));
}

/* --- rules --- */

static size_t
number_of(const char *code)
{
	const struct kldsim_finding_info *info;
	size_t i;

	for (i = 0; (info = kldsim_finding_info_at(i)) != NULL; i++)
		if (strcmp(info->code, code) == 0)
			break;
	return (i);
}

/* The rule of a code in this run. */
static size_t
rule_of(struct sarif *sarif, const char *code)
{
	size_t *rule = &sarif->rules[number_of(code)];

	if (*rule == 0)
		*rule = ++sarif->nrules;
	return (*rule - 1);
}

static const char *
level_of(enum kldsim_severity severity, bool refusal)
{
	if (refusal || severity == KLDSIM_PANIC)
		return ("error");
	return (severity == KLDSIM_WARNING ? "warning" : "note");
}

/* Up to its first full stop. */
static json_t *
first_sentence(const char *text)
{
	const char *end = strstr(text, ". ");

	return (need(json_stringn(text, end != NULL ? (size_t)(end - text) + 1 :
	    strlen(text))));
}

static json_t *
rule(const struct kldsim_finding_info *info)
{
	char *full;
	size_t size;
	FILE *out = need(open_memstream(&full, &size));
	json_t *made;

	(void)fprintf(out, "%s What the kernel does: %s", info->meaning,
	    info->kernel);
	(void)fclose(out);
	made = json_make("{s:s, s:{s:o}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}",
	    "id", info->code,
	    "shortDescription", "text", first_sentence(info->meaning),
	    "fullDescription", "text", need(full),
	    "help", "text", info->remedy,
	    "defaultConfiguration", "level", level_of(info->severity, false),
	    "properties", "kldsim/rules", info->rules);
	free(full);
	return (made);
}

/* In the order in which results have met them. */
static json_t *
rules(const struct sarif *sarif)
{
	json_t *all = json_make("[]");

	for (size_t wanted = 1; wanted <= sarif->nrules; wanted++)
		for (size_t i = 0; kldsim_finding_info_at(i) != NULL; i++)
			if (sarif->rules[i] == wanted)
				json_append(all,
				    rule(kldsim_finding_info_at(i)));
	return (all);
}

/* --- results --- */

/* Said of another file, it is said of each module that needs that one. */
static bool
was_told(struct sarif *sarif, const struct kldsim_finding *f,
    const char *path)
{
	char *key;
	size_t size;
	FILE *out;
	bool told;

	if (is_own(f, path) && f->file != NULL)
		return (false);
	out = need(open_memstream(&key, &size));
	put(out, "%s\t%s\t%s\t%" PRIu64 "\t%s", f->file != NULL ? f->file :
	    "", f->code, f->section != NULL ? f->section : "", f->offset,
	    f->text);
	(void)fclose(out);
	told = json_object_get(sarif->told, need(key)) != NULL;
	json_set(sarif->told, key, json_true());
	free(key);
	return (told);
}

static json_t *
properties(const struct kldsim_finding *f, const struct sarif_place *place)
{
	json_t *bag = json_make("{s:b}", "kldsim/refusal", f->refusal);

	if (place->way != NULL)
		json_set(bag, "kldsim/way", json_text(place->way));
	if (f->section != NULL)
		json_set(bag, "kldsim/section", json_text(f->section));
	if (f->has_offset)
		json_set(bag, "kldsim/offset", json_address(f->offset));
	return (bag);
}

void
sarif_result(struct sarif *sarif, const struct kldsim_finding *f,
    const struct sarif_place *place)
{
	json_t *result;
	char *key;

	if (was_told(sarif, f, place->path))
		return;
	key = baseline_key(f, place->path);
	for (char *c = key; *c != '\0'; c++)
		if (*c == '\t')
			*c = '|';
	result = json_make("{s:s, s:o, s:s, s:{s:o}, s:o, s:{s:s}, s:o}",
	    "ruleId", f->code,
	    "ruleIndex", json_size(rule_of(sarif, f->code)),
	    "level", level_of(f->severity, f->refusal),
	    "message", "text", json_text(f->text),
	    "locations", locations(f, place),
	    "partialFingerprints", FINGERPRINT, key,
	    "properties", properties(f, place));
	free(key);
	if (place->compared)
		json_set(result, "baselineState", json_text(place->known ?
		    "unchanged" : "new"));
	json_append(sarif->results, result);
}

void
sarif_failure(struct sarif *sarif, const char *path, const char *text)
{
	json_t *failure = json_make("{s:s, s:{s:o}}", "level", "error",
	    "message", "text", json_text(text));

	if (path != NULL)
		json_set(failure, "locations", json_make("[{s:o}]",
		    "physicalLocation", artifact(path)));
	json_append(sarif->failures, failure);
}

/* --- the file --- */

static json_t *
tool(const struct sarif *sarif)
{
	return (json_make("{s:{s:s, s:s, s:s, s:o}}", "driver",
	    "name", "kldsim", "version", kldsim_version_string(),
	    "fullName", "kldsim: FreeBSD's kernel linker, simulated",
	    "rules", rules(sarif)));
}

static json_t *
document(const struct sarif *sarif)
{
	json_t *run = json_make("{s:o, s:{s:{s:s}}, s:[{s:b, s:O}], s:s, s:O}",
	    "tool", tool(sarif),
	    "originalUriBaseIds", ROOT, "uri", "file:///",
	    "invocations", "executionSuccessful",
	    json_array_size(sarif->failures) == 0,
	    "toolExecutionNotifications", sarif->failures,
	    "columnKind", "unicodeCodePoints",
	    "results", sarif->results);

	json_set(run, "automationDetails", json_make("{s:o}", "id",
	    json_text(sarif->command)));
	return (json_make("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version",
	    "2.1.0", "runs", run));
}

int
sarif_write(const struct sarif *sarif, const char *path)
{
	FILE *out = output_open(path);

	if (out == NULL)
		return (STATUS_HOST);
	json_write(document(sarif), out);
	return (output_close(out, path));
}
