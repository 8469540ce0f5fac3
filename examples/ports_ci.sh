#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A CI recipe for a ports tree: each kernel module in the packages that poudriere
# has built is tried on the kernels of the releases, and what is found becomes
# annotations of the commit.  KERNELS has the kernel.txz of each release, or the
# kernel out of it, by the release's name; the status is 0 if all load everywhere.
#
#	$ mkdir -p kernels packages && cp boot/kernel/kernel kernels/12.1
#	$ cp boot/kernel-13/kernel kernels/13.0
#	$ mkdir -p stage/boot/modules && cp boot/kernel/fx_hello.ko stage/boot/modules
#	$ tar -C stage -czf packages/foo-kmod-1.0.pkg boot
#	$ ../../examples/ports_ci.sh kernels packages found | cut -c 1-76
#	12.1:
#	1 module
#	  kldload   1 ok
#	  preload   1 ok
#	13.0:
#	boot/modules/fx_hello.ko  refused ENOEXEC  refused ENOENT
#	    kldload: it is built for another release: it wants kernel version 120100
#	    preload: wants kernel version 1201000 to 1299999, preferably 1201000; th
#	1 module
#	  kldload   1 refused
#	  preload   1 refused
#	$ jq -r '.runs[].results[] | .level + " " + .ruleId' found/13.0.sarif | sort -u
#	error dependency
#	note release-unsure
#
# A job of GitHub Actions, after the packages are built:
#
#	- run: examples/ports_ci.sh kernels packages found
#	- uses: github/codeql-action/upload-sarif@v3
#	  if: always()
#	  with: {sarif_file: found}

if [ $# -ne 3 ]; then
	echo "usage: ports_ci.sh KERNELS PACKAGES FOUND" >&2
	exit 2
fi
mkdir -p "$3"
status=0
for kernel in "$1"/*; do
	release=${kernel##*/}
	echo "$release:"
	kldsim check -q --sarif "$3/$release.sarif" "$kernel" "$2"/*.pkg ||
	    status=$?
done
exit "$status"
