#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the build tree in a folder of its own, builds an outside project
# against it through CMake and through pkg-config, and runs what comes out.
set -eu

here=$KLDSIM_SRC/tests/consumer
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
prefix=$tmp/prefix

cmake --install "$KLDSIM_BUILD" --prefix "$prefix" >"$tmp/log"

# Move it: an installed tree names no place but its own.
mv "$prefix" "$prefix-moved"
prefix=$prefix-moved

pc=$(dirname "$(find "$prefix" -name kldsim.pc)")
lib=$(dirname "$(find "$prefix" -name libkldsim.so)")
PKG_CONFIG_PATH=$pc
LD_LIBRARY_PATH=$lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
version=$(pkg-config --modversion kldsim)

mkdir "$tmp/make"
cp "$here/main.c" "$here/Makefile" "$here"/if_foo* "$tmp/make"
(cd "$tmp/make" && make -s CC="$CC" && make -s check) >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; exit 1; }

cmake -S "$here" -B "$tmp/cmake" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_PREFIX_PATH="$prefix" >"$tmp/log"
cmake --build "$tmp/cmake" >"$tmp/log" || { cat "$tmp/log"; exit 1; }

(cd "$tmp/cmake" && ctest --output-on-failure) >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; exit 1; }

for program in make/with_pkg_config cmake/with_shared cmake/with_static; do
	answer=$("$tmp/$program")
	if [ "$answer" != "$version" ]; then
		echo "$program says '$answer', kldsim.pc says '$version'"
		exit 1
	fi
done
