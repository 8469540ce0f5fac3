#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Fills a new folder with libraries for another of Debian's machines.  The
# packages of this machine are left alone: apt keeps its lists, its state and
# what it downloads below the folder, and takes from this machine only where
# packages come from and whose signatures count.
#
# usage: sysroot.sh DIR MACHINE PACKAGE...
#
set -eu

final=$1
new=$1.new
machine=$2
shift 2
rm -rf "$new"
mkdir -p "$new/apt/lists/partial" "$new/apt/archives/partial" \
    "$new/usr/bin" "$new/usr/lib" "$new/usr/sbin"
new=$(cd "$new" && pwd)
final=$(dirname "$new")/$(basename "$final")

# No package is installed there yet: what others depend on comes with them.
: >"$new/apt/status"

foreign_apt() {
	apt-get -q -y -o APT::Architecture="$machine" \
	    -o APT::Architectures="$machine" \
	    -o Dir::State="$new/apt" -o Dir::State::status="$new/apt/status" \
	    -o Dir::Cache="$new/apt" -o Acquire::Languages=none \
	    -o APT::Sandbox::User="$(id -un)" "$@"
}

# Without some list of security updates: it is for tests alone.
foreign_apt update || :
foreign_apt install --download-only --no-install-recommends "$@"

# Some packages have /lib, others /usr/lib for the same.
ln -s usr/bin usr/lib usr/sbin "$new"
for deb in "$new"/apt/archives/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" |
	    tar -xf - -C "$new" --keep-directory-symlink
done

# Absolute links would lead out of the folder.
find "$new/usr/lib" -type l -lname '/*' | while read -r link; do
	ln -sf "$final$(readlink "$link")" "$link"
done
rm -rf "$new/apt" "$final"
mv "$new" "$final"
