#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A Debian root that has nothing but what debootstrap(8) puts into it, and a
# script that runs in it as root.
#
# usage: bare.sh ROOT SCRIPT FILE...
#
# ROOT is made if it is not there.  The script and the files (folders too) are
# copied to /tmp/kldsim in it.  What is mounted, a mount namespace has to itself,
# so that nothing stays mounted.
set -eu

root=$1
script=$2
shift

suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
if [ ! -d "$root" ]; then
	rm -rf "$root.new"
	debootstrap --variant=minbase "$suite" "$root.new" \
	    "${KLDSIM_MIRROR:-http://deb.debian.org/debian}"
	mv "$root.new" "$root"
fi
# Where names and packages come from, as here.
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
	[ ! -f "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
done
rm -rf "$root/tmp/kldsim"
mkdir -p "$root/tmp/kldsim" "$root/dev/shm"
cp -R "$@" "$root/tmp/kldsim"
exec unshare --mount sh -eu -c '
	mount -t proc proc "$1/proc"
	mount -t tmpfs tmpfs "$1/dev/shm"
	mount -t devpts -o ptmxmode=0666 devpts "$1/dev/pts" # terminals for tests
	cd /
	exec env -i HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    chroot "$1" sh -eu "/tmp/kldsim/$2"' \
    sh "$root" "$(basename "$script")"
