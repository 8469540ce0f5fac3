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
cp -R "$here/main.c" "$here/Makefile" "$KLDSIM_SRC"/examples/if_foo* \
    "$here/libkvm" "$tmp/make"
(cd "$tmp/make" && make -s CC="$CC" && make -s check) >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; exit 1; }

# The example of kldsim(3): the page is installed, and its program works.
sed -n '/^#include/,/^\.Ed/{/^\.Ed/!p;}' "$prefix/share/man/man3/kldsim.3" |
    sed 's/\\e/\\/g' >"$tmp/make/page.c"
(cd "$tmp/make" && "$CC" -std=c11 -Wall -Wextra -Werror -o page page.c \
    $(pkg-config --cflags --libs kldsim) &&
    "$KLDSIM" synth libkvm/kernel.yaml -o kernel &&
    "$KLDSIM" synth libkvm/foo.yaml -o foo.ko &&
    ./page kernel foo.ko >have && ! ./page kernel kernel >>have)
[ "$(tail -n 2 "$tmp/make/have")" = 'foo.ko: loaded
kernel: EEXIST' ]

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

# Q-32: a consumer of libkvm asks a kernel with a module.
cd "$tmp/make"
"$KLDSIM" synth libkvm/kernel.yaml -o kernel
"$KLDSIM" synth libkvm/foo.yaml -o foo.ko
echo "kldload $PWD/foo.ko" >foo.kld
echo "vnet create" >>foo.kld
./vars kernel foo.kld _ticks _if_index _foo_limit _load >have
cut -d ' ' -f 1,2 have | paste -s -d ' ' - >values
if [ "$(cat values)" != "_ticks: 1000 _if_index: 3 _foo_limit: 5 _load: 7" ]
then
	echo "vars says:"
	cat have
	exit 1
fi
# The copy of vnet0, and not the reference copy in the kernel's image.
grep -q '^_if_index: 3 at 0xfffffe' have
if ./vars kernel foo.kld _ticks _nope >have; then
	echo "vars has found what is not there"
	exit 1
fi
grep -q '^_nope: not there' have
