/* SPDX-License-Identifier: BSD-2-Clause */

/* Differences that are known; see kbi_severities.h. */

#include "kbi/kbi_severities.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"
#include "sandbox/sandbox.h"

struct rule {
	char *glob;
	enum kbi_severity severity;
};

struct kbi_severities {
	struct rule *all;
	size_t count;
};

static bool
take(struct kbi_severities *severities, const char *path, unsigned number,
    char *line)
{
	static const char *const words[] = { "", "PASS", "NOTE", "FAIL" };
	char *rest = NULL;
	const char *glob, *word;
	struct rule *rule;

	line[strcspn(line, "\r\n")] = '\0';
	glob = strtok_r(line, " \t", &rest);
	/* A '#' is in every key, so that only a line can be a comment. */
	if (glob == NULL || *glob == '#')
		return (true);
	word = strtok_r(NULL, " \t", &rest);
	for (int severity = KBI_PASS; word != NULL && severity <= KBI_FAIL;
	    severity++) {
		if (strcmp(words[severity], word) != 0)
			continue;
		severities->all = need(realloc(severities->all,
		    (severities->count + 1) * sizeof(*severities->all)));
		rule = &severities->all[severities->count++];
		rule->glob = need(strdup(glob));
		rule->severity = (enum kbi_severity)severity;
		return (true);
	}
	complain("%s, line %u: GLOB PASS|FAIL|NOTE [REASON] is what a line "
	    "has to be", path, number);
	return (false);
}

struct kbi_severities *
kbi_severities_read(const char *path)
{
	struct kbi_severities *severities = need(calloc(1,
	    sizeof(*severities)));
	FILE *file = sandbox_open(path);
	char *line = NULL;
	size_t room = 0;
	bool good = file != NULL;

	if (file == NULL)
		complain("%s: %s", path, strerror(errno));
	for (unsigned number = 1; good && getline(&line, &room, file) != -1;
	    number++)
		good = take(severities, path, number, line);
	if (good && ferror(file)) {
		complain("%s: %s", path, strerror(errno));
		good = false;
	}
	free(line);
	if (file != NULL)
		(void)fclose(file);
	if (good)
		return (severities);
	kbi_severities_free(severities);
	return (NULL);
}

void
kbi_severities_free(struct kbi_severities *severities)
{
	if (severities == NULL)
		return;
	for (size_t i = 0; i < severities->count; i++)
		free(severities->all[i].glob);
	free(severities->all);
	free(severities);
}

enum kbi_severity
kbi_severity_of(const struct kbi_severities *severities,
    const char *const *names)
{
	for (size_t i = 0; severities != NULL && i < severities->count; i++)
		for (const char *const *name = names; *name != NULL; name++)
			if (fnmatch(severities->all[i].glob, *name, 0) == 0)
				return (severities->all[i].severity);
	return (KBI_DEFAULT);
}
