#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds Debian packages of a tarball, as Debian would, and asks lintian(1).
#
# usage: debian.sh TARBALL FOLDER
set -eu

tarball=$1
out=$2
name=$(basename "$tarball" .tar.gz)	# kldsim-0.1.0
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$out"
mkdir -p "$out"
cp "$tarball" "$out/kldsim_${name#kldsim-}.orig.tar.gz"
tar -xzf "$tarball" -C "$out"
cd "$out/$name"
mv packaging/debian debian
cp -R debian packaging/debian		# the tarball stays as it was
"${PYTHON:-python3}" debian/changelog.py CHANGELOG.md \
    "$(sed -n 's/^Maintainer: //p' debian/control)" >debian/changelog
dpkg-buildpackage -us -uc
cd ..
lintian --fail-on error,warning --suppress-tags-from-file \
    "$here/lintian.allowed" ./*.changes
