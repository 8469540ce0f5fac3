/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A consumer of libkvm as there are many: prints integers of the kernel.  It
 * knows nothing of kldsim, and on FreeBSD it is built with -lkvm.
 *
 *	usage: vars KERNEL CORE NAME...
 */

#include <fcntl.h>
#include <kvm.h>
#include <limits.h>
#include <nlist.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef _POSIX2_LINE_MAX
#define _POSIX2_LINE_MAX 2048
#endif

int
main(int argc, char **argv)
{
	struct nlist *names;
	char error[_POSIX2_LINE_MAX];
	int missing;
	kvm_t *kd;

	if (argc < 4)
		return 2;
	kd = kvm_openfiles(argv[1], argv[2], NULL, O_RDONLY, error);
	names = calloc((size_t)argc, sizeof(*names));
	if (kd == NULL || names == NULL) {
		fprintf(stderr, "vars: %s\n", error);
		return 1;
	}
	for (int i = 3; i < argc; i++)
		names[i - 3].n_name = argv[i];
	missing = kvm_nlist(kd, names);
	for (int i = 0; i < argc - 3; i++) {
		int value;

		if (names[i].n_type == 0)
			printf("%s: not there\n", argv[i + 3]);
		else if (kvm_read(kd, names[i].n_value, &value,
		    sizeof(value)) != (ssize_t)sizeof(value))
			printf("%s: %s\n", argv[i + 3], kvm_geterr(kd));
		else
			printf("%s: %d at 0x%lx\n", argv[i + 3], value,
			    names[i].n_value);
	}
	kvm_close(kd);
	free(names);
	return missing != 0;
}
