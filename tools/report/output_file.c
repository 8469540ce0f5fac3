/* SPDX-License-Identifier: BSD-2-Clause */

/* Files that are written; see output.h. */

#include "report/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "sandbox/sandbox.h"

FILE *
output_open(const char *path)
{
	const int fd = sandbox_create(path);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out == NULL)
		complain("%s: %s", path, strerror(errno));
	if (out == NULL && fd >= 0)
		(void)close(fd);
	return (out);
}

int
output_close(FILE *out, const char *path)
{
	int failed = put_finish(out, path);

	if (fclose(out) != 0 && failed == 0) {
		complain("%s: %s", path, strerror(errno));
		failed = -1;
	}
	return (failed == 0 ? STATUS_OK : STATUS_HOST);
}
