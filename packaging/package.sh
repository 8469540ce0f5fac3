#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian packages of the last commit: built, looked at by lintian(1), and then
# tried in a root of their own; with --bare, README's first commands in another.
set -eu
cd "$(dirname "$0")/.."

case ${1-} in
'' | --bare) ;;
*) echo "usage: ./dev package [--bare]" >&2; exit 2 ;;
esac

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

tarball=$(sh packaging/dist.sh)
echo "building build/package"
sh packaging/debian.sh "$tarball" "$PWD/build/package" >build/package.log \
    2>&1 || {
	tail -n 40 build/package.log
	exit 1
}
echo "trying the packages in build/bare-root"
as_root sh packaging/bare.sh "$PWD/build/bare-root" packaging/cycle.sh \
    build/package/*.deb tests/consumer/libkvm/*.yaml
[ "${1-}" = --bare ] || exit 0
echo "running README's first commands in build/bare-clone"
as_root rm -rf build/bare-clone build/clone
git clone -q . build/clone
as_root sh packaging/bare.sh "$PWD/build/bare-clone" packaging/first.sh \
    build/clone
