/* SPDX-License-Identifier: BSD-2-Clause */

/* Files of which all is needed at once; see read_file.h. */

#include "read_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"
#include "sandbox/sandbox.h"

char *
read_file(const char *path, size_t most, size_t *size_ret)
{
	FILE *in = sandbox_open(path);
	size_t size = 0, room = 0, got = 1;
	char *bytes = NULL;

	while (in != NULL && got != 0 && size <= most) {
		if (room - size < 2) {
			room = room * 2 + 65536;
			bytes = need(realloc(bytes, room));
		}
		got = fread(bytes + size, 1, room - size - 1, in);
		size += got;
	}
	if (in == NULL || ferror(in) || size > most) {
		complain("%s: %s", path, in != NULL && size > most ?
		    "too large" : strerror(errno));
		free(bytes);
		bytes = NULL;
	} else {
		bytes[size] = '\0';
	}
	if (in != NULL)
		(void)fclose(in);
	*size_ret = size;
	return (bytes);
}
