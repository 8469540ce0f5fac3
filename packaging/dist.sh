#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Writes build/kldsim-VERSION.tar.gz, of the last commit, and says so.
set -eu
cd "$(dirname "$0")/.."

number=$(sed -n 's/^#define KLDSIM_VERSION //p' include/kldsim/status.h)
version=$((number / 10000)).$((number / 100 % 100)).$((number % 100))
mkdir -p build
if ! git rev-parse --git-dir >/dev/null 2>&1; then
	echo "a tarball is made of a git repository, and this is none" >&2
	exit 1
fi
git archive --format=tar --prefix="kldsim-$version/" HEAD |
    gzip -9n >"build/kldsim-$version.tar.gz"
echo "build/kldsim-$version.tar.gz"
